"""Any number of pickers claim, take over, pause, release and lose leases in any order, and at once:
one holder of an order or a zone, the whole and a zone never side by side, one order a picker, and
nothing that was picked is ever lost."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.factories import BANANAS, BREAD, MILK, Handheld
from tests.flow.shared import World, world_of
from tests.http.picking import BANANAS_ID, BREAD_ID, device, order
from tests.http.ways.people import supervisor

ORDERS, PICKERS = 3, 3
ZONES = {BREAD_ID: "A", BANANAS_ID: "B", MILK["id"]: ""}
#: Verbs on an order as a whole: (verb, body).
DEEDS: dict[str, tuple[str, dict[str, Any]]] = {
    "claim": ("claim", {}),
    "claim A": ("claim", {"zone": "A"}),
    "claim B": ("claim", {"zone": "B"}),
    "ask for it": ("takeover", {}),
    "take it": ("takeover", {"confirm": True}),
    "take A": ("takeover", {"confirm": True, "zone": "A"}),
    "release": ("release", {"reason": "x"}),
    "release B": ("release", {"reason": "x", "zone": "B"}),
    "start": ("start", {}),
    "pause": ("pause", {}),
    "resume": ("resume", {}),
}
#: What any of it may be answered with; anything else is a bug.
ANSWERS = {
    200, "ALREADY_CLAIMED", "ALREADY_PICKING", "TAKEOVER_UNCONFIRMED", "LEASE_LOST", "NOT_ASSIGNED",
    "VERSION_CONFLICT", "ILLEGAL_TRANSITION", "OPERATION_IN_PROGRESS",
}  # fmt: skip
HELD = "SELECT order_id, zone, picker_id, lease_until > now() AS stands FROM pick_job WHERE state IN ('claimed', 'active', 'paused')"  # noqa: E501


class Shop:
    """Three pickers and three orders; `picked` is what the hub said it had written down."""

    def __init__(self, world: World, handhelds: list[Handheld]) -> None:
        self.world, self.handhelds = world, handhelds
        self.orders: list[str] = []
        self.picked: dict[tuple[str, str], int] = {}

    async def open(self) -> None:
        """A new day: new orders, free hands."""
        world = self.world
        await world.value("UPDATE orders SET state = 'cancelled', ended_at = now()")
        numbers = [await order(world, BREAD, BANANAS, MILK) for _ in range(ORDERS)]
        for sku, zone in ZONES.items():
            sql = "UPDATE order_line SET zone = $2 WHERE external_id = $1"
            await world.value(sql, sku, zone)
        sql = "SELECT id FROM orders WHERE number = $1"
        self.orders = [str(await world.value(sql, number)) for number in numbers]
        self.picked = {}

    async def deed(self, who: int, which: int, name: str) -> None:
        """One verb of one picker."""
        verb, body = DEEDS[name]
        self.check(await self.ask(who, which, verb, body))

    async def pick(self, who: int, which: int, pieces: int) -> None:
        """Bread, of zone A."""
        handheld = await self.at(who, which)
        path = f"lines/{handheld.line(BREAD_ID)['id']}/pick"
        answer = await self.send(handheld, path, {"quantity": pieces})
        self.check(answer)
        if answer.status_code == 200:
            self.picked[self.orders[which], BREAD_ID] = pieces

    async def race(self, one: tuple[int, int, str], other: tuple[int, int, str]) -> None:
        """Two verbs at once."""
        await asyncio.gather(self.deed(*one), self.deed(*other))

    async def next(self, who: int) -> None:
        """Whatever is most urgent."""
        answer = await self.handhelds[who].post("/picker/v1/orders/next")
        assert answer.status_code in (200, 204), answer.text

    async def run(self, who: int, which: tuple[int, int]) -> None:
        """Two orders together."""
        ids = [self.orders[n] for n in which]
        answer = await self.handhelds[who].post("/picker/v1/runs", {"order_ids": ids})
        self.check(answer)

    async def expire(self, which: int) -> None:
        """Time passes for one order."""
        sql = "UPDATE pick_job SET lease_until = now() - interval '1 s' WHERE order_id = $1"
        await self.world.value(sql + " AND lease_until IS NOT NULL", self.orders[which])

    async def ask(self, who: int, which: int, verb: str, body: dict[str, Any]) -> httpx.Response:
        return await self.send(await self.at(who, which), verb, body)

    async def at(self, who: int, which: int) -> Handheld:
        seen = Handheld(self.world.api)
        seen.headers, seen.order = self.handhelds[who].headers, {"id": self.orders[which]}
        await seen.reread()
        return seen

    async def send(self, seen: Handheld, path: str, body: dict[str, Any]) -> httpx.Response:
        place = f"/picker/v1/orders/{seen.order['id']}/{path}"
        return await seen.post(place, body, version=seen.order["version"])

    @staticmethod
    def check(answer: httpx.Response) -> None:
        found = 200 if answer.status_code == 200 else answer.json()["code"]
        assert found in ANSWERS, answer.text
        assert answer.status_code != 409 or "current" in answer.json() or found == (
            "OPERATION_IN_PROGRESS"
        )  # fmt: skip

    async def inspect(self) -> None:
        """What must be true after every step."""
        async with self.world.hub.pools.drains.acquire() as conn:
            held = await conn.fetch(HELD)
            lines = await conn.fetch(
                "SELECT order_id::text, external_id, picked_pieces FROM order_line"
                " WHERE picked_pieces IS NOT NULL AND order_id = ANY ($1::uuid[])", self.orders,
            )  # fmt: skip
            crowded = await conn.fetchval(
                "SELECT count(*) FROM (SELECT picker_id FROM pick_job"
                " WHERE state IN ('claimed', 'active', 'paused')"
                " GROUP BY picker_id HAVING count(DISTINCT order_id) > 1"
                " AND (bool_or(run_id IS NULL) OR count(DISTINCT run_id) > 1)) AS x"
            )
        for one in (row for row in held if row["stands"]):
            others = [row for row in held if row["stands"] and row["order_id"] == one["order_id"]]
            assert one["zone"] != "" or others == [one], "the whole beside a zone"
        assert crowded == 0, "two orders in the hands of one picker"
        kept = {(row["order_id"], row["external_id"]): row["picked_pieces"] for row in lines}
        assert kept == self.picked


@pytest.fixture(scope="module")
def shop(seeded: str) -> Iterator[tuple[asyncio.Runner, Shop]]:
    async def opened(stack: AsyncExitStack) -> Shop:
        world = await stack.enter_async_context(world_of(seeded))
        await world.value("UPDATE store SET zone_picking = true")
        handhelds = [await device(world), await device(world, "1002"), await supervisor(world)]
        return Shop(world, handhelds)

    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        yield runner, runner.run(opened(stack))
        runner.run(stack.aclose())


pickers, orders_ = st.integers(0, PICKERS - 1), st.integers(0, ORDERS - 1)
deeds = st.tuples(pickers, orders_, st.sampled_from(sorted(DEEDS)))
pairs = st.sampled_from([(0, 1), (1, 2), (2, 0)])
steps = st.one_of(
    deeds.map(lambda deed: ("deed", *deed)),
    deeds.map(lambda deed: ("deed", *deed)),
    st.tuples(st.just("race"), deeds, deeds),
    st.tuples(st.just("pick"), pickers, orders_, st.integers(0, 3)),
    st.tuples(st.just("expire"), orders_),
    st.tuples(st.just("next"), pickers),
    st.tuples(st.just("run"), pickers, pairs),
)


@example(script=[("run", 0, (0, 1)), ("expire", 0), ("deed", 0, 0, "claim A")])
@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(st.lists(steps, max_size=25))
def test_whatever_pickers_do_an_order_has_one_holder_and_keeps_its_progress(shop, script):
    runner, here = shop

    async def play() -> None:
        await here.open()
        for name, *args in script:
            await getattr(here, name)(*args)
            await here.inspect()

    runner.run(play())
