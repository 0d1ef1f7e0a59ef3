"""Ways to incidents about what comes after a sale."""

from app.actions.issue import issue
from app.domain.after_sale_events import Wish
from tests.actions.after_sale import change
from tests.factories import BANANAS, BREAD, placed, settle
from tests.stories import deliver_one, hook


async def sale_doubted(scene):
    order_id = await deliver_one(scene.api, scene.hub, "H1", BREAD, BANANAS)
    less = {**BREAD, "quantity": 2}
    await hook(scene.api, placed("H1", less, BANANAS, event="order.updated"))
    await settle(scene.hub)
    scene.later(seconds=30)
    yield
    await change(scene.hub, "return", order_id, Wish("300901", pieces=1))


async def after_sale_waiting(scene):
    order_id = await deliver_one(scene.api, scene.hub, "H1", BREAD, BANANAS)
    await issue(scene.hub)
    await change(scene.hub, "return", order_id, Wish("300901", pieces=1))
    scene.later(minutes=71)
    yield
    await issue(scene.hub)
