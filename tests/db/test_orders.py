"""Orders written and read again are the same, and only what changed is written."""

from dataclasses import replace

import pytest

from app.db import orders
from app.domain.drafts import Home, place
from app.domain.goods import Restriction
from app.domain.order import LineState, OrderState, Replacement
from tests.domain.build import a_draft, draft_line, the_terms


@pytest.fixture
async def conn(hub):
    async with hub.pools.drains.acquire() as acquired:
        yield acquired


@pytest.fixture
async def order(conn, hub):
    """A new order with two lines, in the database."""
    store = await conn.fetchval("SELECT id FROM store WHERE code = 'MSK-07'")
    account = await hub.accounts.by_code("sm-demo")
    draft = a_draft(draft_line("p1"), draft_line("w2", pieces=1, grams=1000),
                    customer=(("name", "Тест"),), address=(("city", "Пример"),),
                    delivery_fee=9_900, discount=100)  # fmt: skip
    placed = place(draft, Home(store, account.id, "OWN-1", "trace"), the_terms())
    assert await orders.insert(conn, placed, draft)
    assert not await orders.insert(conn, placed, draft)
    return placed


async def lines_written(conn):
    sql = "SELECT count(*) FROM order_line WHERE xmin = pg_current_xact_id()::xid"
    return await conn.fetchval(sql)


async def test_an_order_read_is_the_order_written(conn, order):
    assert await orders.read(conn, order.id) == order
    assert await orders.lock(conn, order.id) == order
    assert await orders.lock_by_external(conn, order.account_id, order.external_id) == order


async def test_a_customer_stands_apart_from_the_order(conn, order):
    row = await conn.fetchrow("SELECT customer, address FROM order_contact")
    assert (row["customer"], row["address"]) == ({"name": "Тест"}, {"city": "Пример"})


async def test_a_change_of_no_line_writes_no_line(conn, order):
    async with conn.transaction():
        moved = replace(order, version=2, state=OrderState.ACCEPTED)
        await orders.save(conn, order, moved)
        assert await lines_written(conn) == 0
    assert await orders.read(conn, order.id) == moved


async def test_a_change_of_one_line_writes_one(conn, order):
    first, second = order.lines
    picked = replace(first, state=LineState.PICKED, picked_pieces=3, marks=("01\x1d93",))
    async with conn.transaction():
        await orders.save(conn, order, replace(order, lines=(picked, second), version=2))
        assert await lines_written(conn) == 1
    assert (await orders.read(conn, order.id)).lines == (picked, second)


async def test_a_final_total_writes_the_total_of_every_line(conn, order):
    first, second = order.lines
    done = (replace(first, state=LineState.PICKED, picked_pieces=3),
            replace(second, state=LineState.DROPPED, picked_pieces=0, picked_grams=0))  # fmt: skip
    final = replace(order, lines=done, version=2, final_total=3 * 5450, state=OrderState.PICKED)
    await orders.save(conn, order, final)
    totals = await conn.fetch("SELECT total FROM order_line ORDER BY position")
    assert [row["total"] for row in totals] == [16_350, 0]


async def test_what_is_not_there_is_none(conn, order):
    assert await orders.read(conn, order.account_id) is None
    assert await orders.lock_by_external(conn, order.account_id, "nothing") is None
    assert await orders.find_id(conn, "nothing") is None


@pytest.mark.parametrize("text", ["OWN-1", "H1"])
async def test_an_order_is_found_by_what_people_call_it(conn, order, text):
    assert await orders.find_id(conn, text) == order.id
    assert await orders.find_id(conn, str(order.id)) == order.id


@pytest.mark.parametrize("state", OrderState)
async def test_the_time_of_each_state_is_remembered_once(conn, order, state):
    moved = replace(order, state=state, version=2, final_total=0)
    await orders.save(conn, order, moved)
    first = await times(conn)
    await orders.save(conn, moved, replace(moved, version=3))
    assert await times(conn) == first
    assert len(first) == (0 if state is OrderState.RECEIVED else 1)


async def times(conn):
    row = await conn.fetchrow(
        "SELECT accepted_at, picking_at, picked_at, ready_at, handed_over_at, delivered_at,"
        " ended_at FROM orders"
    )
    return {name: at for name, at in row.items() if at is not None}


async def test_what_a_customer_changes_or_agrees_to_is_kept(conn, order):
    first, second = order.lines
    wished = replace(
        first, wish=Replacement.REPLACE, wish_skus=("x",), min_age=18, marked=True,
        restriction=Restriction.PICKUP_ONLY, list_price=6000,
    )  # fmt: skip
    changed = replace(
        order, lines=(wished, second), version=2, pickup=True, authorised_total=5, agreed_total=7,
        delivery_fee=19_900, discount=500,
    )  # fmt: skip
    await orders.save(conn, order, changed)
    assert await orders.read(conn, order.id) == changed
