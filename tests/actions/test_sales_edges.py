"""Sales at the edges of picking and paying: nothing is left out of them, no sum goes uncompared."""

from app.actions.issue import issue
from app.db import sales
from tests.actions.test_issue import read_all
from tests.actions.test_replacements import LOAF, picking
from tests.factories import BANANAS, BREAD, news, settle
from tests.stories import hook, know


async def holds(hub):
    async with hub.pools.picking.acquire() as conn:
        return await sales.holds(conn, None, 10)


async def test_goods_agreed_to_instead_of_others_and_never_entered_hold_the_sale_back(api, hub):
    """Neither the line they stand for nor they have an outcome: what was sold is not known."""
    handheld = await picking(api, hub)
    await handheld.do("replace", line="300901", items=[{"sku": LOAF}], reason="not_found")
    await handheld.do("weigh", line="200101", grams=1000)
    await hook(api, news("order.delivered", "H1"))
    await settle(hub)
    assert await issue(hub) == 0
    (held,) = await holds(hub)
    assert [each["problem"] for each in held["problems"]] == ["composition"]
    async with hub.pools.picking.acquire() as conn:
        assert await sales.waive(
            conn, held["order_id"], "composition", "operator:duty", "all there"
        )
    assert await issue(hub) == 1
    (document,) = await read_all(hub)
    assert {line["sku"]: line["quantity"] for line in document["lines"]} == {
        LOAF: "3", "200101": "1.000",
    }  # fmt: skip


async def test_what_was_paid_is_compared_although_the_last_taps_were_skipped(api, hub):
    """All lines have their outcomes, but nobody closed the order: it has no moment of picking."""
    await know(hub, BREAD, BANANAS)
    handheld = await picking(api, hub)
    await handheld.do("pick", line="300901", quantity=3)
    await handheld.do("weigh", line="200101", grams=1000)
    await hook(api, news("order.delivered", "H1"))
    await hook(api, news("order.paid", "H1", total={"totalPrice": "300.00"}))
    await settle(hub)
    assert await issue(hub) == 0
    (held,) = await holds(hub)
    assert held["problems"] == [{"problem": "sum", "ours": "293.40", "theirs": "300.00"}]
