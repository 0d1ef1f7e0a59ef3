"""The data of fiscal receipts: an advance, what it is set off against, what goes back."""

import asyncio
import base64

import pytest

from app.actions.issue import issue
from app.domain.document import RECEIPTS, Kind
from app.render.receipt_json import receipt
from tests.actions.after_sale import balanced, give_back, read
from tests.actions.test_after_sale import cancel, deliver_marked
from tests.factories import BANANAS, BREAD, Handheld, mark, news, settle
from tests.http.picking import MARKED
from tests.stories import deliver_one, hook, know, make_ready, place

ADVANCE, FINAL, BACK = Kind.RECEIPT_ADVANCE, Kind.RECEIPT_FINAL, Kind.RECEIPT_RETURN


@pytest.fixture(autouse=True)
async def our_receipts(hub):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("""UPDATE account SET rules = rules || '{"receipts": "merchant"}'""")


async def receipts(hub, order_id):
    await issue(hub)
    assert await issue(hub) == 0
    return [d for d in await read(hub, order_id) if d.kind in RECEIPTS]


def paid(document):
    return document.detail["payments"]


def electronic(sum_, advance=0):
    return {"advance_offset": advance, "cash": 0, "electronically": sum_}


async def test_money_taken_before_the_goods_come_is_an_advance_that_is_set_off(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    advance, final = await receipts(hub, order_id)
    sale = next(d for d in await read(hub, order_id) if d.kind is Kind.SALE)
    assert (advance.kind, advance.total, paid(advance)) == (ADVANCE, 29_340, electronic(29_340))
    assert (final.kind, final.base.id, final.total) == (FINAL, sale.id, 29_340)
    assert paid(final) == electronic(0, advance=29_340)
    assert (advance.detail["method"], final.detail["method"]) == (
        "full_prepayment", "full_payment",
    )  # fmt: skip
    assert advance.number.startswith("СМА")
    assert final.number.startswith("СМЧ")
    assert advance.vat_total == final.vat_total == sale.vat_total
    named = [item["vat"]["name"] for item in receipt(advance)["items"]]
    assert named == ["22/122", "10/110"]
    assert [item["vat"]["name"] for item in receipt(final)["items"]] == ["22%", "10%"]


async def test_money_that_is_taken_at_the_end_is_one_receipt(api, hub):
    await know(hub, BREAD)
    order_id = await place(api, hub, "H1", BREAD)
    await make_ready(api, hub)
    for event in ("order.received", "order.delivered", "order.paid"):
        await hook(api, news(event, "H1"))
    await settle(hub)
    (final,) = await receipts(hub, order_id)
    assert (final.kind, paid(final)) == (FINAL, electronic(16_350))


async def test_money_taken_before_the_goods_were_found_is_for_what_was_ordered(api, hub):
    """And goes back as a whole when less was found."""
    await know(hub, BREAD, BANANAS)
    order_id = await place(api, hub, "H1", BREAD, BANANAS)
    await hook(api, news("order.paid", "H1"))
    await settle(hub)
    (advance,) = await receipts(hub, order_id)
    assert advance.total == 29_340
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await handheld.do("short", line="300901", quantity=1, reason="not_enough")
    await handheld.do("weigh", line="200101", grams=1000)
    await handheld.do("complete")
    await handheld.do("ready")
    await hook(api, news("order.delivered", "H1"))
    await settle(hub)
    issued = await receipts(hub, order_id)
    assert [each.kind for each in issued] == [ADVANCE, FINAL, BACK]
    assert [each.total for each in issued] == [29_340, 18_440, -29_340]
    assert paid(issued[1]) == electronic(18_440)
    assert issued[2].base.id == advance.id
    assert [item["vat"]["name"] for item in receipt(issued[2])["items"]] == ["22/122", "10/110"]


async def test_goods_refused_at_the_door_were_in_the_advance_and_nothing_sold_is_no_receipt(
    api, hub
):
    """The run comes long after all of it: the advance is for what the money was taken for."""
    await know(hub, BREAD)
    order_id = await place(api, hub, "H1", BREAD)
    handheld = await make_ready(api, hub)
    await hook(api, news("order.paid", "H1"))
    await settle(hub)
    all_of_it = {"line_id": handheld.line("300901")["id"], "quantity": 3, "reason": "stale"}
    await handheld.do("handover", refused=[all_of_it])
    for event in ("order.received", "order.delivered"):
        await hook(api, news(event, "H1"))
    await settle(hub)
    advance, back = await receipts(hub, order_id)
    assert (advance.kind, advance.total, paid(advance)) == (ADVANCE, 16_350, electronic(16_350))
    assert (back.kind, back.total, back.base.id) == (BACK, -16_350, advance.id)
    assert [each.total for each in await balanced(hub, order_id)] == [0]


async def test_an_order_that_is_called_off_after_its_money_gives_the_advance_back(api, hub):
    await know(hub, BREAD)
    order_id = await place(api, hub, "H1", BREAD)
    await hook(api, news("order.paid", "H1"))
    await cancel(api, hub)
    await cancel(api, hub)
    advance, back = await receipts(hub, order_id)
    assert (back.kind, back.total, back.base.id) == (BACK, -16_350, advance.id)
    assert back.detail["settlement"] == "income_return"
    assert paid(back) == electronic(16_350)


async def test_every_return_has_its_receipt(api, hub):
    order_id = await deliver_one(api, hub, "H1")
    await give_back(hub, order_id, "300901", 1)
    await cancel(api, hub)
    *_, first, second = await receipts(hub, order_id)
    books = await balanced(hub, order_id)
    assert [(each.kind, each.nth) for each in (first, second)] == [(BACK, 1), (BACK, 2)]
    assert [each.total for each in (first, second)] == [each.total for each in books[1:]]
    assert [each.base.id for each in (first, second)] == [each.id for each in books[1:]]
    assert first.detail["method"] == "full_payment"


async def test_units_are_in_the_final_receipt_with_what_the_marking_system_said(api, hub):
    units = [mark(), mark()]
    order_id = await deliver_marked(api, hub, *units)
    async with hub.pools.picking.acquire() as conn:
        noted = [{"code": units[0], "part": 1000, "check_id": "a1-b2",
                  "checked_at": "2026-03-01T10:00:00+00:00"}]  # fmt: skip
        await conn.execute("UPDATE order_line SET mark_uses = $1", noted)
    (final,) = await receipts(hub, order_id)
    items = receipt(final)["items"]
    found = {base64.b64decode(item["mark"]).decode(): item for item in items}
    assert set(found) == set(units)
    assert {item["subject"] for item in items} == {33}
    assert found[units[0]]["industry"]["value"] == "UUID=a1-b2&Time=1772359200000"
    assert "industry" not in found[units[1]]
    assert {item["quantity"] for item in items} == {"1.000"}
    await give_back(hub, order_id, MARKED["id"], 1, marks=(units[0],))
    *_, back = await receipts(hub, order_id)
    assert [line.marks for line in back.lines] == [(units[0],)]


async def test_a_discount_on_the_order_and_the_delivery_are_in_every_receipt(api, hub):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("""UPDATE account SET rules = rules || '{"delivery_by": "merchant"}'""")
    await know(hub, BREAD, BANANAS)
    order_id = await place(api, hub, "H1", BREAD, BANANAS)
    await make_ready(api, hub)
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE orders SET discount = 1001, delivery_fee = 9900")
    for event in ("order.paid", "order.delivered"):
        await hook(api, news(event, "H1"))
    await settle(hub)
    advance, final = await receipts(hub, order_id)
    assert advance.total == final.total == 29_340 - 1001 + 9900
    assert [(x.sku, x.total, x.vat) for x in advance.lines] == [
        (x.sku, x.total, x.vat) for x in final.lines
    ]
    assert [item["subject"] for item in receipt(final)["items"]][-1] == 4
    await cancel(api, hub)
    issued = await receipts(hub, order_id)
    assert issued[-1].total == -final.total
    assert sum(each.total for each in await balanced(hub, order_id)) == 0


async def test_an_advance_is_set_off_although_the_marketplace_makes_receipts_by_now(api, hub):
    await know(hub, BREAD)
    order_id = await place(api, hub, "H1", BREAD)
    await make_ready(api, hub)
    await hook(api, news("order.paid", "H1"))
    await settle(hub)
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE account SET rules = rules - 'receipts'")
    await hook(api, news("order.delivered", "H1"))
    await settle(hub)
    advance, final = await receipts(hub, order_id)
    assert (advance.kind, final.kind) == (ADVANCE, FINAL)
    assert paid(final) == electronic(0, advance=16_350)


async def test_a_marketplace_that_makes_receipts_itself_needs_none_of_ours(api, hub):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute("UPDATE account SET rules = rules - 'receipts'")
    order_id = await deliver_one(api, hub, "H1")
    await give_back(hub, order_id, "300901", 1)
    assert await receipts(hub, order_id) == []


async def test_four_runs_at_once_make_each_receipt_once(api, hub):
    ids = [await deliver_one(api, hub, f"H{n}") for n in range(3)]
    for order_id in ids:
        await give_back(hub, order_id, "300901", 1)
    await asyncio.gather(*(issue(hub) for _ in range(4)))
    found = [[each.kind for each in await receipts(hub, order_id)] for order_id in ids]
    assert found == [[ADVANCE, FINAL, BACK]] * 3
    async with hub.pools.picking.acquire() as conn:
        serials = await conn.fetch("SELECT series, array_agg(serial ORDER BY serial) AS all"
                                   " FROM document GROUP BY series, year")  # fmt: skip
    assert all(row["all"] == list(range(1, len(row["all"]) + 1)) for row in serials)
