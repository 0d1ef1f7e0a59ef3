"""Fixtures by price: nothing (domain), `pool` (a database of one's own), `api` (hub in-process)."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import datetime
from functools import cache
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import httpx
import pytest
import pytest_asyncio
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, settings
from pytest_socket import socket_allow_hosts
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from app.actions import setup
from app.contract import Account, Answer, Message, Page
from app.db.accounts import AccountBook
from app.db.conn import STATEMENTS, Pool, prepare
from app.db.conn import pool as open_pool
from app.db.migrate import migrate
from app.db.rules import read_rules
from app.db.sealing import Seal
from app.domain.pace import FREE
from app.domain.rule import Rule
from app.errors import HubError
from app.hub import Hub, Pools
from app.main import create_app
from app.marketplaces.kuper import Kuper
from app.sandbox import credentials, demo
from tests import pooler
from tests.places import Shelf
from tests.postgres import server_dsn

#: Seconds that a request may take here, a connection and a query: on a busy machine some take long,
#: and the database is there all the same. Who tests what becomes of slow ones says so.
PATIENCE = 120.0
UNHURRIED = {"connect_timeout": PATIENCE, "slowest": PATIENCE}
# xdist tells its workers a width, which the console would keep when it is first imported there.
os.environ.pop("COLUMNS", None)

#: What a busy machine does slowly is not wrong: nothing here is judged by the clock.
settings.register_profile("hub", deadline=None, suppress_health_check=[HealthCheck.too_slow])
# What judges a commit judges it the same twice; a desk looks for new examples each time.
settings.register_profile("repeatable", settings.get_profile("hub"), derandomize=True)
settings.load_profile("repeatable" if "HUB_REPEATABLE" in os.environ else "hub")


@pytest.fixture(autouse=True)
def no_outside_network():
    """Only loopback and unix sockets: a test that needs the world is no test of ours."""
    socket_allow_hosts(["127.0.0.1", "::1", "localhost"], allow_unix_socket=True)


def with_database(dsn: str, name: str) -> str:
    """The same server, another database."""
    return urlunsplit(urlsplit(dsn)._replace(path=f"/{name}"))


@asynccontextmanager
async def database(like: str | None = None) -> AsyncIterator[str]:
    """The URL of a database of one's own, for as long as the block lasts: nothing is in it, or what
    is in another one."""
    server, name = server_dsn(), f"test_{uuid.uuid4().hex[:12]}"
    admin = await asyncpg.connect(server)
    # A copy of files takes half as long as one through the log.
    await alone(admin, f"CREATE DATABASE {name} TEMPLATE {like or 'template1'} STRATEGY file_copy")
    try:
        yield with_database(server, name)
    finally:
        await alone(admin, f"DROP DATABASE {name} WITH (FORCE)")
        await admin.close()


async def alone(admin: asyncpg.Connection, statement: str) -> None:
    """Nobody else may be in the database meanwhile; who just left it may still be on his way out,
    for longer than the server waits for him."""
    async with asyncio.timeout(120):
        while True:
            try:
                await admin.execute(statement)
            except asyncpg.ObjectInUseError:
                await asyncio.sleep(0.1)
            else:
                return


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def template() -> AsyncIterator[str]:
    """A migrated database to copy from."""
    async with database() as dsn:
        await migrate(dsn)
        yield urlsplit(dsn).path.removeprefix("/")


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def seeded(template: str) -> AsyncIterator[str]:
    """The same with the demo set-up in it: seeding each test's own would take longer than it."""
    async with database(template) as dsn:
        conn = await asyncpg.connect(dsn)
        await prepare(conn)
        await setup.set_up(conn, SEAL, {"kuper": RecordingKuper()}, DEMO)
        await conn.close()
        yield urlsplit(dsn).path.removeprefix("/")


def copy_of(template: str) -> AbstractAsyncContextManager[str]:
    """The URL of a copy of a template database, for as long as the block lasts."""
    return database(template)


