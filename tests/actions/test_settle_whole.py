"""Nothing of a marketplace's report is lost, doubled or taken upon oneself unseen."""

from datetime import timedelta

import pytest

from app.actions.issue import issue
from app.actions.settle import accept, read, settle
from app.domain.after_sale_events import Wish
from app.domain.document import Kind
from app.domain.settlement import Book
from tests.actions.after_sale import change, give_back
from tests.actions.test_settle import documents_of, seen, took
from tests.factories import BANANAS, BREAD
from tests.stories import deliver_one


async def sql(hub, text, *values):
    async with hub.pools.picking.acquire() as conn:
        return await conn.fetchval(text, *values)


async def accepted(hub, id_, why="so be it"):
    async with hub.pools.picking.acquire() as conn:
        return await accept(conn, id_, "accountant", why)


async def commission(hub, *rows, **named):
    return await took(hub, *rows, kind=Book.COMMISSION, **named)


async def test_a_number_that_is_another_orders_name_is_booked_once_and_on_the_order_so_named(
    api, hub
):
    one = await deliver_one(api, hub, "H1", BREAD)
    other = await deliver_one(api, hub, "H2", BREAD)
    await issue(hub)
    for order, number in ((one, "M1"), (other, "H1")):
        await sql(hub, "UPDATE orders SET number = $2 WHERE id = $1", order, number)
    await commission(hub, "H1;sale;300901;Хлеб;3;163.50;")
    assert await settle(hub) == 1
    (document,) = await documents_of(hub, Kind.COMMISSION)
    assert [(line.pieces, line.total) for line in document.lines] == [(3, 16350)]


async def test_an_order_told_of_by_both_its_names_is_one_order(api, hub):
    order = await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await issue(hub)
    number = await sql(
        hub, "UPDATE orders SET number = 'M-1' WHERE id = $1 RETURNING number", order
    )
    id_ = await took(hub, "H1;sale;;;;163.50;", f"{number};sale;;;;129.90;")
    assert (await seen(hub, id_))[1] == {}


async def test_goods_of_a_reported_order_that_the_report_leaves_out_are_a_difference(api, hub):
    await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await issue(hub)
    id_ = await commission(hub, "H1;sale;300901;Хлеб;3;163.50;")
    async with hub.pools.picking.acquire() as conn:
        _, (difference,) = await read(conn, id_)
    told = difference.finding, difference.sku, difference.name, difference.theirs, difference.ours
    assert told == ("sum", "200101", "Бананы", 0, 12990)
    assert (difference.order_ref, difference.their_milli, difference.our_milli) == ("H1", 0, 1000)
    assert await settle(hub) == 0


async def test_goods_sold_twice_in_one_order_are_booked_whole(api, hub):
    order = await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await issue(hub)
    await sql(
        hub,
        "UPDATE document_line SET sku = '300901', unit = 'piece', grams = NULL, unit_grams = NULL"
        " FROM document WHERE order_id = $1 AND document_id = document.id AND sku = '200101'",
        order,
    )
    await commission(hub, "H1;sale;300901;Хлеб;;293.40;")
    assert await settle(hub) == 1
    (document,) = await documents_of(hub, Kind.COMMISSION)
    assert [(line.pieces, line.total) for line in document.lines] == [(4, 29340)]


async def test_goods_that_only_a_correction_sold_are_booked_too(api, hub):
    """As when a replacement that was taken back at the desk was kept after all."""
    order = await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await issue(hub)
    await change(hub, "correct", order, Wish("300901", pieces=2))
    await issue(hub)
    await sql(
        hub,
        "UPDATE document_line SET sku = '777', pieces = 1, total = 5450, vat = 983 FROM document"
        " WHERE order_id = $1 AND document_id = document.id AND document.kind = 'correction'",
        order,
    )
    await commission(hub, "H1;sale;300901;Хлеб;3;163.50;", "H1;sale;200101;Бананы;1;129.90;",
                     "H1;sale;777;Батон;;54.50;")  # fmt: skip
    assert await settle(hub) == 1
    (document,) = await documents_of(hub, Kind.COMMISSION)
    assert document.total == 34790
    assert {line.sku: line.pieces for line in document.lines}["777"] == 1


