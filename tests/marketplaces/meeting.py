"""A marketplace's stand-in and the hub, over HTTP both ways: the adapter of the registry, a real
database, a picker with a handheld. Drains are run by hand, so nothing waits for a clock."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Final

import httpx
import msgspec
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from app.actions import setup
from app.actions.describe import AccountSetUp
from app.actions.reconcile import Manners, reconcile
from app.contract import Message
from app.db import orders
from app.db.conn import Pool
from app.db.tokens import TokenBook
from app.domain.order import Order
from app.hub import Hub
from app.marketplaces.registry import REGISTRY
from app.marketplaces.tools import Tools
from app.sandbox.stall import Basket, Goods, Stall
from app.sandbox.world import World
from tests.conftest import DEMO, SEAL, api_of, hub_on
from tests.factories import Handheld, mark, settle
from tests.marketplaces import patient
from tests.marketplaces.party import BANANAS, Party
from tests.sandbox.conftest import counting_hex, listening, serving

STORE = "MSK-07"
#: What is put off is so for an hour longer than it says: a test says when its time has come, not a
#: machine that stood still for some seconds.
_LATER: Final = """
CREATE FUNCTION later() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.due_at := NEW.due_at + interval '1 hour';
    RETURN NEW;
END $$;
CREATE TRIGGER later BEFORE UPDATE ON queue_item FOR EACH ROW
  WHEN (NEW.state IN ('waiting', 'parked') AND NEW.due_at <> OLD.due_at
        AND NEW.due_at > clock_timestamp() + interval '1 second')
  EXECUTE FUNCTION later()
"""


@dataclass
class Meeting:
    """The hub, the marketplace, and a handheld in the shop."""

    hub: Hub
    stall: Stall
    api: httpx.AsyncClient
    party: Party

    async def place(self, *goods: Goods, **basket: str) -> str:
        """A customer orders, and the hub has worked through what it was told."""
        ref = await self.stall.place(Basket(goods or self.party.goods, **basket))
        await self.settle()
        return ref

    async def happen(self, ref: str, *what: str) -> None:
        """Things happen at the marketplace, one after another."""
        for each in what:
            await self.stall.happen(ref, each)
            await self.settle()
            if self.party.untold:
                await self._compare()

    async def _compare(self) -> None:
        """A look at the list, whatever the schedule says."""
        async with self.hub.pools.picking.acquire() as conn:
            await conn.execute(
                "INSERT INTO reconciliation (account_id, asked_at) SELECT id, now() FROM account"
                " WHERE code = 'market' ON CONFLICT (account_id)"
                " DO UPDATE SET asked_at = now(), retry_at = '-infinity'"
            )
            await conn.execute("UPDATE account_gate SET arrival = 'epoch', rest_until = 'epoch'")
        await reconcile(self.hub, Manners(settle=timedelta(0)))
        await self.settle()

    async def settle(self) -> None:
        """The hub works everything off; a marketplace that asks instead of being told asks."""
        await settle(self.hub)
        await self.stall.look()
        await settle(self.hub)  # what it had to say to that

    async def order(self, ref: str) -> Order:
        """The order as the hub knows it."""
        async with self.hub.pools.picking.acquire() as conn:
            account = await conn.fetchval("SELECT id FROM account WHERE code = 'market'")
            found = await orders.by_external(conn, account, ref)
        assert found is not None, (ref, await self.trouble())
        return found

    async def trouble(self) -> list[dict]:
        """What is not done, for whoever reads why a test failed."""
        async with self.hub.pools.picking.acquire() as conn:
            rows = await conn.fetch(
                "SELECT queue, state, reason, last_error FROM queue_item"
                " WHERE state NOT IN ('done', 'superseded')"
            )
        return [*map(dict, rows), {"refused by the stand-in": self.stall.refused}]

    async def begin(self) -> Handheld:
        """A picker takes the most urgent order."""
        handheld = await Handheld(self.api).sign_in()
        await handheld.next()
        await handheld.do("start")
        return handheld

    async def pick(self, handheld: Handheld, *, short: str = "", drop: str = "") -> dict[str, int]:
        """Everything is found, but for a line short by one and one not found at all; weighed goods
        are 4 % heavier. What was found, by SKU."""
        found: dict[str, int] = {}
        for line in handheld.order["lines"]:
            sku, wanted = line["sku"], line["requested"]
            if sku == drop:
                await handheld.do("drop", line=sku, reason="not_found")
                found[sku] = 0
            elif line["unit"] == "weight":
                grams = wanted["grams"] * 104 // 100
                await handheld.do("weigh", line=sku, grams=grams, source="scale")
                found[sku] = grams
            elif sku == short:
                pieces = wanted["pieces"] - 1
                await handheld.do("short", line=sku, quantity=pieces, reason="shelf_empty")
                found[sku] = pieces
            else:
                marks = [mark() for _ in range(wanted["pieces"])] if line.get("marked") else []
                more = {"marks": marks} if marks else {}
                await handheld.do("pick", line=sku, quantity=wanted["pieces"], **more)
                found[sku] = wanted["pieces"]
        return found

    async def finish(self, handheld: Handheld) -> None:
        """All outcomes are there, the order is packed, the marketplace is told."""
        await handheld.do("complete")
        await self.settle()
        await handheld.do("ready", bags=2)
        await self.settle()


@asynccontextmanager
async def meeting(pool: Pool, party: Party, *, seed: int = 1) -> AsyncIterator[Meeting]:
    """A meeting; `pool` is of a database with the demo set-up."""
    assert party.stand_in is not None
    name = party.account.adapter
    async with patient.client() as http:
        tools = Tools(http, TokenBook(pool, SEAL))
        hub = replace(hub_on(pool), marketplaces={name: REGISTRY[name](tools)})
        async with api_of(hub) as api, _stall(party, api, seed) as (stall, url):
            await _introduce(pool, hub, party, stall, url)
            yield Meeting(hub, stall, api, party)


@asynccontextmanager
async def _stall(
    party: Party, api: httpx.AsyncClient, seed: int
) -> AsyncIterator[tuple[Stall, str]]:
    assert party.stand_in is not None
    chance = Random(seed)
    world = World(lambda: datetime.now(UTC), chance, counting_hex(), api._transport)
    secrets = party.stand_in.made_up(world.token_hex)
    stall = party.stand_in("http://hub/hooks/market", secrets, world)
    only = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1"])
    async with serving(Starlette(routes=stall.routes(), middleware=[only]), listening()) as url:
        yield stall, url
        await stall.close()


async def _introduce(pool: Pool, hub: Hub, party: Party, stall: Stall, url: str) -> None:
    """The account of the hub with this marketplace."""
    name = party.account.adapter
    account = AccountSetUp(
        code="market", adapter=name, settings=stall.settings(url), secrets=dict(stall.secrets),
        stores={"101": STORE},
    )  # fmt: skip
    what = msgspec.structs.replace(
        DEMO, accounts=[account], pickers=[], operators=[], clients=[], products=[]
    )
    async with pool.acquire() as conn:
        await setup.set_up(conn, SEAL, hub.marketplaces, what)
        await conn.execute(_LATER)


__all__ = ["BANANAS", "Meeting", "Message", "meeting"]
