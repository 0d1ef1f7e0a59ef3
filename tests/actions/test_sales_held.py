"""What holds a sale back is said, holds nobody else up, and is forgotten once it is mended."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from app.actions import issue as issuing
from app.actions.issue import issue
from app.db import documents, sales
from tests.actions import sold
from tests.actions.test_sales_at_once import delivered
from tests.factories import news, settle
from tests.stories import deliver_one, hook


@pytest.fixture
async def conn(hub):
    async with hub.pools.picking.acquire() as connection:
        await sold.stock(connection)
        yield connection


async def numbers(conn):
    rows = await conn.fetch("SELECT number FROM document ORDER BY serial")
    return [row["number"] for row in rows]


def spoiled(n: int, **changes) -> sold.Sale:
    sale = delivered(n)
    for line in sale.lines:
        line.update(changes)
        line["external_id"] = f"{changes.get('external_id', 'P')}{line['position']}"
    return sale


async def test_many_held_orders_at_the_head_hold_no_later_one_up(hub, conn):
    bad = [spoiled(n, external_id="S") for n in range(2 * issuing.BATCH[0] + 7)]
    good = [delivered(len(bad) + n) for n in range(3)]
    await sold.insert(conn, bad + good)
    assert await issue(hub) == 3
    assert len(await sales.holds(conn, None, 1000)) == len(bad)
    assert [number[-6:] for number in await numbers(conn)] == ["000001", "000002", "000003"]


async def test_a_run_looks_at_what_is_held_once_and_the_next_run_again(hub, conn):
    await sold.insert(conn, [spoiled(1, external_id="S")])
    await issue(hub)
    (first,) = await sales.holds(conn, None, 10)
    began = await sales.begin(conn)
    async with conn.transaction():
        (picked,) = await sales.pick(conn, issuing.BATCH, sales.START, began)
        await sales.issue(conn, [picked.id], "hub", "t")
    async with conn.transaction():
        assert await sales.pick(conn, issuing.BATCH, sales.START, began) == []
    (again,) = await sales.holds(conn, None, 10)
    assert again["since"] == first["since"]
    assert again["checked_at"] > first["checked_at"]


async def test_what_is_mended_goes_on_by_itself(hub, conn):
    await sold.insert(conn, [spoiled(1, external_id="S", vat="unknown")])
    assert await issue(hub) == 0
    await conn.execute(
        "INSERT INTO product (merchant_id, sku, name, vat)"
        " SELECT id, 'S' || n, 'Соль', 'unknown' FROM merchant, generate_series(0, 2) AS n"
    )
    assert await issue(hub) == 0
    (held,) = await sales.holds(conn, "Z-MSK", 10)
    assert {each["problem"] for each in held["problems"]} == {"vat"}
    await conn.execute("UPDATE product SET vat = 'reduced' WHERE sku LIKE 'S%'")
    assert await issue(hub) == 1
    assert await sales.holds(conn, None, 10) == []
    assert set(await conn.fetch("SELECT vat_percent FROM document_line")) == {(10,)}


async def test_each_problem_names_what_is_wrong_and_five_of_a_kind_are_enough(hub, conn):
    sale = delivered(1)
    line = sale.lines[0]
    sale.lines = [
        line | {"id": sold.uuid.uuid4(), "position": n, "external_id": f"S{n}", "name": f"Соль {n}"}
        for n in range(8)
    ]
    sale.lines[7] |= {"external_id": "P1", "name": "Вода", "marked": True}
    at = sale.row["picked_at"] + sold.timedelta(minutes=1)
    sale.row |= {"paid_total": 12_000, "paid_at": at, "final_total": 8 * 101}
    await sold.insert(conn, [sale])
    await issue(hub)
    (held,) = await sales.holds(conn, "Z-MSK", 10)
    assert held["problems"] == [
        *({"problem": "goods", "sku": f"S{n}", "line": f"Соль {n}"} for n in range(4)),
        {"problem": "goods", "sku": "S4", "line": "Соль 4", "more": 2},
        {"problem": "marks", "line": "Вода", "missing": 1},
        {"problem": "sum", "ours": "8.08", "theirs": "120.00"},
    ]
    assert await sales.holds(conn, "MSK-07", 10) == []


async def test_who_lets_a_problem_pass_is_in_the_orders_history(hub, conn):
    await sold.insert(conn, [spoiled(1, external_id="S")])
    await issue(hub)
    (held,) = await sales.holds(conn, None, 10)
    assert not await sales.waive(conn, held["order_id"], "sum", "operator:ann", "no")
    assert await sales.waive(conn, held["order_id"], "goods", "operator:ann", "weighed by hand")
    (told,) = await conn.fetch("SELECT actor, detail FROM timeline WHERE kind = 'waiver'")
    assert (told["actor"], told["detail"]) == (
        "operator:ann", {"problem": "goods", "reason": "weighed by hand"},
    )  # fmt: skip
    assert await issue(hub) == 1


async def test_a_sum_may_differ_by_what_the_account_tolerates(hub, conn):
    sale = delivered(1)
    at = sale.row["picked_at"] + sold.timedelta(minutes=1)
    sale.row |= {"paid_total": sale.row["final_total"] - 50, "paid_at": at}
    await sold.insert(conn, [sale])
    await conn.execute("UPDATE account SET rules = $1", {"sum_tolerance": 49})
    assert await issue(hub) == 0
    await conn.execute("UPDATE account SET rules = $1", {"sum_tolerance": 50})
    assert await issue(hub) == 1


async def test_orders_of_a_thousand_lines_and_of_none_and_for_nothing_are_documents(hub, conn):
    many, none, free = (delivered(n) for n in range(3))
    line = many.lines[0]
    many.lines = [
        line | {"id": sold.uuid.uuid4(), "position": n, "external_id": f"P{n}", "vat": "none"}
        for n in range(1000)
    ]
    many.row |= {"final_total": 100_000, "discount": 99_999}
    none.lines, none.row["final_total"] = [], 0
    for line in free.lines:
        line |= {"price": 0, "total": 0}
    free.row["final_total"] = 0
    await sold.insert(conn, [many, none, free])
    assert await issue(hub) == 3
    ids = [row["id"] for row in await conn.fetch("SELECT id FROM document ORDER BY serial")]
    read = await documents.read(conn, ids)
    assert [(len(each.lines), each.total, each.vat_total) for each in read] == [
        (1000, 1, 0), (0, 0, 0), (3, 0, 0),
    ]  # fmt: skip
    assert sum(line.discount for line in read[0].lines) == 99_999


async def test_a_batch_takes_no_more_lines_than_it_can_do_quickly_but_one_order_at_least(hub, conn):
    orders = [delivered(n) for n in range(5)]
    await sold.insert(conn, orders)
    began = await sales.begin(conn)
    for lines, taken in ((1, 1), (6, 2), (8, 2), (9, 3), (100, 4)):
        async with conn.transaction():
            picked = await sales.pick(conn, (4, lines), sales.START, began)
            assert [each.id for each in picked] == [sale.row["id"] for sale in orders[:taken]]


async def test_an_erp_that_takes_forms_with_both_sides_wants_them_named(hub, conn):
    await conn.execute(
        "INSERT INTO erp_destination (id, merchant_id, code, way, form, kinds)"
        " SELECT gen_random_uuid(), id, '1c', 'folder', 'enterprise', '{sale}' FROM merchant"
    )
    await conn.execute("UPDATE merchant SET requisites = $1", {"legal_name": "ООО «Ромашка»"})
    await conn.execute("UPDATE account SET buyer = $1", {"legal_name": "ООО «Купер»", "inn": " "})
    await sold.insert(conn, [delivered(1)])
    assert await issue(hub) == 0
    (held,) = await sales.holds(conn, None, 10)
    assert held["problems"] == [
        {"problem": "requisites", "missing": "seller.inn"},
        {"problem": "requisites", "missing": "buyer.inn"},
    ]
    await conn.execute("UPDATE merchant SET requisites = requisites || $1", {"inn": "7701234567"})
    await conn.execute("UPDATE account SET buyer = buyer || $1", {"inn": "7712345678"})
    assert await issue(hub) == 1


async def test_a_sale_that_is_due_twice_is_issued_once(api, hub):
    await deliver_one(api, hub, "H1")
    await hook(api, news("order.delivered", "H1"))
    await settle(hub)
    assert await issue(hub) == 1
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE orders SET sale_due = true")
        assert await issue(hub) == 0
        assert await conn.fetchval("SELECT count(*) FROM orders WHERE sale_due") == 0
        assert len(await numbers(conn)) == 1


async def test_an_order_whose_rows_cannot_be_right_breaks_no_others_beside_it(hub, conn):
    orders = [delivered(n) for n in range(5)]
    impossible = {"unit": "weight", "unit_grams": 0, "requested_grams": 1, "picked_grams": 1}
    orders[2].lines[0] |= impossible | {"list_price": 900}
    await sold.insert(conn, orders)
    assert await issue(hub) == 4
    (held,) = await sales.holds(conn, None, 10)
    assert held["order_id"] == orders[2].row["id"]
    assert held["problems"] == [{"problem": "broken", "error": "DivisionByZeroError"}]
    assert [number[-6:] for number in await numbers(conn)] == [f"{n:06}" for n in range(1, 5)]
    await conn.execute("UPDATE order_line SET unit_grams = 1 WHERE unit = 'weight'")
    assert await issue(hub) == 1


async def test_an_order_somebody_has_in_hand_is_left_to_the_next_run(hub, pool, conn):
    await sold.insert(conn, [delivered(1), delivered(2)])
    async with conn.transaction():
        await conn.execute("SELECT FROM orders WHERE number = 'K-1' FOR UPDATE")
        assert await issue(replace(hub)) == 1
    assert await issue(hub) == 1
    assert [number[-6:] for number in await numbers(conn)] == ["000001", "000002"]


async def test_only_what_breaks_is_held_by_itself_however_many_runs_there_are(hub, conn):
    orders = [delivered(n) for n in range(200)]
    impossible = {"unit": "weight", "unit_grams": 0, "requested_grams": 1, "picked_grams": 1}
    broken = {sale.row["id"] for sale in orders[::17]}
    for sale in orders[::17]:
        sale.lines[0] |= impossible | {"list_price": 900}
    await sold.insert(conn, orders)
    counts = await asyncio.gather(*(issue(hub) for _ in range(4)))
    assert {held["order_id"] for held in await sales.holds(conn, None, 1000)} == broken
    assert sum(counts) == len(orders) - len(broken)
