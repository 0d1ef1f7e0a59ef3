"""Counting minute by minute ends where counting all of history does, whatever happens between."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from itertools import zip_longest
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.actions.count import count
from app.actions.recount import recount
from app.db.conn import pool, prepare
from app.db.prune import prune
from app.hub import Hub
from app.identifiers import new_id
from tests.conftest import UNHURRIED, copy_of, hub_on
from tests.facts.truth import counted, truth, without_zeros

#: So many histories by chance instead of the few that are always the same: HUB_TEST_PLAYS=2000.
CHANCES = int(os.environ.get("HUB_TEST_PLAYS", "0"))
WRITERS, ORDERS = 2, 4
#: An hour before Berlin's clocks jump; one shop's hours begin at half past, another's at a quarter.
BASE = datetime(2026, 3, 28, 23, 50, tzinfo=UTC)
ZONES = ("Europe/Moscow", "Europe/Berlin", "Asia/Kolkata", "Asia/Kathmandu")
SPAN = (BASE - timedelta(days=2), BASE + timedelta(days=3))
MOMENTS = ("accepted_at", "picking_at", "picked_at", "ready_at", "courier_arrived_at",
           "handed_over_at", "delivered_at", "ended_at")  # fmt: skip
QUESTIONS = ("asked", "agreed", "refused", "taken_back")

PLACE = """
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total, due_at,
                    received_at)
SELECT $1, store.id, account.id, $1::uuid::text, $1::uuid::text, 'accepted', 100, $2, $2
  FROM store CROSS JOIN account
 ORDER BY store.code, account.code OFFSET $3 LIMIT 1
"""
UPDATE = f"""
UPDATE orders
   SET version = version + 1, changed_at = $2, due_at = $3, final_total = $4, cancelled_by = $5,
       cancel_reason = $6, {", ".join(f"{name} = ${n}" for n, name in enumerate(MOMENTS, 7))}
 WHERE id = $1
"""
LINE = """
INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit, price,
                        requested_pieces, vat, state, reason, picked_pieces, replaces)
SELECT $2, id, store_id, $3, $2::uuid::text, '', 'piece', 1, 9, 'none', $4, $5, $6, $7
  FROM orders WHERE id = $1
"""
SAY = """
INSERT INTO timeline (id, order_id, store_id, kind, actor, trace_id, detail)
SELECT $2, id, store_id, 'picker', '', '', jsonb_build_object('questions', $3::jsonb)
  FROM orders WHERE id = $1
