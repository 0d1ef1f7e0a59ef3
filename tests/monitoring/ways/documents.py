"""Ways to incidents about money and documents."""

from app.actions.issue import issue
from app.db import sales
from tests.factories import BANANAS, BREAD, news, settle
from tests.stories import deliver_one, hook, know, make_ready, place

ALONG = {"sale_impossible": {"state_mismatch"}}


async def sale_waiting(scene):
    await deliver_one(scene.api, scene.hub, "H1")
    scene.later(minutes=71)
    yield
    await issue(scene.hub)


async def sale_held(scene):
    await place(scene.api, scene.hub, "H1", BREAD)
    await make_ready(scene.api, scene.hub)
    for event in ("order.received", "order.delivered"):
        await hook(scene.api, news(event))
    await settle(scene.hub)
    await issue(scene.hub)
    scene.later(seconds=30)
    yield
    await know(scene.hub, BREAD)
    await issue(scene.hub)


async def sale_impossible(scene):
    await know(scene.hub, BREAD, BANANAS)
    await place(scene.api, scene.hub, "H1")
    await hook(scene.api, news("order.delivered"))
    await settle(scene.hub)
    await issue(scene.hub)
    scene.later(minutes=6)
    yield
    (order,) = await scene.sql("SELECT id FROM orders")
    async with scene.hub.pools.picking.acquire() as conn:
        assert await sales.waive(conn, order["id"], "composition", "operator:duty", "as ordered")
    await issue(scene.hub)


async def sum_mismatch(scene):
    """The marketplace says of an order that has its document that it took another sum."""
    await deliver_one(scene.api, scene.hub, "H1", BREAD)
    await issue(scene.hub)
    sums = {"totalPrice": "163.50", "discountTotalPrice": "170.00"}
    await hook(scene.api, news("order.paid", total=sums))
    await settle(scene.hub)
    scene.later(seconds=30)
    yield
    await hook(scene.api, news("order.paid", total={**sums, "discountTotalPrice": "163.50"}))
    await settle(scene.hub)
