"""Ways to incidents about money and documents."""

from app.actions.issue import issue
from tests.factories import BREAD, news, settle
from tests.stories import deliver_one, hook, make_ready, place

ALONG = {"sale_impossible": {"state_mismatch"}}


async def sale_waiting(scene):
    await deliver_one(scene.api, scene.hub, "H1")
    scene.later(minutes=71)
    yield
    await issue(scene.hub)


async def sale_impossible(scene):
    await place(scene.api, scene.hub, "H1")
    await hook(scene.api, news("order.delivered"))
    await settle(scene.hub)
    scene.later(minutes=6)
    yield
    await scene.sql("UPDATE orders SET final_total = 0")


async def sum_mismatch(scene):
    await place(scene.api, scene.hub, "H1", BREAD)
    await make_ready(scene.api, scene.hub)
    sums = {"totalPrice": "163.50", "discountTotalPrice": "170.00"}
    await hook(scene.api, news("order.paid", total=sums))
    for event in ("order.received", "order.delivered"):
        await hook(scene.api, news(event))
    await settle(scene.hub)
    await issue(scene.hub)
    scene.later(seconds=30)
    yield
    await hook(scene.api, news("order.paid", total={**sums, "discountTotalPrice": "163.50"}))
    await settle(scene.hub)
