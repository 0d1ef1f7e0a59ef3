"""Every delivered order becomes exactly one sales document."""

import asyncio
from datetime import date

from app.actions.issue import BATCH, issue
from app.db import documents, sales
from app.domain.money import vat_inside
from app.render.document_json import document_json
from tests.factories import BANANAS, BREAD, Handheld, news, settle
from tests.stories import deliver_one, hook, know, make_ready, place


async def read_all(hub):
    async with hub.pools.picking.acquire() as conn:
        ids = await documents.browse(conn, date(2020, 1, 1), date(2100, 1, 1))
        return [document_json(each) for each in await documents.read(conn, ids)]


async def test_a_delivered_order_has_one_document_with_vat_inside_its_lines(api, hub):
    await deliver_one(api, hub, "H1", BREAD, BANANAS)
    assert await issue(hub) == 1
    (document,) = await read_all(hub)
    by_sku = {line["sku"]: line for line in document["lines"]}
    assert document["total"] == "293.40"
    assert by_sku["300901"]["total"] == "163.50"
    assert by_sku["200101"]["quantity"] == "1.000"
    vat = sum(
        vat_inside(round(float(line["total"]) * 100), line["vat"]["percent"])
        for line in document["lines"]
    )
    assert document["vat_total"] == f"{vat / 100:.2f}"


async def test_a_second_run_and_two_runs_at_once_issue_nothing_twice(api, hub):
    for number in range(3):
        await deliver_one(api, hub, f"H{number}")
    counts = await asyncio.gather(*(issue(hub) for _ in range(4)))
    assert sum(counts) == 3
    assert await issue(hub) == 0
    numbers = [document["number"] for document in await read_all(hub)]
    assert [number[-6:] for number in numbers] == ["000001", "000002", "000003"]


async def test_a_run_that_dies_leaves_no_gap_in_the_numbers(api, hub):
    await deliver_one(api, hub, "H1")
    async with hub.pools.picking.acquire() as conn:
        dying = conn.transaction()
        await dying.start()
        began = await sales.begin(conn)
        (picked,) = await sales.pick(conn, BATCH, sales.START, began)
        assert len(await sales.issue(conn, [picked.id], "hub", "t")) == 1
        await dying.rollback()
    assert await issue(hub) == 1
    (document,) = await read_all(hub)
    assert document["number"].endswith("-000001")


async def test_the_main_rate_is_twenty_until_2025_and_twenty_two_from_2026(api, hub):
    await deliver_one(api, hub, "H1", BREAD)
    await deliver_one(api, hub, "H2", BREAD)
    async with hub.pools.picking.acquire() as conn:
        # 22:30 UTC on 31 December is already the new year in Moscow, and still the old one before.
        await conn.execute(
            "UPDATE orders SET delivered_at = CASE external_id WHEN 'H1'"
            " THEN '2025-12-31 20:59:59+00'::timestamptz ELSE '2025-12-31 21:00:00+00' END"
        )
    await issue(hub)
    found = {d["order"]["external_id"]: d for d in await read_all(hub)}
    assert found["H1"]["lines"][0]["vat"]["percent"] == 20
    assert found["H2"]["lines"][0]["vat"]["percent"] == 22
    assert found["H1"]["number"].startswith("СМ25-")
    assert found["H2"]["number"] == "СМ26-000001"


async def test_an_order_whose_composition_never_became_final_waits_for_a_person(api, hub):
    await place(api, hub, "H1")
    await hook(api, news("order.delivered", "H1"))
    await settle(hub)
    assert await issue(hub) == 0
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT implied AND sale_due FROM orders")


async def test_an_order_returned_before_its_document_was_sold_all_the_same(api, hub):
    await deliver_one(api, hub, "H1")
    await hook(api, news("order.canceled", "H1"))
    await settle(hub)
    async with hub.pools.picking.acquire() as conn:
        assert await conn.fetchval("SELECT state FROM orders") == "returned"
    await issue(hub)
    assert (await read_all(hub))[0]["total"] == "293.40"


async def test_an_order_called_off_on_the_road_was_never_sold(api, hub):
    await place(api, hub, "H1")
    await make_ready(api, hub)
    for event in ("order.received", "order.canceled"):
        await hook(api, news(event, "H1"))
    await settle(hub)
    assert await issue(hub) == 0


async def test_an_order_delivered_with_all_lines_closed_gets_its_document_without_complete(
    api, hub
):
    await know(hub, BREAD)
    await place(api, hub, "H1")
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await handheld.do("pick", line="300901", quantity=3)
    await handheld.do("weigh", line="200101", grams=1000)
    await hook(api, news("order.delivered", "H1"))
    await settle(hub)
    assert await issue(hub) == 1
    (document,) = await read_all(hub)
    assert document["total"] == "293.40"


async def test_numbers_go_on_past_a_million(api, hub):
    await deliver_one(api, hub, "H1")
    async with hub.pools.picking.acquire() as conn:
        await conn.execute(
            "INSERT INTO document_counter (merchant_id, series, year, last)"
            " SELECT merchant.id, series, extract("
            "    year FROM delivered_at AT TIME ZONE store.timezone)::smallint, 1234566"
            "   FROM orders JOIN store ON store.id = store_id"
            "   JOIN merchant ON merchant.id = merchant_id"
        )
    await issue(hub)
    (document,) = await read_all(hub)
    assert document["number"].endswith("-1234567")


async def test_grams_that_do_not_divide_by_the_number_of_goods_cost_what_they_cost(api, hub):
    odd = {"id": "200101", "name": "Манго", "quantity": 3, "price": "100.00", "weight": "1000"}
    await deliver_one(api, hub, "H1", odd)
    await issue(hub)
    (document,) = await read_all(hub)
    (line,) = document["lines"]
    assert (line["total"], line["price"], line["price_for"]) == ("300.00", "300.00", "1.000")


async def test_what_was_refused_at_the_hand_over_is_not_in_the_document(api, hub):
    await know(hub, BREAD)
    await place(api, hub, "H1", BREAD, BANANAS)
    handheld = await make_ready(api, hub)
    bread, bananas = handheld.line("300901"), handheld.line("200101")
    refused = [{"line_id": bread["id"], "quantity": 3, "reason": "stale"},
               {"line_id": bananas["id"], "quantity": 400, "reason": "too many"}]  # fmt: skip
    await handheld.do("handover", refused=refused)
    await hook(api, news("order.received", "H1"))
    await hook(api, news("order.delivered", "H1"))
    await settle(hub)
    assert await issue(hub) == 1
    (document,) = await read_all(hub)
    assert [(line["sku"], line["quantity"], line["total"]) for line in document["lines"]] == [
        ("200101", "0.600", "77.94")
    ]
    assert document["total"] == "77.94"
