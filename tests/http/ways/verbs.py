"""How a handheld reaches the refusals of the picking verbs."""

from __future__ import annotations

import uuid

from tests.factories import mark
from tests.http.picking import (
    BANANAS_ID,
    BREAD_ID,
    MARKED,
    MARKED_ID,
    claimed,
    device,
    free_hands,
    looking_at,
    order,
    picking,
    tell,
)


async def invalid_body(world):
    return await (await picking(world)).ask("pick", line=BREAD_ID, quantity="three")


async def invalid_quantity(world):
    return await (await picking(world)).ask("weigh", line=BANANAS_ID, grams=0)


async def idempotency_key_required(world):
    handheld = await claimed(world)
    path = f"/picker/v1/orders/{handheld.order['id']}/start"
    return await world.api.post(path, headers=handheld.headers | {"If-Match": '"1"'})


async def session_expired(world):
    return await world.api.get("/picker/v1/me", headers={"Authorization": "Bearer nobody"})


async def pin_wrong(world):
    return await world.api.post("/picker/v1/sessions", json={"badge": "1001", "pin": "0000"})


async def not_assigned(world):
    return await (await looking_at(world, await order(world))).ask("start")


async def order_not_found(world):
    return await (await device(world)).get(f"/picker/v1/orders/{uuid.uuid4()}")


async def line_not_found(world):
    handheld = await picking(world)
    handheld.order["lines"][0]["id"] = str(uuid.uuid4())
    return await handheld.ask("pick", line=handheld.order["lines"][0]["sku"], quantity=1)


async def version_conflict(world):
    return await (await claimed(world)).ask("start", version=1)


async def already_claimed(world):
    holder = await claimed(world)
    return await (await looking_at(world, holder.order["number"], "1002")).ask("claim")


async def lease_lost(world):
    holder = await picking(world)
    await world.value("UPDATE pick_job SET lease_until = now() - interval '1 second'")
    await free_hands(world, "1002")
    await (await looking_at(world, holder.order["number"], "1002")).do("claim")
    return await holder.ask("pick", line=BREAD_ID, quantity=1)


async def order_cancelled(world):
    handheld = await picking(world)
    await tell(world, "order.canceled", handheld.order["number"])
    return await handheld.ask("pick", line=BREAD_ID, quantity=1)


async def illegal_transition(world):
    return await (await picking(world)).ask("start")


async def operation_in_progress(world):
    handheld = await claimed(world)
    async with world.hub.pools.drains.acquire() as conn, conn.transaction():
        await conn.execute("SELECT FROM orders WHERE id = $1 FOR UPDATE", handheld.order["id"])
        return await handheld.ask("start")


async def mark_already_used(world):
    handheld = await picking(world, MARKED)
    return await handheld.ask("pick", line=MARKED_ID, quantity=2, marks=[mark()] * 2)


async def wrong_unit(world):
    return await (await picking(world)).ask("pick", line=BANANAS_ID, quantity=1)


async def qty_over_requested(world):
    return await (await picking(world)).ask("pick", line=BREAD_ID, quantity=4)


async def weight_out_of_hard_limit(world):
    return await (await picking(world)).ask("weigh", line=BANANAS_ID, grams=9999)


async def reason_required(world):
    return await (await picking(world)).ask("drop", line=BREAD_ID, reason="  ")


async def mark_required(world):
    return await (await picking(world, MARKED)).ask("pick", line=MARKED_ID, quantity=2)


async def lines_not_closed(world):
    return await (await picking(world)).ask("complete")


async def idempotency_key_reused(world):
    handheld = await picking(world)
    await handheld.do("pick", line=BREAD_ID, quantity=1, key="one-key")
    return await handheld.ask("pick", line=BREAD_ID, quantity=2, key="one-key")


async def version_required(world):
    handheld = await claimed(world)
    return await handheld.post(f"/picker/v1/orders/{handheld.order['id']}/start")


async def too_many_requests(world):
    """Of a badge that nobody has locked yet: such a lock might end in the middle of this."""
    await world.value(
        "UPDATE picker SET failures = 0, locked_until = '-infinity' WHERE badge = '3001'"
    )
    for _ in range(5):
        await world.api.post("/picker/v1/sessions", json={"badge": "3001", "pin": "0000"})
    return await world.api.post("/picker/v1/sessions", json={"badge": "3001", "pin": "4731"})