@pytest.fixture
async def dsn(request: pytest.FixtureRequest, template: str, seeded: str) -> AsyncIterator[str]:
    """A database of one's own, fresh from the migrations; seeded when the test asks for a hub."""
    async with copy_of(seeded if "hub" in request.fixturenames else template) as url:
        yield url


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """The queue's own tests run straight to the server, and through a pooler where there is one."""
    if metafunc.module.__name__ in pooler.THROUGH and "pool" in metafunc.fixturenames:
        ways = [None, program] if (program := pooler.program()) else [None]
        names = ["straight", "pooled"][: len(ways)]
        metafunc.parametrize("before", ways, indirect=True, ids=names)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if pooler.program() is None:
        terminalreporter.line("No pgbouncer here: left out are the queue's tests through a pooler.")


@pytest.fixture(scope="session")
def before(request: pytest.FixtureRequest) -> Iterator[pooler.Pooler | None]:
    """What stands before the server: nothing, or a pooler."""
    if (program := getattr(request, "param", None)) is None:
        yield None
    else:
        with pooler.pooling(program, server_dsn()) as running:
            yield running


@pytest.fixture
async def pool(dsn: str, before: pooler.Pooler | None) -> AsyncIterator[Pool]:
    url, kept = (before.dsn(dsn), before.statements) if before else (dsn, STATEMENTS)
    async with open_pool(url, 8, name="test", statement_cache=kept, **UNHURRIED) as opened:
        yield opened


class RecordingKuper(Kuper):
    """The real adapter, but its calls go to a list; `fails` are raised first, one per call."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.fails: list[HubError] = []

    async def send(self, account: Account, message: Message) -> Answer:
        if self.fails:
            raise self.fails.pop(0)
        self.sent.append(message)
        return Answer("delivered", 200, "{}")

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        return Page(())

    async def probe(self, account: Account) -> str:
        return f"as recorded, {account.code}"


#: The demo set-up with secrets everybody may read: nothing real.
CREDENTIALS = credentials.make(
    "https://localhost:1", "/nowhere/ca.pem", 1, lambda n: "5ec7e7" * (n // 3)
)
ACCOUNT = CREDENTIALS["accounts"][0]
TOKEN = ACCOUNT["headers"]
MASTER_KEY = Fernet.generate_key().decode()
SEAL = Seal(MASTER_KEY)
#: Without the stand-in of the ERP: what is issued goes nowhere unless a test says where.
DEMO = setup.read(json.dumps(demo.description(CREDENTIALS) | {"destinations": []}).encode())


@pytest.fixture
async def hub(pool: Pool) -> Hub:
    """A seeded hub whose marketplace is a list, and whose clock does not jitter."""
    return hub_on(pool)


def hub_on(pool: Pool) -> Hub:
    """A hub on a seeded database, all its pools one, that gives its requests time."""
    return Hub(
        pools=Pools(pool, pool, pool),
        accounts=AccountBook(pool, SEAL),
        marketplaces={"kuper": RecordingKuper()},
        worker="test",
        rules=dict(_rules()),
        paces=FREE,
        files=Shelf(),
        spread=lambda: 0.5,
        original_account="sm-demo",
        patience=PATIENCE,
        rule_patience=int(1000 * PATIENCE),
        under_test=True,
    )


@cache
def _rules() -> dict[str, Rule]:
    return {rule.name: rule for rule in read_rules()}


@pytest.fixture
async def api(hub: Hub) -> AsyncIterator[httpx.AsyncClient]:
    """The web application around the same hub, in this process; drains are called by hand."""
    async with api_of(hub) as client:
        yield client


@asynccontextmanager
async def api_of(hub: Hub, peer: str = "127.0.0.1") -> AsyncIterator[httpx.AsyncClient]:
    """A client of the web application around this hub, without sockets; `peer` connects."""

    @asynccontextmanager
    async def opened():
        yield hub

    app = create_app(opened, drains=False)
    async with app.router.lifespan_context(app) as state:

        async def with_state(scope, receive, send):
            await app(scope | {"state": dict(state)}, receive, send)

        # As uvicorn wraps it: 127.0.0.1 is the gateway.
        served = ProxyHeadersMiddleware(with_state, "127.0.0.1")
        transport = httpx.ASGITransport(served, raise_app_exceptions=False, client=(peer, 1))
        async with httpx.AsyncClient(transport=transport, base_url="http://hub") as client:
            yield client


def quick(hub: Hub, **changes) -> Hub:
    """The same hub with something replaced."""
    return replace(hub, **changes)
