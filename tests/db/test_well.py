"""Many at once find that somebody is well again, while orders go on referring to him."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from app.db import destinations, integrators, queue
from app.db.queue import Queue

_HIS = "SELECT $1::uuid, id, 'shop' FROM merchant LIMIT 1"
_INTEGRATOR = f"""
INSERT INTO integrator (id, merchant_id, code, url, sealed)
SELECT *, 'https://shop.example', 'x' FROM ({_HIS}) AS his"""
_DESTINATION = f"""
INSERT INTO erp_destination (id, merchant_id, code, way, form, kinds, failures)
SELECT *, 'folder', 'json', '{{sale}}', 3 FROM ({_HIS}) AS his"""
WAITING = """
SELECT count(*) FROM pg_stat_activity
 WHERE datname = current_database() AND wait_event_type = 'Lock'"""


async def ill_integrator(conn, id_):
    await conn.execute("UPDATE integrator SET failures = failures + 1 WHERE id = $1", id_)


async def ill_destination(conn, id_):
    await destinations.ill(conn, id_, "away", 1.0)


async def waiting(conn, many):
    """So many stand in line for the row by now."""
    async with asyncio.timeout(100):
        while await conn.fetchval(WAITING) < many:  # noqa: ASYNC110 - only the database knows
            await asyncio.sleep(0.01)


@pytest.mark.parametrize(
    ("table", "insert", "ill", "well"),
    [
        ("integrator", _INTEGRATOR, ill_integrator, integrators.well),
        ("erp_destination", _DESTINATION, ill_destination, destinations.well),
    ],
    ids=["integrator", "erp"],
)
async def test_three_in_line_for_one_do_not_lock_each_other_out(
    hub, pool, table, insert, ill, well
):
    """Whoever writes an order down holds a key share of his row: PostgreSQL takes the row then for
    one that is being changed, also after the change."""
    id_ = uuid4()

    async def find_well():
        async with pool.acquire() as conn, conn.transaction():
            await well(conn, id_)

    async with pool.acquire() as order, pool.acquire() as first, pool.acquire() as looking:
        await looking.execute(insert, id_)
        async with order.transaction():
            await order.execute(f"SELECT FROM {table} WHERE id = $1 FOR KEY SHARE", id_)
            async with first.transaction():
                await ill(first, id_)
                others = []
                for place in (1, 2):
                    others.append(asyncio.create_task(find_well()))
                    await waiting(looking, place)
            await asyncio.gather(*others)
        assert await looking.fetchval(f"SELECT failures FROM {table} WHERE id = $1", id_) == 0


SIDES = {
    Queue.EVENTS: (_INTEGRATOR, "integrator", integrators.well),
    Queue.ERP: (_DESTINATION, "erp_destination", destinations.well),
}


@pytest.mark.parametrize(
    ("lane", "deed"),
    [(Queue.EVENTS, integrators.resume), (Queue.EVENTS, integrators.remove),
     (Queue.ERP, destinations.remove)],
    ids=["resume", "remove", "remove-erp"],
)  # fmt: skip
async def test_a_person_s_deed_and_what_arrives_meanwhile_do_not_lock_each_other_out(
    hub, pool, lane, deed
):
    """The deed began when the row still waited; by now it is brought, and written down."""
    id_, row = uuid4(), uuid4()
    insert, table, well = SIDES[lane]

    async def arrived(item):
        async with pool.acquire() as conn, conn.transaction():
            await queue.finish(conn, item)
            await well(conn, id_)

    async def done():
        async with pool.acquire() as conn:
            return await deed(conn, "shop")

    async with pool.acquire() as before, pool.acquire() as looking:
        await looking.execute(insert, id_)
        await looking.execute(
            "INSERT INTO queue_item (queue, id, destination_id, fifo_key) VALUES ($1, $2, $3, 'k')",
            lane, row, id_,
        )  # fmt: skip
        async with before.transaction():
            await before.execute(f"SELECT FROM {table} WHERE id = $1 FOR NO KEY UPDATE", id_)
            theirs = asyncio.create_task(done())
            await waiting(looking, 1)
            (item,) = await queue.claim(looking, lane, "worker", 1, destination=id_)
            ours = asyncio.create_task(arrived(item))
            await waiting(looking, 2)
        assert await theirs
        await ours
        found = await looking.fetchval("SELECT state FROM queue_item WHERE id = $1", row)
        assert found == "done"
