"""Orders at their customers', for tests of what operators do with them."""

from __future__ import annotations

import uuid

from tests.conftest import CREDENTIALS
from tests.http.picking import finish, free_hands, picking, tell
from tests.stories import know

DUTY = ("duty", CREDENTIALS["operators"][0]["password"])
DOCUMENTS = "/documents/v1/orders"


async def delivered(world, *positions) -> str:
    """The number of an order that is delivered as it was ordered."""
    await know(world.hub, *positions)
    await free_hands(world)
    handheld = await finish(await picking(world, *positions))
    await handheld.do("ready")
    for event in ("order.received", "order.delivered"):
        await tell(world, event, handheld.order["number"])
    return handheld.order["number"]


async def ask(world, number, verb, body, key=None):
    """POST a return or a correction."""
    headers = {"Idempotency-Key": key or uuid.uuid4().hex}
    url = f"{DOCUMENTS}/{number}/{verb}"
    return await world.api.post(url, json=body, headers=headers, auth=DUTY)


def some(sku, reason="не подошло", **line):
    """The body of a change of one line."""
    return {"lines": [{"sku": sku, **line}], "reason": reason}
