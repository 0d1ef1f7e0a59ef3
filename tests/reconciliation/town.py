"""The real adapter and СМ's stand-in in one process, for thousands of orders: webhooks go straight
to `receive`, calls straight to the stand-in, and a shop picks whatever is there."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

import httpx
import structlog

from app.actions.carry_out import carry_out
from app.actions.deliver import deliver
from app.actions.drain import drain
from app.actions.gather import GroupCommit
from app.actions.process import process
from app.actions.receive import Knock, receive
from app.actions.reconcile import reconcile
from app.contract import Call
from app.db import orders
from app.db.queue import Queue
from app.db.timeline import Entry
from app.domain import events as ev
from app.domain.decide import Decision, decide
from app.domain.order import Order, Unit
from app.hub import Hub
from app.marketplaces.kuper import Kuper
from app.marketplaces.tools import Tools
from app.sandbox.kuper.app import create_app
from app.sandbox.kuper.shares import Bounds, Pace, Shares
from app.sandbox.kuper.shipment import Shipment, State
from app.sandbox.kuper.stand_in import StandIn
from app.sandbox.kuper.switches import Switches
from app.sandbox.kuper.wishes import Wish, WishedPosition, place
from app.sandbox.world import World
from tests.conftest import CREDENTIALS, quick
from tests.domain.build import the_terms
from tests.reconciliation.market import AT_ONCE

#: What customers order: by the piece and by weight, nothing that needs a mark.
GOODS = (("100201", 3, None), ("100202", 2, None), ("200101", 1, 1000))
#: Three hundred times as fast as the demo.
PACE = Pace(factor=0.003)
DONE = (State.SHIPPED, State.CANCELED)


class Wire(httpx.AsyncBaseTransport):
    """The hub's webhooks without HTTP: what a marketplace posts is received."""

    def __init__(self, hub: Hub) -> None:
        self._hub, self._commits = hub, GroupCommit(hub.pools.hooks, 60.0)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        headers = {name.lower(): value for name, value in request.headers.items()}
        account = request.url.path.rpartition("/")[2]
        knock = Knock(account, Call(headers, await request.aread()), "trace")
        reply = await receive(self._hub, self._commits, knock)
        return httpx.Response(reply.status, content=reply.body)


@dataclass
class Town:
    """One hub, one marketplace, thousands of customers."""

    hub: Hub
    stand_in: StandIn
    rng: Random

    def order(self, trouble: str | None) -> Shipment:
        """A customer orders one or two things."""
        picked = self.rng.sample(GOODS, self.rng.choice((1, 1, 2)))
        positions = [WishedPosition(sku, n, grams) for sku, n, grams in picked]
        return place(self.stand_in, Wish(positions=positions, trouble=trouble))[0]

    async def work(self) -> None:
        """Until nothing is due, nothing is on its way here, and nobody out there plans anything."""
        async with asyncio.timeout(900):
            while True:
                heard = [drain(self.hub, Queue.INBOX, process, asyncio.Event()) for _ in range(2)]
                told = drain(self.hub, Queue.OUTBOX, deliver, asyncio.Event())
                done = sum(await asyncio.gather(*heard, told))
                if not done and not self.stand_in.busy() and not await self._put_off():
                    return
                if not done:
                    await asyncio.sleep(0.02)

    async def _put_off(self) -> bool:
        """Whether something here waits for another try; news of no order waits for its order."""
        (left,) = await self.sql(
            "SELECT count(*) FROM queue_item"
            " WHERE queue IN ('inbox', 'outbox') AND state IN ('waiting', 'leased')"
        )
        return left["count"] > 0

    async def look(self) -> int:
        """Look until the look is at its end; how many gaps there were."""
        await self.sql("UPDATE reconciliation SET asked_at = now()")
        found = 0
        while True:
            found += int((await reconcile(self.hub, AT_ONCE)).split()[2])
            await self.work()
            (left,) = await self.sql("SELECT count(*) FROM reconciliation_run"
                                     " WHERE state = 'running'")  # fmt: skip
            if not left["count"]:
                return found
            await self.sql("UPDATE reconciliation SET retry_at = '-infinity'")

    async def pick_all(self) -> None:
        """Everything that waits is picked, four pickers at a time."""
        rows = await self.sql("SELECT id FROM orders WHERE state = 'accepted' ORDER BY id")
        waiting = [row["id"] for row in rows]

        async def picker() -> None:
            while waiting:
                await self._pick(waiting.pop())

        await asyncio.gather(*(picker() for _ in range(4)))

    async def _pick(self, order_id) -> None:
        async with self.hub.pools.picking.acquire() as conn, conn.transaction():
            before = await orders.lock(conn, order_id)
            if before.state != "accepted":
                return
            decision = self._picked(before)
            account = await self.hub.accounts.by_id(before.account_id, conn)
            tells = self.hub.marketplaces["kuper"].tells(account)
            cause = Entry("picker", "1001", "trace", {})
            await carry_out(conn, before, decision, cause, tells)

    def _picked(self, order: Order) -> Decision:
        """Begun, picked (now and then less than all), closed and ready: one decision."""
        decision = decide(order, ev.Started(), the_terms())
        chance = self.rng.random()
        for line in order.wanted():
            event = _outcome(line, less=chance < 0.05)
            decision = decision.then(decide(decision.order, event, the_terms()))
        for event in (ev.Completed(), ev.Readied()):
            decision = decision.then(decide(decision.order, event, the_terms()))
        return decision

    async def sql(self, statement, *values):
        async with self.hub.pools.picking.acquire() as conn:
            return await conn.fetch(statement, *values)


def _outcome(line, *, less: bool):
    half = (line.requested_grams or line.requested_pieces) // 2
    if less and half:
        return ev.LineShort(line.id, half, "shelf_empty")
    if line.unit is Unit.WEIGHT:
        return ev.LineWeighed(line.id, line.requested_grams, line.requested_pieces)
    return ev.LinePicked(line.id, line.requested_pieces)


@asynccontextmanager
async def town_of(hub: Hub, switches: Switches, seed: int) -> AsyncIterator[Town]:
    """A town whose clock runs three hundred times as fast."""
    rng = Random(seed)
    tokens = iter(range(1, 10_000))
    world = World(
        lambda: datetime.now(UTC), rng, lambda size: f"{next(tokens):0{size * 2}x}", Wire(hub)
    )
    bounds = Bounds(shipments=10_000, first_pause=0.05, longest_pause=1.0)
    stand_in = StandIn(CREDENTIALS, world, switches, Shares(), PACE, bounds)
    near = httpx.ASGITransport(_Mounted(create_app(stand_in)))
    async with httpx.AsyncClient(transport=near) as http, stand_in.running(), silence():
        adapter = Kuper(Tools(http))
        town = Town(quick(hub, marketplaces={"kuper": adapter}), stand_in, rng)
        await town.sql("UPDATE account SET created_at = now() - interval '2 days', rules = rules ||"
                       ' \'{"calls_per_minute": 60000, "calls_at_once": 1000}\'')  # fmt: skip
        await town.sql("UPDATE product SET marked = false")  # nobody here scans marks
        yield town


@asynccontextmanager
async def silence() -> AsyncIterator[None]:
    """Tens of thousands of log lines nobody reads would take longer than what they are about."""
    before = structlog.get_config()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    try:
        yield
    finally:
        structlog.configure(**before)


class _Mounted:
    """The stand-in under /kuper."""

    def __init__(self, app) -> None:
        self._app = app

    async def __call__(self, scope, receive, send) -> None:
        path = scope["path"].removeprefix("/kuper")
        await self._app(scope | {"path": path}, receive, send)
