"""The feed misses nothing, in whatever order transactions commit."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import AsyncExitStack
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.actions.feed import Feed, Page
from app.db import changes
from app.db.conn import AWAY, Pool, pool
from app.domain.cursor import Cursor
from app.identifiers import new_id
from tests.conftest import PATIENCE, UNHURRIED, copy_of

WRITERS, ORDERS, READERS = 3, 4, 2
PLACED = """
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total, due_at)
SELECT $1, store_id, account_id, $2, $2, 'accepted', 100, now()
  FROM account_store ORDER BY external_id LIMIT 1
RETURNING store_id
"""
CLAIM = """
INSERT INTO pick_job (order_id, store_id, state, picker_id, lease_until)
SELECT orders.id, store_id, 'claimed', (SELECT min(id::text)::uuid FROM picker),
       now() + interval '1 day'
  FROM orders WHERE id = $1
ON CONFLICT (order_id, zone) DO UPDATE
   SET state = CASE pick_job.state WHEN 'open' THEN 'claimed' ELSE 'open' END
"""
EDIT = "UPDATE orders SET version = version + 1 WHERE id = $1"


def feed_of(readers: Pool) -> Feed:
    """It is what it tells that is tried here, not how soon."""
    return Feed(readers, patience=PATIENCE)


class Shop:
    """A database, three transactions that may overlap, and two readers of the feed."""

    def __init__(self, feed: Feed, writers: list[asyncpg.Connection]) -> None:
        self.feed, self.writers = feed, writers
        self.orders: list[UUID] = []
        self.held: dict[int, int] = {}  # order → the writer whose transaction has it
        self.open: dict[int, asyncpg.transaction.Transaction] = {}
        self.store: UUID
        self.cursors: list[Cursor | None] = [None] * READERS
        self.known: list[dict[UUID, tuple]] = [{} for _ in range(READERS)]

    async def place(self) -> None:
        id_ = new_id()
        self.store = await self.writers[0].fetchval(PLACED, id_, f"P{id_.hex}")
        self.orders.append(id_)

    async def write(self, writer: int, order: int, sql: str, *, undone: bool) -> None:
        """A write in the writer's transaction, begun when needed; `undone` by a savepoint."""
        if self.held.setdefault(order, writer) != writer:
            return  # a real one would wait for the other's commit
        conn = self.writers[writer]
        if writer not in self.open:
            self.open[writer] = conn.transaction()
            await self.open[writer].start()
        savepoint = conn.transaction()
        await savepoint.start()
        await conn.execute(sql, self.orders[order])
        await (savepoint.rollback() if undone else savepoint.commit())

    async def end(self, writer: int, *, commit: bool) -> None:
        if (transaction := self.open.pop(writer, None)) is not None:
            await (transaction.commit() if commit else transaction.rollback())
            self.held = {o: w for o, w in self.held.items() if w != writer}

    async def read(self, reader: int, limit: int) -> Page:
        page = await self.feed.read(self.store, self.cursors[reader], limit)
        if page.reset:
            self.known[reader].clear()
        for each in page.changes:
            self.known[reader][each.id] = (each.version, each.picker is not None)
        self.cursors[reader] = page.cursor
        return page

    async def truth(self) -> dict[UUID, tuple]:
        rows = await self.writers[0].fetch(
            "SELECT orders.id, version, coalesce(job.state = 'claimed', false) FROM orders "
            "LEFT JOIN pick_job AS job ON job.order_id = orders.id"
        )
        return {id_: rest for id_, *rest in ((r[0], r[1], r[2]) for r in rows)}


@pytest.fixture
def shop(seeded: str) -> Iterator[tuple[asyncio.Runner, Shop]]:
    async def opened(stack: AsyncExitStack) -> Shop:
        dsn = await stack.enter_async_context(copy_of(seeded))
        readers: Pool = await stack.enter_async_context(pool(dsn, 2, name="readers", **UNHURRIED))
        writers = [await asyncpg.connect(dsn) for _ in range(WRITERS)]
        for writer in writers:
            stack.push_async_callback(writer.close)
        made = Shop(feed_of(readers), writers)
        for _ in range(ORDERS):
            await made.place()
        return made

    stack = AsyncExitStack()
    with asyncio.Runner() as runner:
        yield runner, runner.run(opened(stack))
        runner.run(stack.aclose())


writers, orders_ = st.integers(0, WRITERS - 1), st.integers(0, ORDERS - 1)
steps = st.one_of(
    st.tuples(st.just("write"), writers, orders_, st.sampled_from([EDIT, CLAIM]), st.booleans()),
    st.tuples(st.just("end"), writers, st.booleans()),
    st.tuples(st.just("read"), st.integers(0, READERS - 1), st.integers(1, 3)),
)


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(steps, max_size=40))
def test_a_poller_learns_the_last_version_of_every_order(shop, steps):
    runner, here = shop

    async def play() -> None:
        for step in steps:
            match step:
                case "write", writer, order, sql, undone:
                    await here.write(writer, order, sql, undone=undone)
                case "end", writer, commit:
                    await here.end(writer, commit=commit)
                case "read", reader, limit:
                    await here.read(reader, limit)
        for writer in range(WRITERS):
            await here.end(writer, commit=True)
        truth = await here.truth()
        for reader in range(READERS):
            for _ in range(100):
                page = await here.read(reader, 2)
                if not page.more and not page.changes:
                    break
            else:
                pytest.fail("the feed never ends")
            assert {id_: list(known) for id_, known in here.known[reader].items()} == truth

    runner.run(play())


