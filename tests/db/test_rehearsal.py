"""The made-up shops that benchmarks measure with."""

import hashlib
import uuid

import pytest

from app.bench.cost import costs
from app.bench.shop import goods
from app.db import changes, rehearsal
from app.domain.barcode import must_read
from app.domain.cursor import Cursor

TOKEN = "token-of-a-measurement"


@pytest.fixture
async def conn(hub, pool):
    async with pool.acquire() as conn:
        yield conn


@pytest.fixture
async def shops(conn):
    where = await rehearsal.stores(conn, "sm-demo")
    picker = uuid.uuid4()
    hashed = hashlib.sha256(TOKEN.encode()).digest()
    await rehearsal.people(conn, [(picker, where[0]["id"], "R1", hashed)])
    await rehearsal.finished_orders(conn, where, 40, [picker])
    await rehearsal.open_orders(conn, where, 12, goods(), 5)
    return where


async def test_open_and_finished_orders_are_spread_over_the_stores(conn, shops):
    here = [await rehearsal.queue(conn, store["id"]) for store in shops]
    assert sum(map(len, here)) == 12
    assert min(map(len, here)) >= 12 // len(shops)
    states = await conn.fetch("SELECT state, count(*) FROM orders GROUP BY state ORDER BY state")
    assert [tuple(row) for row in states] == [("accepted", 12), ("cancelled", 4), ("delivered", 36)]
    lines = "SELECT count(*) FROM order_line JOIN orders ON orders.id = order_id WHERE state = $1"
    assert await conn.fetchval(lines.replace("state", "orders.state"), "accepted") == 60


async def test_old_orders_are_older_than_any_other_and_not_news(conn, shops):
    newest = "SELECT external_id FROM orders ORDER BY id DESC LIMIT 12"
    assert all(row[0].startswith("RO") for row in await conn.fetch(newest))
    told = await conn.fetchval("SELECT count(DISTINCT order_id) FROM order_change")
    assert told == 12


async def test_every_query_of_queue_and_feed_is_explained(conn, shops):
    stand = await changes.stand(conn)
    await rehearsal.touch(conn, await rehearsal.queue(conn, shops[0]["id"]))
    found = await costs(conn, TOKEN, str(Cursor(stand.place, stand.taken, stand.seen)))
    assert {"queue open", "changes whole", "changes some", "next"} <= set(found)
    assert all(cost.pages > 0 for cost in found.values())


def test_barcodes_of_made_up_goods_add_up():
    shelf = goods()
    assert len({each["barcode"] for each in shelf}) == len(shelf)
    assert all(must_read(each["barcode"], ()).spellings() for each in shelf)