"""


class Chain:
    """A database, transactions that overlap, and those who count."""

    def __init__(self, hub: Hub, writers: list[asyncpg.Connection]) -> None:
        self.hub, self.writers = hub, writers
        self.orders: list[UUID] = []
        self.open: dict[int, asyncpg.transaction.Transaction] = {}

    async def begin(self) -> None:
        """An empty chain, not counted yet."""
        for writer in range(WRITERS):
            await self.end(writer, commit=False)
        await self.writers[0].execute(
            "TRUNCATE orders, order_change, order_hour, store_hour, timeline CASCADE; UPDATE"
            " fact_mark SET place = NULL, seen = NULL, goal = NULL, after = NULL, swept = NULL,"
            " pruned = NULL"
        )
        self.orders = [new_id() for _ in range(ORDERS)]

    async def write(self, nth: int, minutes: int, change: dict[str, Any]) -> None:
        """An order placed or changed in its writer's transaction, begun when needed."""
        writer, id_ = nth % WRITERS, self.orders[nth]
        conn = self.writers[writer]
        if writer not in self.open:
            self.open[writer] = conn.transaction()
            await self.open[writer].start()
        moment = BASE + timedelta(minutes=minutes)
        if not await conn.fetchval("SELECT EXISTS (SELECT FROM orders WHERE id = $1)", id_):
            await conn.execute(PLACE, id_, moment, nth)
        await conn.execute(
            UPDATE, id_, moment, BASE + timedelta(minutes=change["due"]), change["total"],
            change["by"], change["why"],
            *(at and BASE + timedelta(seconds=at) for at in change["moments"]),
        )  # fmt: skip
        await self._lines(conn, id_, change["lines"])

    async def after(self, nth: int, then: str) -> None:
        """What follows on a write: it is committed, counted, or neither yet."""
        if then != "stay":
            await self.end(nth % WRITERS, commit=True)
        if then == "count":
            await count(self.hub, batch=2)

    async def _lines(self, conn: asyncpg.Connection, id_: UUID, lines: list[tuple]) -> None:
        await conn.execute("DELETE FROM order_line WHERE order_id = $1", id_)
        first = None
        for position, (state, reason, pieces, stands, asked) in enumerate(lines, 1):
            line_id = new_id()
            values = (position, state, reason, pieces, first if stands else None)
            await conn.execute(LINE, id_, line_id, *values)
            first = first or line_id
            if asked:
                await conn.execute(SAY, id_, new_id(), {asked: [str(first)]})

    async def end(self, writer: int, *, commit: bool) -> None:
        if (transaction := self.open.pop(writer, None)) is not None:
            await (transaction.commit() if commit else transaction.rollback())

    async def killed(self, after: int) -> None:
        """A run that ends somewhere in the middle."""
        task = asyncio.create_task(count(self.hub, batch=2))
        for _ in range(after):
            await asyncio.sleep(0.001)
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def forget(self) -> None:
        """Hours pass in which nobody counts, and retention does what it does."""
        async with self.hub.pools.drains.acquire() as conn:
            await conn.execute("UPDATE order_change SET at = at - interval '3 hours'")
            await prune(conn)

    async def move(self) -> None:
        """The database is put back on another server, which counts transactions anew."""
        async with self.hub.pools.drains.acquire() as conn:
            await conn.execute("UPDATE fact_mark SET place = 'elsewhere', seen = '1:1:'")
            await conn.execute("DELETE FROM order_change")

    async def told(self) -> list[dict[str, Any]]:
        async with self.hub.pools.drains.acquire() as conn:
            return await counted(conn)

    async def check(self) -> None:
        """What was counted is what history says, in two ways."""
        for _ in range(3):
            await count(self.hub, batch=2)
        as_counted = await self.told()
        async with self.hub.pools.drains.acquire() as conn:
            for was, should in zip_longest(as_counted, without_zeros(await truth(conn))):
                assert was == should
            again = await recount(conn, SPAN)
            assert (again.store_hours, await counted(conn)) == (0, as_counted)
            await conn.execute("TRUNCATE order_hour, store_hour")
            await recount(conn, SPAN)
            assert await counted(conn) == as_counted


@pytest.fixture
def chain(seeded: str) -> Iterator[tuple[asyncio.Runner, Chain]]:
    async def opened(stack: AsyncExitStack) -> Chain:
        dsn = await stack.enter_async_context(copy_of(seeded))
        pool_ = await stack.enter_async_context(pool(dsn, 4, name="counting", **UNHURRIED))
        writers = [await asyncpg.connect(dsn) for _ in range(WRITERS)]
        for writer in writers:
            await prepare(writer)
            stack.push_async_callback(writer.close)
        await writers[0].execute(
            "UPDATE store SET timezone = zone FROM (SELECT id, ($1::text[])[1 + (row_number()"
            " OVER (ORDER BY code)) % 4] AS zone FROM store) AS new WHERE new.id = store.id",
            list(ZONES),
        )
        await writers[0].execute(
            "INSERT INTO account (id, merchant_id, code, adapter)"
            " SELECT $1, merchant_id, 'zz', adapter FROM account LIMIT 1",
            new_id(),
        )
        return Chain(hub_on(pool_), writers)

    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        yield runner, runner.run(opened(stack))
        runner.run(stack.aclose())