async def test_part_of_what_was_sold_without_a_quantity_has_its_part_of_it(api, hub):
    order = await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    await give_back(hub, order, "300901", 1)
    await issue(hub)
    await commission(hub, "H1;sale;300901;Хлеб;;163.50;", "H1;return;300901;Хлеб;;54.50;")
    assert await settle(hub) == 1
    (document,) = await documents_of(hub, Kind.COMMISSION)
    assert [(line.pieces, line.total) for line in document.lines] == [(2, 10900)]


async def test_a_sale_of_ours_on_the_day_after_the_reports_last_can_be_accepted(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    day = await sql(hub, "SELECT issued_on FROM document WHERE kind = 'sale'")
    before = day - timedelta(days=30), day - timedelta(days=1)
    id_ = await commission(hub, "H1;sale;300901;Хлеб;3;163.50;", days=before)
    assert (await seen(hub, id_))[1] == {"sum": 1}
    assert await accepted(hub, id_)
    assert await settle(hub) == 1


async def test_what_a_later_report_speaks_of_is_no_longer_missing_in_the_one_before(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    await deliver_one(api, hub, "H2", BREAD)
    await issue(hub)
    day = await sql(hub, "SELECT max(issued_on) FROM document WHERE kind = 'sale'")
    first = await took(hub, "H1;sale;;;;163.50;", days=(day - timedelta(days=7), day))
    assert (await seen(hub, first))[1] == {"not_reported": 1}
    later = day + timedelta(days=1), day + timedelta(days=7)
    second = await took(hub, "H2;sale;;;;163.50;", days=later, number="8")
    assert (await seen(hub, first))[1] == (await seen(hub, second))[1] == {}


async def test_what_comes_up_after_a_report_was_accepted_is_not_accepted_with_it(api, hub):
    order = await deliver_one(api, hub, "H1", BREAD)
    await deliver_one(api, hub, "H2", BREAD)
    await issue(hub)
    rows = "H1;sale;300901;Хлеб;3;163.50;", "H2;sale;300901;Хлеб;2;109;"
    id_ = await commission(hub, *rows)
    assert await accepted(hub, id_, "one was damaged")
    assert not await accepted(hub, id_, "again")
    await give_back(hub, order, "300901", 1)
    await issue(hub)
    assert await settle(hub) == 0
    report, differences = await seen(hub, id_)
    assert (report.accepted_by, differences) == (None, {"sum": 2})
    assert await accepted(hub, id_, "both of them")
    assert await settle(hub) == 1


async def test_what_is_mended_after_a_report_was_accepted_leaves_the_rest_accepted(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    await deliver_one(api, hub, "H2", BREAD)
    await issue(hub)
    id_ = await took(hub, "H1;sale;;;;100;")
    assert await accepted(hub, id_)
    await took(hub, "H2;sale;;;;163.50;", number="8")
    report, differences = await seen(hub, id_)
    assert (report.accepted_by, differences) == ("accountant", {"sum": 1})


async def test_a_report_that_cannot_be_booked_keeps_no_other_from_it(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    await deliver_one(api, hub, "H2", BREAD)
    await issue(hub)
    absurd = await commission(hub, "H1;sale;300901;Хлеб;9000000000;163.50;")
    assert await accepted(hub, absurd)
    await commission(hub, "H2;sale;300901;Хлеб;3;163.50;", number="8")
    with pytest.raises(ExceptionGroup):
        await settle(hub)
    (document,) = await documents_of(hub, Kind.COMMISSION)
    assert (document.detail["settlement"], document.number[-6:]) == ("8", "000001")