async def a_shop(seeded_pool: Pool) -> tuple[Feed, UUID, UUID]:
    id_ = new_id()
    async with seeded_pool.acquire() as conn:
        store = await conn.fetchval(PLACED, id_, "A1")
    return feed_of(seeded_pool), store, id_


async def test_what_commits_late_is_told_though_what_began_later_was_told_before(hub, pool):
    feed, store, first = await a_shop(pool)
    second = new_id()
    async with pool.acquire() as slow, pool.acquire() as quick:
        await quick.execute(PLACED, second, "A2")
        cursor = (await feed.read(store, None)).cursor
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute(EDIT, first)
        await quick.execute(EDIT, second)
        page = await feed.read(store, cursor)
        assert [each.id for each in page.changes] == [second]
        await transaction.commit()
    later = await feed.read(store, page.cursor)
    assert [(each.id, each.version) for each in later.changes] == [(first, 2)]
    assert not (await feed.read(store, later.cursor)).changes


async def test_a_transaction_that_stays_open_makes_nobody_hear_things_twice(hub, pool):
    feed, store, id_ = await a_shop(pool)
    async with pool.acquire() as slow:
        transaction = slow.transaction()
        await transaction.start()
        await slow.execute("SELECT pg_current_xact_id()")  # an import of the catalogue, say
        async with pool.acquire() as conn:
            cursor = (await feed.read(store, None)).cursor
            await conn.execute(EDIT, id_)
        page = await feed.read(store, cursor)
        assert [each.version for each in page.changes] == [2]
        assert not (await feed.read(store, page.cursor)).changes
        await transaction.rollback()


async def test_one_transaction_leaves_one_row_however_often_it_writes(hub, pool):
    _, _, id_ = await a_shop(pool)
    async with pool.acquire() as conn, conn.transaction():
        await conn.execute("DELETE FROM order_change")
        for sql in (EDIT, EDIT, CLAIM, CLAIM):
            await conn.execute(sql, id_)
        assert await conn.fetchval("SELECT count(*) FROM order_change") == 1


async def test_another_shop_hears_nothing(hub, pool):
    feed, store, id_ = await a_shop(pool)
    async with pool.acquire() as conn:
        other = await conn.fetchval("SELECT id FROM store WHERE id <> $1 LIMIT 1", store)
        empty = await feed.read(other, None)
        await conn.execute(EDIT, id_)
    assert (empty.changes, empty.reset, empty.more) == ([], True, False)
    assert not (await feed.read(other, empty.cursor)).changes


async def test_a_whole_queue_comes_in_pages_and_what_changes_meanwhile_after_them(hub, pool):
    feed, store, _ = await a_shop(pool)
    async with pool.acquire() as conn:
        ids = [new_id() for _ in range(5)]
        for n, id_ in enumerate(ids):
            await conn.execute(PLACED, id_, f"B{n}")
        first = await feed.read(store, None, 2)
        assert (len(first.changes), first.more, first.reset) == (2, True, True)
        await conn.execute("UPDATE orders SET state = 'cancelled', version = 9 WHERE id = $1",
                           first.changes[0].id)  # fmt: skip
        await conn.execute("UPDATE orders SET state = 'cancelled', version = 9 WHERE id = $1",
                           ids[4])  # fmt: skip
        told = {each.id: each for each in first.changes}
        page = first
        for _ in range(9):
            page = await feed.read(store, page.cursor, 2)
            assert not page.reset
            told |= {each.id: each for each in page.changes}
            if not page.more and not page.changes:
                break
    assert len([each for each in told.values() if each.active]) == 4
    assert {told[ids[4]].state, told[first.changes[0].id].state} == {"cancelled"}


async def test_a_cursor_of_another_database_or_of_long_ago_begins_anew(hub, pool):
    feed, store, id_ = await a_shop(pool)
    async with pool.acquire() as conn:
        now = await changes.stand(conn)
    for cursor in (
        Cursor("6b0287c21fbad0ea-00000007", now.taken, now.seen),
        Cursor(now.place, now.taken - 4000, now.seen),
        Cursor(now.place, now.taken + 4000, now.seen),
    ):
        page = await feed.read(store, cursor)
        assert page.reset
        assert [each.id for each in page.changes] == [id_]


async def test_who_picks_is_told_until_the_lease_ends(hub, pool):
    feed, store, id_ = await a_shop(pool)
    cursor = (await feed.read(store, None)).cursor
    async with pool.acquire() as conn:
        await conn.execute(CLAIM, id_)
        held = await feed.read(store, cursor)
        await conn.execute("UPDATE pick_job SET lease_until = now() - interval '1 s'")
        free = await feed.read(store, held.cursor)
    (change,) = held.changes
    assert change.picker is not None
    assert change.lease_until is not None
    (change,) = free.changes
    assert (change.picker, change.lease_until) == (None, None)


async def test_a_standby_counts_as_away():
    class Standby:
        async def fetchrow(self, _sql):
            raise asyncpg.ObjectNotInPrerequisiteStateError("recovery is in progress")

    with pytest.raises(AWAY):
        await changes.stand(Standby())