moments = st.one_of(st.none(), st.integers(1, 4 * 3600))
lines = st.tuples(
    st.sampled_from(("todo", "picked", "short", "dropped", "proposed", "replaced")),
    st.sampled_from((None, "not_found", "removed_by_customer", "withdrawn")),
    st.one_of(st.none(), st.integers(0, 9)),
    st.booleans(),
    st.sampled_from((None, *QUESTIONS)),
)
orders = st.fixed_dictionaries({
    "due": st.integers(-60, 240), "total": st.one_of(st.none(), st.integers(0, 10**9)),
    "by": st.sampled_from((None, "shop", "marketplace")),
    "why": st.sampled_from((None, "out_of_stock", "no_response")),
    "moments": st.tuples(*[moments] * len(MOMENTS)), "lines": st.lists(lines, max_size=4),
})  # fmt: skip
steps = st.one_of(
    st.tuples(
        st.just("write"),
        st.integers(0, ORDERS - 1),
        st.integers(0, 200),
        orders,
        st.sampled_from(("count", "commit", "stay")),
    ),
    st.tuples(st.just("end"), st.integers(0, WRITERS - 1), st.booleans()),
    st.tuples(st.just("count"), st.integers(1, 3)),
    st.tuples(st.just("killed"), st.integers(0, 12)),
    st.tuples(st.sampled_from(("forget", "move"))),
)


async def several_count(hub: Hub, schedulers: int) -> None:
    """Side by side; one that waits too long for another leaves it to the next time."""
    ends = await asyncio.gather(
        *(count(hub, batch=2) for _ in range(schedulers)), return_exceptions=True
    )
    for end in ends:
        if isinstance(end, BaseException) and not isinstance(end, asyncpg.LockNotAvailableError):
            raise end


@settings(
    max_examples=CHANCES or 25,
    derandomize=not CHANCES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(steps, min_size=5, max_size=20))
def test_what_is_counted_minute_by_minute_is_what_history_says(chain, steps):
    runner, here = chain

    async def play() -> None:
        await here.begin()
        for step in steps:
            match step:
                case "write", nth, minutes, change, then:
                    await here.write(nth, minutes, change)
                    await here.after(nth, then)
                case "end", writer, commit:
                    await here.end(writer, commit=commit)
                case "count", schedulers:
                    await several_count(here.hub, schedulers)
                case "killed", after:
                    await here.killed(after)
                case (("forget" | "move") as happens,):
                    await getattr(here, happens)()
        for writer in range(WRITERS):
            await here.end(writer, commit=True)
        await here.check()

    runner.run(play())


NOTHING: dict[str, Any] = {"due": 60, "total": None, "by": None, "why": None, "lines": []}


def at(*minutes: int | None) -> dict[str, Any]:
    """A change to these moments, in the order of MOMENTS."""
    given = [*minutes, *[None] * (len(MOMENTS) - len(minutes))]
    return NOTHING | {"moments": tuple(m and 60 * m for m in given)}


def test_an_absence_longer_than_the_feed_remembers_is_noticed(chain):
    runner, here = chain

    async def play() -> None:
        await here.begin()
        await count(here.hub)
        for nth in range(ORDERS):
            await here.write(nth, 0, at(5, 10, 30))
            await here.end(nth % WRITERS, commit=True)
        await here.forget()
        await here.check()
        assert sum(cell.get("orders", 0) for cell in await here.told()) == ORDERS

    runner.run(play())


def test_an_hour_that_an_order_has_left_is_added_up_anew(chain):
    runner, here = chain

    async def play() -> None:
        await here.begin()
        for minute in (100, 200):
            await here.write(0, 0, at(minute))
            await here.end(0, commit=True)
            await count(here.hub)
            await count(here.hub)
        assert sum(cell.get("accepted", 0) for cell in await here.told()) == 1
        await here.check()

    runner.run(play())


def test_what_commits_late_is_counted_though_later_work_was_counted_before(chain):
    runner, here = chain

    async def play() -> None:
        await here.begin()
        await count(here.hub)
        await here.write(0, 0, at(5))
        await here.write(1, 0, at(5))
        await here.end(1, commit=True)
        await count(here.hub)
        await here.end(0, commit=True)
        await here.check()
        assert sum(cell.get("orders", 0) for cell in await here.told()) == 2

    runner.run(play())
