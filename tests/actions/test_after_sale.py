"""What comes back after a sale, or was another sale than we took it for: one document of each."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from app.actions.issue import issue
from app.domain.after_sale_events import Wish
from app.domain.document import Kind
from app.domain.refusals import Code, Refused
from tests.actions.after_sale import balanced, change, give_back, read, sold
from tests.factories import BANANAS, BREAD, Handheld, mark, news, settle
from tests.http.picking import MARKED
from tests.stories import deliver_one, hook, make_ready, place

KINDS = [Kind.SALE, Kind.RETURN]


async def refused(doing) -> Refused:
    with pytest.raises(Refused) as found:
        await doing
    return found.value


async def cancel(api, hub, order_id="H1"):
    await hook(api, news("order.canceled", order_id))
    await settle(hub)


async def deliver_marked(api, hub, *codes):
    """An order of marked milk at the customer's."""
    order_id = await place(api, hub, "H1", {**MARKED, "quantity": len(codes)})
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await handheld.do("pick", line=MARKED["id"], quantity=len(codes), marks=list(codes))
    await handheld.do("complete")
    await handheld.do("ready")
    await hook(api, news("order.delivered", "H1"))
    await settle(hub)
    return order_id


async def test_a_partial_return_is_a_document_that_refers_to_its_sale(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await issue(hub)
    await give_back(hub, order_id, "300901", 1)
    assert await issue(hub) == 1
    sale, back = await balanced(hub, order_id)
    assert (back.kind, back.base.id, back.total) == (Kind.RETURN, sale.id, -5450)
    assert back.number.startswith("СМВ")
    assert back.number.endswith("-000001")
    assert back.reason == "не подошло"
    (line,) = back.lines
    assert (line.sku, line.pieces, line.price) == ("300901", -1, 5450)
    assert await issue(hub) == 0


async def test_goods_by_weight_come_back_by_weight(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await issue(hub)
    await change(hub, "return", order_id, Wish("200101", grams=333))
    await issue(hub)
    _, back = await balanced(hub, order_id)
    (line,) = back.lines
    assert (line.grams, line.total, line.unit_grams) == (-333, 8664 - 12990, 1000)
    fault = await refused(give_back(hub, order_id, "200101", 1))
    assert fault.code is Code.WRONG_UNIT


async def test_a_correction_says_what_was_and_the_difference(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await issue(hub)
    await change(hub, "correct", order_id, Wish("300901", pieces=2, price=5000))
    await issue(hub)
    _, correction = await balanced(hub, order_id)
    (line,) = correction.lines
    assert (correction.kind, correction.total) == (Kind.CORRECTION, 10_000 - 16_350)
    assert (line.before.pieces, line.before.price, line.before.total) == (3, 5450, 16_350)
    assert (line.pieces, line.price) == (-1, 5000)
    assert correction.number.startswith("СМК")


async def test_a_price_may_turn_out_to_be_nothing(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await issue(hub)
    await change(hub, "correct", order_id, Wish("300901", price=0))
    await issue(hub)
    _, correction = await balanced(hub, order_id)
    assert (correction.total, correction.lines[0].pieces) == (-16_350, 0)
    await give_back(hub, order_id, "300901", 3)
    await issue(hub)
    *_, back = await balanced(hub, order_id)
    assert (back.total, back.lines[0].pieces) == (0, -3)


async def test_a_return_before_the_sale_waits_for_it_and_both_come_in_one_run(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await give_back(hub, order_id, "300901", 1)
    await give_back(hub, order_id, "300901", 2)
    assert await issue(hub) == 3
    assert [each.kind for each in await balanced(hub, order_id)] == [*KINDS, Kind.RETURN]
    assert (await sold(hub, order_id))["300901"].total == 0


async def test_a_discount_on_the_whole_order_comes_back_with_its_share(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE orders SET discount = 1001, paid_total = paid_total - 1001")
    await give_back(hub, order_id, "300901", 1)
    left = await sold(hub, order_id)
    await issue(hub)
    sale, back = await balanced(hub, order_id)
    assert sale.total == 29_340 - 1001
    assert await sold(hub, order_id) == left
    assert back.lines[0].discount < 0
    await give_back(hub, order_id, "300901", 2)
    await change(hub, "return", order_id, Wish("200101", grams=1000))
    await issue(hub)
    issued = await balanced(hub, order_id)
    assert sum(each.total for each in issued) == 0
    assert sum(line.discount for each in issued for line in each.lines) == 0


async def test_a_correction_to_the_whole_price_takes_the_discount_off(api, hub):
    """The price of the line is what it was: only its share of the order's discount goes."""
    order_id = await deliver_one(api, hub, "H1")
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE orders SET discount = 1001, paid_total = NULL")
    await issue(hub)
    await change(hub, "correct", order_id, Wish("300901", price=5450))
    await issue(hub)
    issued = await balanced(hub, order_id)
    bread = [line for each in issued for line in each.lines if line.sku == "300901"]
    assert sum(line.total for line in bread) == 16_350
    assert sum(line.discount for line in bread) == 0


async def test_a_cancel_after_delivery_takes_all_that_is_left_back(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await issue(hub)
    await give_back(hub, order_id, "300901", 1)
    await cancel(api, hub)
    await cancel(api, hub)
    assert await issue(hub) == 2
    issued = await balanced(hub, order_id)
    assert [each.kind for each in issued] == [*KINDS, Kind.RETURN]
    assert sum(each.total for each in issued) == sum(each.vat_total for each in issued) == 0


async def test_a_cancel_before_the_job_gives_a_sale_and_a_return_in_this_order(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await cancel(api, hub)
    assert await issue(hub) == 2
    issued = await balanced(hub, order_id)
    assert [each.kind for each in issued] == KINDS
    assert sum(each.total for each in issued) == 0


async def test_a_cancel_of_what_came_back_already_adds_nothing(api, hub):
    order_id = await deliver_one(api, hub, "H1", BREAD)
    await give_back(hub, order_id, "300901", 3)
    await cancel(api, hub)
    assert await issue(hub) == 2
    assert len(await balanced(hub, order_id)) == 2


async def test_an_order_that_never_arrived_has_nothing_to_give_back(api, hub):
    order_id = await place(api, hub, "H1")
    await make_ready(api, hub)
    await hook(api, news("order.received", "H1"))
    await settle(hub)
    assert (await refused(give_back(hub, order_id, "300901", 1))).code is Code.ILLEGAL_TRANSITION
    await cancel(api, hub)
    assert await issue(hub) == 0
    assert (await refused(give_back(hub, order_id, "300901", 1))).code is Code.ORDER_CANCELLED


async def test_a_second_click_changes_nothing_and_hears_the_same(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    first = await give_back(hub, order_id, "300901", 1, source="k", request_hash=b"1")
    await issue(hub)
    again = await give_back(hub, order_id, "300901", 1, source="k", request_hash=b"1")
    assert (again.change.id, again.lines) == (first.change.id, first.lines)
    assert await issue(hub) == 0
    other = await refused(give_back(hub, order_id, "300901", 2, source="k", request_hash=b"2"))
    assert other.code is Code.IDEMPOTENCY_KEY_REUSED


async def test_two_clicks_at_once_are_one_return(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await asyncio.gather(
        *(give_back(hub, order_id, "300901", 1, source="k", request_hash=b"1") for _ in range(4))
    )
    assert (await sold(hub, order_id))["300901"].pieces == 2


async def test_no_more_comes_back_than_was_sold_however_many_people_say_so_at_once(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    done = await asyncio.gather(
        *(give_back(hub, order_id, "300901", 2) for _ in range(4)), return_exceptions=True
    )
    faults = [each.code for each in done if isinstance(each, Refused)]
    assert faults == [Code.INVALID_QUANTITY] * 3
    await issue(hub)
    assert len(await balanced(hub, order_id)) == 2


@pytest.mark.parametrize(
    ("verb", "wishes", "code"),
    [
        ("return", (), Code.INVALID_BODY),
        ("return", (Wish("300901", pieces=1), Wish("300901", pieces=1)), Code.INVALID_BODY),
        ("return", (Wish("300901", pieces=0),), Code.INVALID_QUANTITY),
        ("return", (Wish("300901", pieces=4),), Code.INVALID_QUANTITY),
        ("return", (Wish("300901"),), Code.INVALID_QUANTITY),
        ("return", (Wish("300901", pieces=1, price=1),), Code.INVALID_BODY),
        ("return", (Wish("300901", grams=1),), Code.WRONG_UNIT),
        ("return", (Wish("999", pieces=1),), Code.LINE_NOT_FOUND),
        ("return", (Wish("300901", pieces=1, marks=(mark(),)),), Code.MARK_NOT_SOLD),
        ("correct", (Wish("300901", pieces=3),), Code.NOTHING_CHANGED),
        ("correct", (Wish("300901", price=5450),), Code.NOTHING_CHANGED),
        ("correct", (Wish("300901"),), Code.NOTHING_CHANGED),
        ("correct", (Wish("300901", pieces=10**9),), Code.INVALID_QUANTITY),
        ("correct", (Wish("300901", pieces=-1),), Code.INVALID_QUANTITY),
        ("correct", (Wish("300901", price=-1),), Code.INVALID_BODY),
    ],
)
async def test_what_cannot_be_is_refused_and_nothing_is_written(api, hub, verb, wishes, code):
    order_id = await deliver_one(api, hub, "H1", BREAD)
    assert (await refused(change(hub, verb, order_id, *wishes))).code is code
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM sale_change") == 0


async def test_a_change_has_a_reason_and_a_time_that_can_be(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    assert (
        await refused(give_back(hub, order_id, "300901", 1, reason=" "))
    ).code is Code.REASON_REQUIRED
    for at in (datetime(2020, 1, 1, tzinfo=UTC), hub.clock() + timedelta(days=1)):
        fault = await refused(give_back(hub, order_id, "300901", 1, at=at))
        assert (fault.code, fault.details["field"]) == (Code.INVALID_BODY, "at")


async def test_units_that_come_back_are_named_and_free_to_be_sold_again(api, hub):
    units = [mark() for _ in range(3)]
    order_id = await deliver_marked(api, hub, *units)
    assert (await refused(give_back(hub, order_id, MARKED["id"], 1))).code is Code.MARK_REQUIRED
    await give_back(hub, order_id, MARKED["id"], 1, marks=(units[1],))
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT count(*) FROM product_mark") == 2
    fault = await refused(give_back(hub, order_id, MARKED["id"], 1, marks=(units[1],)))
    assert fault.code is Code.MARK_NOT_SOLD
    await issue(hub)
    sale, back = await balanced(hub, order_id)
    assert (set(sale.lines[0].marks), back.lines[0].marks) == (set(units), (units[1],))
    await give_back(hub, order_id, MARKED["id"], 2)
    await issue(hub)
    *_, rest = await balanced(hub, order_id)
    assert set(rest.lines[0].marks) == {units[0], units[2]}


async def test_a_unit_that_was_sold_again_stays_sold_when_its_first_order_is_called_off(api, hub):
    units = [mark(), mark()]
    order_id = await deliver_marked(api, hub, *units)
    await give_back(hub, order_id, MARKED["id"], 1, marks=(units[0],))
    await place(api, hub, "H2", {**MARKED, "quantity": 1})
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await handheld.do("pick", line=MARKED["id"], quantity=1, marks=[units[0]])
    await cancel(api, hub)
    async with hub.pools.picking.acquire() as conn:
        used = await conn.fetch("SELECT ki, used FROM product_mark")
        holders = await conn.fetch("SELECT ki FROM product_mark_use")
    ki = units[0].split("\x1d")[0]
    assert [tuple(row) for row in used] == [(ki, 1000)]
    assert [row["ki"] for row in holders] == [ki]
    await issue(hub)
    *_, rest = await balanced(hub, order_id)
    assert rest.lines[0].marks == (units[1],)


async def test_a_change_shows_in_the_orders_story_and_moves_its_version(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    async with hub.pools.picking.acquire() as conn:
        before = await conn.fetchval("SELECT version FROM orders")
        await give_back(hub, order_id, "300901", 1)
        assert await conn.fetchval("SELECT version FROM orders") == before + 1
        actor, detail = await conn.fetchrow(
            "SELECT actor, detail FROM timeline WHERE kind = 'deed' ORDER BY id DESC"
        )
    assert actor == "duty"
    assert detail["event"] == "return"
    assert detail["lines"] == [{"sku": "300901", "left": 2, "price": 5450, "total": 10_900}]


async def test_documents_of_older_releases_without_ids_in_their_lines_take_returns_too(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await issue(hub)
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE document_line SET line_id = NULL")
    await give_back(hub, order_id, "300901", 1)
    await cancel(api, hub)
    await issue(hub)
    assert sum(each.total for each in await balanced(hub, order_id)) == 0


async def test_four_runs_at_once_and_one_that_dies_make_one_document_of_each(api, hub):
    ids = [await deliver_one(api, hub, f"H{n}") for n in range(3)]
    for order_id in ids:
        for _ in range(2):
            await give_back(hub, order_id, "300901", 1)
        await change(hub, "correct", order_id, Wish("300901", price=1))
    counts = await asyncio.gather(*(issue(hub) for _ in range(4)))
    assert sum(counts) == 12
    assert await issue(hub) == 0
    numbers = []
    for order_id in ids:
        issued = await balanced(hub, order_id)
        assert [each.kind for each in issued] == [*KINDS, Kind.RETURN, Kind.CORRECTION]
        assert [each.nth for each in issued] == [1, 1, 2, 1]
        numbers += [each.number for each in issued if each.kind is Kind.RETURN]
    assert sorted(number[-6:] for number in numbers) == [f"{n:06d}" for n in range(1, 7)]


async def test_a_return_in_the_new_year_has_the_new_years_number(api, hub):
    order_id = await deliver_one(api, hub, "H1", BANANAS, BREAD)
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE orders SET delivered_at = '2025-12-31 20:59:59+00'")
        await issue(hub)
        await give_back(hub, order_id, "300901", 1, at=datetime(2025, 12, 31, 21, tzinfo=UTC))
    await issue(hub)
    sale, back = await read(hub, order_id)
    assert (sale.number[:5], back.number) == ("СМ25-", "СМВ26-000001")
    assert back.issued_on.isoformat() == "2026-01-01"
    assert back.lines[0].vat_percent == sale.lines[-1].vat_percent
