"""A marketplace's report against our documents: every difference is named, and goes when mended."""

import asyncio
from datetime import date

import pytest

from app.actions.issue import issue
from app.actions.settle import Paper, accept, counts, read, settle, take
from app.db import documents, settlements
from app.domain.document import Kind
from app.domain.settlement import Book, SettlementRefused
from app.imports.settlement import read as read_rows
from tests.factories import BANANAS, BREAD, news
from tests.factories import settle as work_off
from tests.stories import deliver_one, hook, make_ready, place

WHOLE = (date(2026, 1, 1), date(2199, 12, 31))


def paper(*rows: str, kind=Book.PAYMENT, number="7", account="sm-demo", days=WHOLE) -> Paper:
    body = "\n".join(("order;operation;sku;name;quantity;amount;fee", *rows)).encode()
    return Paper(account, kind, number, *days, "report.csv", body, read_rows(body))


async def took(hub, *rows, **named):
    async with hub.pools.picking.acquire() as conn:
        return await take(conn, paper(*rows, **named), "accountant")


async def seen(hub, id_):
    async with hub.pools.picking.acquire() as conn:
        report, differences = await read(conn, id_)
    return report, counts(differences)


async def documents_of(hub, kind):
    async with hub.pools.picking.acquire() as conn:
        ids = await documents.browse(conn, date(2020, 1, 1), date(2200, 1, 1))
        return [each for each in await documents.read(conn, ids) if each.kind is kind]


async def test_a_report_of_what_our_documents_say_has_no_difference(api, hub):
    await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await issue(hub)
    id_ = await took(hub, "H1;sale;;;;293,40;29,34", ";fee;;;;100;")
    report, differences = await seen(hub, id_)
    assert (report.matched, report.differing, differences) == (1, 0, {})
    assert (report.sold, report.fee, report.payout) == (29340, 12934, 16406)


async def test_foreign_undelivered_undocumented_and_doubled_orders_are_each_called_what_they_are(
    api, hub
):
    await deliver_one(api, hub, "H1")
    await issue(hub)
    await deliver_one(api, hub, "H2")
    await place(api, hub, "H3")
    id_ = await took(hub, "H1;sale;;;;293.40;", "H1;sale;;;;293.40;", "H2;sale;;;;293.40;",
                     "H3;sale;;;;293.40;", "H9;sale;;;;10;")  # fmt: skip
    report, differences = await seen(hub, id_)
    assert differences == {"twice": 1, "no_document": 1, "not_delivered": 1, "unknown_order": 1}
    assert (report.differing, report.blocking) == (4, 3)


async def test_another_sum_and_an_order_nobody_reports_are_differences_until_they_are_mended(
    api, hub
):
    await deliver_one(api, hub, "H1")
    await deliver_one(api, hub, "H2")
    await issue(hub)
    first = await took(hub, "H1;sale;;;;290;")
    assert (await seen(hub, first))[1] == {"sum": 1, "not_reported": 1}
    second = await took(hub, "H1;sale;;;;3.40;", "H2;sale;;;;293.40;", number="8")
    assert (await seen(hub, second))[1] == {}  # all reports together say what we say


async def test_the_same_file_again_is_the_same_report_and_its_number_is_nobody_elses(api, hub):
    one, other = await asyncio.gather(took(hub, "H1;sale;;;;1;"), took(hub, "H1;sale;;;;1;"))
    assert one == other == await took(hub, "H1;sale;;;;1;", number="9")
    with pytest.raises(SettlementRefused) as refused:
        await took(hub, "H1;sale;;;;2;")
    assert refused.value.text == "settlement.number_taken"


@pytest.mark.parametrize(
    ("named", "text"),
    [
        ({"account": "nobody"}, "settlement.no_account"),
        ({"number": "  "}, "settlement.number"),
        ({"days": (date(2026, 2, 1), date(2026, 1, 1))}, "settlement.days"),
        ({"kind": Book.COMMISSION}, "settlement.no_sku"),
    ],
)
async def test_a_report_that_cannot_be_filed_is_refused_with_its_reason(hub, named, text):
    with pytest.raises(SettlementRefused) as refused:
        await took(hub, "H1;sale;;;;1;", **named)
    assert refused.value.text == text


