"""A chain with documents on their way to its ERPs; far sides that are ERPs, on loopback."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count

import httpx

from app.actions import destinations as acting
from app.actions.describe_erp import DestinationSetUp
from app.actions.hand_on import hand_on
from app.actions.porter import carry_due
from app.domain.retry import JITTER
from app.erp.drop import BucketDrop, FolderDrop
from app.erp.push import HttpPush
from app.erp.sftp import SftpDrop
from app.render.aside import InsidePress
from app.render.press import typeset
from app.sandbox.erp.app import create_app
from app.sandbox.erp.books import Books
from tests.conftest import SEAL

SECRET = "whsec_" + base64.b64encode(bytes(range(32))).decode()
TOKEN = "token-of-the-erp-0123456789abcdef"
#: Seconds for one call: far above what a busy machine takes.
PATIENT = 60.0
#: So many times as long as published takes each wait: its end does not come while a test looks.
STRETCHED = 60
_SERIAL = count(1)

_ORDER = """
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total, due_at)
SELECT gen_random_uuid(), store.id, account.id, $1, $1, 'delivered', 0, now()
  FROM store, account WHERE store.code = 'MSK-07' RETURNING id
"""
_DOCUMENT = """
INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year, serial,
                      number, issued_on, currency, total, vat_total, base_id, change_id, nth)
SELECT gen_random_uuid(), merchant_id, store_id, account_id, orders.id, $2, 'СМ', 2026, $3::integer,
       'СМ26-' || lpad($3::integer::text, 6, '0'), '2026-03-02', 'RUB', 12300, 0, $4,
       CASE WHEN $4::uuid IS NULL THEN NULL ELSE gen_random_uuid() END, $5
  FROM orders JOIN store ON store.id = store_id WHERE orders.id = $1 RETURNING id
"""


@dataclass
class Town:
    """A hub with ways to ERPs, and what tests do with it. `waits`: how often as long as published
    a document waits for its next try."""

    hub: object
    http: httpx.AsyncClient
    waits: int = 1
    sftp: SftpDrop = field(default_factory=SftpDrop)
    ways: dict = field(init=False)

    def __post_init__(self):
        self.ways = {
            "http": HttpPush(self.http),
            "folder": FolderDrop(),
            "s3": BucketDrop(self.http),
            "sftp": self.sftp,
        }
        press = InsidePress(typeset)
        spread = 0.5 + (self.waits - 1) / JITTER
        self.hub = replace(self.hub, erp=self.ways, press=press, spread=lambda: spread)

    async def sql(self, query, *values):
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetch(query, *values)

    async def value(self, query, *values):
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetchval(query, *values)

    async def now(self):
        return await self.value("SELECT clock_timestamp()")

    async def until(self, query, wanted):
        """Wait until a query says so, for as long as a busy machine may take."""
        async with asyncio.timeout(PATIENT):
            while await self.value(query) != wanted:  # noqa: ASYNC110 - the database tells nobody
                await asyncio.sleep(0.02)

    async def destination(self, code="erp", way="http", token=None, **said):
        what = DestinationSetUp(code=code, way=way, token=token, **said)
        async with self.hub.pools.drains.acquire() as conn:
            merchant = await conn.fetchval("SELECT id FROM merchant")
            await acting.put(conn, SEAL, merchant, what)
            return await conn.fetchval("SELECT id FROM erp_destination WHERE code = $1", code)

    async def order(self):
        return await self.value(_ORDER, f"H{next(_SERIAL)}")

    async def document(self, order=None, kind="sale", base=None, nth=1, conn=None):
        """Issue a document and hand it on, in one transaction."""
        order = order or await self.order()
        async with self.hub.pools.drains.acquire() as own, own.transaction():
            conn = conn or own
            id_ = await conn.fetchval(_DOCUMENT, order, kind, next(_SERIAL), base, nth)
            await hand_on(conn, [id_], "trace")
        return id_

    async def documents(self, number):
        return [await self.document() for _ in range(number)]

    async def number(self, document):
        return await self.value("SELECT number FROM document WHERE id = $1", document)

    async def carry(self):
        """Bring everything that is due."""
        return await carry_due(self.hub, asyncio.Event())

    async def later(self):
        """All waiting times are over."""
        await self.sql(
            "UPDATE erp_outbox SET due_at = now() WHERE state IN ('waiting', 'parked', 'leased')"
        )
        await self.sql("UPDATE erp_destination SET rest_until = '-infinity'")

    async def rows(self):
        """(state, reason, attempts) of all queue rows in their order."""
        rows = await self.sql("SELECT state, reason, attempts FROM erp_outbox ORDER BY seq")
        return [tuple(row) for row in rows]

    async def deliveries(self, document=None):
        return await self.sql(
            "SELECT * FROM erp_delivery WHERE $1::uuid IS NULL OR document_id = $1 ORDER BY seq",
            document,
        )

    async def attempts(self):
        rows = await self.sql("SELECT outcome, status, said FROM erp_attempt ORDER BY at")
        return [tuple(row) for row in rows]


@asynccontextmanager
async def town_of(hub) -> AsyncIterator[Town]:
    async with httpx.AsyncClient(timeout=PATIENT) as http:
        town = Town(hub, http)
        yield town
        await town.sftp.close()


class StandIn:
    """The sandbox's ERP behind an address of its own, without sockets. It hears nobody while it is
    not `open`."""

    def __init__(self, secret=SECRET):
        self.books = Books(secret, lambda: datetime.now(UTC))
        self.open = asyncio.Event()
        self.open.set()
        app = create_app(self.books)

        async def when_open(scope, receive, send):
            await self.open.wait()
            await app(scope, receive, send)

        self.transport = httpx.ASGITransport(when_open, raise_app_exceptions=False)

    @property
    def got(self):
        """Numbers of documents as they came, each once."""
        return [entry.document_number for entry in self.books.entries.values()]

    def say(self, **switches):
        for name, value in switches.items():
            setattr(self.books.switches, name, value)


@asynccontextmanager
async def with_stand_in(hub, waits=1) -> AsyncIterator[tuple[Town, StandIn]]:
    """A chain whose ERP is the stand-in at http://erp.local/documents."""
    erp = StandIn()
    async with httpx.AsyncClient(transport=erp.transport, timeout=PATIENT) as http:
        town = Town(hub, http, waits)
        await town.destination(
            settings={"url": "http://erp.local/documents"}, secrets={"signing": SECRET}
        )
        yield town, erp
