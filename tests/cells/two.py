"""Two cells: each a database, a hub and its application; and a router before them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
import httpx
from cryptography.fernet import Fernet

from app.actions.move_steps import Cell, Mover
from app.actions.move_store import Wanted, advance, begin
from app.db.accounts import AccountBook
from app.db.conn import pool as open_pool
from app.db.conn import prepare
from app.db.sealing import Seal
from app.hub import Hub
from tests.conftest import MASTER_KEY, UNHURRIED, api_of, copy_of, hub_on, quick

URL = "https://{}.hub.example"


@dataclass
class Side:
    """One cell as its users see it."""

    name: str
    dsn: str
    hub: Hub
    api: httpx.AsyncClient
    key: str

    @property
    def seal(self):
        return Seal(self.key)

    async def rows(self, sql, *args):
        async with self.hub.pools.picking.acquire() as conn:
            return await conn.fetch(sql, *args)

    async def value(self, sql, *args):
        async with self.hub.pools.picking.acquire() as conn:
            return await conn.fetchval(sql, *args)

    @property
    def sent(self):
        """What this cell has told the marketplace."""
        return [(m.order.external_id, m.kind) for m in self.hub.marketplaces["kuper"].sent]


@dataclass
class Two:
    """Both cells, and where the router sends hooks."""

    a: Side
    b: Side
    routes: dict[str, str] = field(default_factory=dict)

    def of(self, account="sm-demo"):
        """The cell that an account's hooks go to."""
        return {"a": self.a, "b": self.b}[self.routes.get(account, "a")]

    async def flip(self, accounts, cell):
        self.routes |= dict.fromkeys(accounts, cell)

    @asynccontextmanager
    async def mover(self, source, target, **fast) -> AsyncIterator[Mover]:
        """A mover of its own: connections end with it, as with a killed process."""
        async with AsyncExitStack() as stack:
            ends = []
            for side in (source, target):
                conn = await asyncpg.connect(side.dsn)
                stack.push_async_callback(conn.close)
                await prepare(conn)
                ends.append(Cell(side.name, conn, side.seal))
            yield Mover(*ends, self.flip, **({"grace": 0.1, "pause": 0.02} | fast))

    async def move(self, source, target, store="MSK-07", series=None):
        """All steps, by one mover; their names."""
        async with self.mover(source, target) as mover:
            await begin(mover, Wanted(store, URL.format(target.name), series))
            return [name async for name in steps(mover)]


async def steps(mover):
    """The steps of the move that is under way, as they are done."""
    while (name := await advance(mover)) is not None:
        yield name


@asynccontextmanager
async def two_cells(seeded, template) -> AsyncIterator[Two]:
    """The demo in the first cell, nothing in the second; each has a master key of its own."""
    async with AsyncExitStack() as stack:
        sides = []
        for name, database, key in (
            ("a", seeded, MASTER_KEY), ("b", template, Fernet.generate_key().decode()),
        ):  # fmt: skip
            dsn = await stack.enter_async_context(copy_of(database))
            pool = await stack.enter_async_context(open_pool(dsn, 8, name="test", **UNHURRIED))
            book = AccountBook(pool, Seal(key))
            hub = quick(hub_on(pool), accounts=book, worker=f"test-{name}")
            api = await stack.enter_async_context(api_of(hub))
            sides.append(Side(name, dsn, hub, api, key))
        yield Two(*sides)
