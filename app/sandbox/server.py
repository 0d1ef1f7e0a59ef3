"""The sandbox's server: all stand-ins behind one loopback port, and a page that names them."""

from __future__ import annotations

import random
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import httpx
import structlog
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount, Route
from starlette.types import Lifespan

from app.sandbox import index
from app.sandbox.credentials import BUCKET, KEY_ID, Credentials
from app.sandbox.erp.app import create_app as create_erp
from app.sandbox.erp.books import Books
from app.sandbox.kuper.app import create_app as create_kuper
from app.sandbox.kuper.stand_in import StandIn
from app.sandbox.kuper.switches import Switches
from app.sandbox.market_bench import Bench
from app.sandbox.marking.app import Register
from app.sandbox.marking.app import create_app as create_marking
from app.sandbox.s3 import app as s3
from app.sandbox.settings import SandboxSettings
from app.sandbox.telegram.app import create_app as create_telegram
from app.sandbox.telegram.bot import Bot
from app.sandbox.world import World

LOOPBACK: Final = "127.0.0.1"
GRACE: Final = 2  #: seconds open long polls get when the server stops

log = structlog.get_logger()


def create_app(
    credentials: Credentials,
    settings: SandboxSettings,
    transport: httpx.AsyncBaseTransport | None = None,
) -> Starlette:
    """Build the server: all stand-ins and the index page. `transport` replaces the network between
    them and the hub."""
    chance = random.Random(settings.seed)  # noqa: S311 - a game
    world = World(_now, chance, secrets.token_hex, transport, credentials["ca_file"])
    benches = {it["name"]: Bench(it, world) for it in credentials.get("markets", [])}
    rate, shares = Switches(rate=settings.rate), settings.shares
    kuper = StandIn(credentials, world, rate, shares, settings.pace, settings.bounds)
    bot = Bot(credentials, _now, settings.limits, transport)

    register = Register(credentials["marking"]["key"], _now)
    books = Books(credentials["erp"]["secret"], _now)
    apps = {
        "kuper": create_kuper(kuper),
        "telegram": create_telegram(bot),
        "marking": create_marking(register),
        "erp": create_erp(books),
        **{name: bench.app() for name, bench in benches.items()},
    }
    stand_ins = (*(Mount(f"/{name}", each) for name, each in apps.items()), *_bucket(credentials))
    lifespan = _running(kuper.running, bot.running, *(bench.running for bench in benches.values()))
    app = Starlette(routes=[Route("/", index.show), *stand_ins], lifespan=lifespan)
    app.state.kuper, app.state.bot, app.state.register = kuper, bot, register
    app.state.books, app.state.benches = books, benches
    return app


def _running(*lives: Callable[[], AbstractAsyncContextManager[object]]) -> Lifespan[Starlette]:
    """Those stand-ins that do something by themselves, for as long as the server lasts."""

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with AsyncExitStack() as stack:
            for life in lives:
                await stack.enter_async_context(life())
            yield

    return lifespan


def _bucket(credentials: Credentials) -> tuple[Mount, ...]:
    """What speaks S3, under the paths its clients sign, and its workbench."""
    store = s3.Store({KEY_ID: credentials["bucket"]["secret"]}, {BUCKET: {}}, _now)
    return Mount("/s3", s3.workbench(store)), Mount(f"/{BUCKET}", s3.buckets(store))


def serve(credentials: Credentials, settings: SandboxSettings) -> None:
    """Serve on loopback until SIGTERM or Ctrl-C; orders begin at once, at `settings.rate`."""
    log.info("sandbox starts", port=settings.port, orders_per_minute=settings.rate)
    config = uvicorn.Config(
        create_app(credentials, settings),
        host=LOOPBACK,
        port=settings.port,
        access_log=False,
        log_config=None,
        timeout_graceful_shutdown=GRACE,
    )
    uvicorn.Server(config).run()


def _now() -> datetime:
    return datetime.now(UTC)
