"""The story in one process: webhook, order, picker, notifications."""

import json

from tests.conftest import TOKEN
from tests.factories import BANANAS, BREAD, MILK, Handheld, news, placed, settle


async def hook(api, content, headers=TOKEN):
    return await api.post("/hooks/sm-demo", content=content, headers=headers)


async def test_an_order_is_picked_with_a_weight_a_short_and_a_drop_and_told_once(api, hub):
    created = placed("H1", BREAD, BANANAS, MILK)
    first = await hook(api, created)
    again = await hook(api, created)
    assert first.status_code == 200
    assert first.json()["status"] == "created"
    assert first.json()["number"] == "H1"
    assert again.content == first.content
    await settle(hub)

    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await handheld.do("weigh", line="200101", grams=1040, source="scale")
    await handheld.do("short", line="300901", quantity=2, reason="shelf_empty")
    await handheld.do("drop", line="100101", reason="not_found")
    await handheld.do("complete")
    assert handheld.order["totals"]["final"] == 2 * 5450 + 13510
    await handheld.do("ready")
    await settle(hub)

    sent = [json.loads(message.body)["event"] for message in hub.marketplaces["kuper"].sent]
    assert [event["type"] for event in sent] == ["order.in_work", "order.ready_for_delivery"]
    composition = sent[1]["payload"]["order"]
    assert composition["changed"] is True
    assert {p["id"]: (p["quantity"], p.get("weight")) for p in composition["positions"]} == {
        "300901": (2, None),
        "200101": (1, "1040"),
        "100101": (0, None),
    }

    for event in ("order.paid", "order.received", "order.delivered"):
        assert (await hook(api, news(event))).status_code == 200
    await settle(hub)
    async with hub.pools.picking.acquire() as conn:
        row = await conn.fetchrow("SELECT state, payment_state, implied, sale_due FROM orders")
    assert tuple(row) == ("delivered", "paid", False, True)
