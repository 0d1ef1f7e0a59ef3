"""What goes to ERPs and own systems is held while a store moves: one cell sends it, and once."""

from __future__ import annotations

from contextlib import asynccontextmanager

import pytest

from app.actions.move_store import Wanted, advance, begin
from app.db.queue import Queue, claim
from tests.cells.two import URL, steps
from tests.erp.town import Town, with_stand_in

#: What somebody's recovery, an operator's or an ERP's word does to rows of a destination.
HASTEN = "UPDATE erp_outbox SET state = 'waiting', due_at = now(), attempts = 0"
HELD = "SELECT count(*) FROM erp_outbox WHERE due_at > now() + interval '50 years'"


@asynccontextmanager
async def towns(two):
    """Both cells' ways to one ERP."""
    async with with_stand_in(two.a.hub) as (here, erp):
        yield here, Town(two.b.hub, here.http), erp


async def to_step(mover, last):
    await begin(mover, Wanted("MSK-07", URL.format("b")))
    while await advance(mover) != last:
        pass


async def test_a_document_is_brought_once_and_only_when_the_store_is_open(two):
    async with towns(two) as (here, there, erp), two.mover(two.a, two.b) as mover:
        await to_step(mover, "closed")
        await here.document()
        brought = {}
        async for name in steps(mover):
            await here.carry()
            await there.carry()
            brought[name] = len(erp.got)
        assert [name for name, got in brought.items() if got] == ["opened", "finished"]
        assert (len(erp.got), erp.books.counts["repeated"]) == (1, 0)


@pytest.mark.parametrize("step", ["shut", "copied", "handed"])
async def test_nothing_makes_due_what_is_held(two, step):
    async with towns(two) as (here, there, erp), two.mover(two.a, two.b) as mover:
        await here.document()
        await to_step(mover, step)
        for cell in (two.a, two.b):
            await cell.rows(HASTEN)
        await here.carry()
        await there.carry()
        assert erp.got == []
        assert [name async for name in steps(mover)][-1] == "finished"
        await there.carry()
        assert len(erp.got) == 1


async def test_what_a_dead_worker_had_in_hand_is_held_too(two):
    async with towns(two) as (here, there, erp), two.mover(two.a, two.b) as mover:
        await here.document()
        async with two.a.hub.pools.drains.acquire() as conn:
            target = await conn.fetchval("SELECT id FROM erp_destination")
            assert await claim(conn, Queue.ERP, "dies", 1, destination=target)
        await two.a.rows("UPDATE erp_outbox SET due_at = now()")
        await to_step(mover, "shut")
        await here.carry()
        assert (erp.got, await two.a.value(HELD)) == ([], 1)
        assert [name async for name in steps(mover)][-1] == "finished"
        await there.carry()
        assert await two.b.value("SELECT unsure FROM erp_outbox")


async def test_what_becomes_due_while_the_store_is_shut_is_held_before_it_is_copied(two):
    async with towns(two) as (here, _, erp), two.mover(two.a, two.b) as mover:
        await to_step(mover, "drained")
        await here.document()
        async with two.a.hub.pools.drains.acquire() as conn:
            target = await conn.fetchval("SELECT id FROM erp_destination")
            assert await claim(conn, Queue.ERP, "slow", 1, lease=1.0, destination=target)
        assert await advance(mover) == "shut"
        await here.carry()
        assert (erp.got, await two.a.value(HELD)) == ([], 1)