GOODS = ("H1;sale;300901;Хлеб;3;163.50;16.35", "H1;sale;200101;Бананы;1.000;129.90;12.99")


async def test_a_right_report_of_commission_becomes_one_document_with_its_fee(api, hub):
    await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await issue(hub)
    id_ = await took(hub, *GOODS, ";fee;;;;50;", kind=Book.COMMISSION)
    assert sorted(await asyncio.gather(*(settle(hub) for _ in range(4)))) == [0, 0, 0, 1]
    assert await settle(hub) == 0
    (document,) = await documents_of(hub, Kind.COMMISSION)
    assert document.number == "СМО99-000001"
    assert (document.total, document.detail["fee"], document.detail["payout"]) == (
        29340, 7934, 21406,
    )  # fmt: skip
    by_sku = {line.sku: line for line in document.lines}
    assert (by_sku["300901"].pieces, by_sku["200101"].grams) == (3, 1000)
    assert document.vat_total == sum(line.vat for line in document.lines) > 0
    assert (await seen(hub, id_))[0].document == document.number


async def test_a_report_of_commission_with_a_foreign_order_waits_until_the_order_is_ours(api, hub):
    await deliver_one(api, hub, "H1", BREAD, BANANAS)
    await issue(hub)
    id_ = await took(hub, *GOODS, "H2;sale;300901;Хлеб;3;163.50;", kind=Book.COMMISSION)
    assert await settle(hub) == 0
    async with hub.pools.picking.acquire() as conn:
        assert await accept(conn, id_, "accountant", "so be it")
    assert await settle(hub) == 0  # nobody can take it upon himself to book what is not ours
    await deliver_one(api, hub, "H2", BREAD)
    await issue(hub)
    assert await settle(hub) == 1


async def test_other_sums_wait_for_a_person_who_accepts_them(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    id_ = await took(hub, "H1;sale;300901;Хлеб;2;109.00;", kind=Book.COMMISSION)
    assert await settle(hub) == 0
    async with hub.pools.picking.acquire() as conn:
        assert await accept(conn, id_, "accountant", "one was damaged")
        assert not await accept(conn, id_, "somebody", "again")
    assert await settle(hub) == 1
    (document,) = await documents_of(hub, Kind.COMMISSION)
    assert [(line.pieces, line.total) for line in document.lines] == [(2, 10900)]


async def test_goods_our_documents_do_not_have_are_named(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    id_ = await took(hub, "H1;sale;300901;Хлеб;3;163.50;", "H1;sale;666;Икра;1;10;",
                     kind=Book.COMMISSION)  # fmt: skip
    async with hub.pools.picking.acquire() as conn:
        _, (difference,) = await read(conn, id_)
    assert (difference.finding, difference.sku, difference.name) == ("goods", "666", "Икра")


async def test_a_report_without_a_document_may_be_taken_back_and_one_with_it_may_not(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    await issue(hub)
    wrong = await took(hub, "H1;sale;300901;Хлеб;3;1;", kind=Book.COMMISSION)
    async with hub.pools.picking.acquire() as conn:
        assert await settlements.drop(conn, wrong)
    right = await took(hub, "H1;sale;300901;Хлеб;3;163.50;", kind=Book.COMMISSION)
    await settle(hub)
    async with hub.pools.picking.acquire() as conn:
        assert not await settlements.drop(conn, right)


async def test_an_order_cancelled_before_it_was_delivered_is_no_sale_of_a_report(api, hub):
    await place(api, hub, "H1")
    await make_ready(api, hub)
    await hook(api, news("order.canceled", "H1"))
    await work_off(hub)
    id_ = await took(hub, "H1;sale;;;;293.40;")
    assert (await seen(hub, id_))[1] == {"not_delivered": 1}
