"""`python life.py ROOT DSN KEY WORD…`: what a hub with the code under ROOT does in its life, on a
database that others have used. Runs with older code, too: it asks for what every release has."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import asyncpg

import app
from app.actions import setup
from app.actions.issue import issue
from app.db.accounts import AccountBook
from app.db.conn import pool as open_pool
from app.db.conn import prepare
from app.db.queries import SQL, load
from app.db.rules import prove, read_rules
from app.db.sealing import Seal
from tests.conftest import DEMO, RecordingKuper, api_of, hub_on, quick
from tests.factories import BREAD, news, settle
from tests.stories import hook, know, make_ready, place

_MAKES = "CREATE FUNCTION pg_temp."
PATIENCE = 120.0
_SOLD = "SELECT count(*) FROM document JOIN orders ON orders.id = order_id WHERE external_id = $1"


class Life:
    """One process's hub, its gateway, and a connection."""

    def __init__(self, hub, api, conn, seal):
        self.hub, self.api, self.conn, self.seal = hub, api, conn, seal

    async def seed(self, _ref):
        """A chain with goods and a marketplace."""
        await setup.set_up(self.conn, self.seal, {"kuper": RecordingKuper()}, DEMO)
        await know(self.hub, BREAD)

    async def place(self, ref):
        """An order comes in and is accepted."""
        await place(self.api, self.hub, ref, BREAD)
        assert await self._state(ref) == "accepted", await self._state(ref)

    async def finish(self, ref):
        """The only order there is to pick, whoever took it in: picked, told, delivered, sold."""
        handheld = await make_ready(self.api, self.hub)
        assert handheld.order["number"].endswith(ref), handheld.order["number"]
        told = [message.kind for message in self.hub.marketplaces["kuper"].sent]
        assert "ready" in told, told
        for event in ("order.paid", "order.received", "order.delivered"):
            assert (await hook(self.api, news(event, ref))).status_code == 200
        await settle(self.hub)
        assert await self._state(ref) == "delivered", await self._state(ref)
        await issue(self.hub)
        assert await self.conn.fetchval(_SOLD, ref) == 1

    async def ask(self, _ref):
        """Everything the code ever asks is understood: every query, every rule."""
        for path in sorted((SQL / "queries").glob("*.sql")):
            for sql in load(path.stem).values():
                await self.conn.prepare(sql)
                if _MAKES in sql:  # what the file's other queries call
                    await self.conn.execute(sql)
        await prove(self.conn, read_rules())

    async def _state(self, ref):
        return await self.conn.fetchval("SELECT state FROM orders WHERE external_id = $1", ref)


async def live(dsn, key, words):
    """Do what each word says: verb or verb:order."""
    seal = Seal(key)
    conn = await asyncpg.connect(dsn)
    await prepare(conn)
    async with open_pool(dsn, 4, name="life", connect_timeout=PATIENCE) as pool:
        hub = quick(hub_on(pool), accounts=AccountBook(pool, seal))
        async with api_of(hub) as api:
            for word in words:
                verb, _, ref = word.partition(":")
                await getattr(Life(hub, api, conn, seal), verb)(ref)
    await conn.close()


if __name__ == "__main__":
    root, dsn_, key_, *words_ = sys.argv[1:]
    assert Path(app.__file__).is_relative_to(root), f"{app.__file__} is not of {root}"
    asyncio.run(live(dsn_, key_, words_))
