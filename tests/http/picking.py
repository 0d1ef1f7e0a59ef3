"""Orders at every stage, and handhelds that hold them: what tests of the picker API begin with."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Awaitable, Callable
from typing import Any

import httpx

from tests.conftest import TOKEN
from tests.factories import BANANAS, BREAD, Handheld, mark, news, placed, settle
from tests.flow.shared import World

#: Two bottles that need a product mark each.
MARKED = {"id": "100401", "name": "Молоко", "originalQuantity": 2, "quantity": 2, "price": "89.90"}
BREAD_ID, BANANAS_ID, MARKED_ID = BREAD["id"], BANANAS["id"], MARKED["id"]
BANANA_LABEL = "21" + "00101"


async def order(world: World, *positions: dict[str, Any]) -> str:
    """Place an order of its own number; returns the number."""
    number = f"H-{uuid.uuid4().hex[:12]}"
    answer = await world.api.post(
        "/hooks/sm-demo", content=placed(number, *positions), headers=TOKEN
    )
    assert answer.status_code == 200
    await settle(world.hub)
    return number


async def tell(world: World, event: str, number: str, **fields: Any) -> None:
    """News of an order from the marketplace."""
    content = news(event, number, **fields)
    assert (
        await world.api.post("/hooks/sm-demo", content=content, headers=TOKEN)
    ).status_code == 200
    await settle(world.hub)


async def device(world: World, badge: str = "1001") -> Handheld:
    """A handheld, signed in."""
    pins = {"1001": "4711", "1002": "4712", "1201": "4721"}
    return await Handheld(world.api).sign_in(badge, pins[badge])


async def looking_at(world: World, number: str, badge: str = "1001") -> Handheld:
    """A handheld that shows this order and holds nothing."""
    handheld = await device(world, badge)
    id_ = await world.value("SELECT id FROM orders WHERE number = $1", number)
    handheld.order = (await handheld.get(f"/picker/v1/orders/{id_}")).json()
    return handheld


async def free_hands(world: World, badge: str = "1001") -> None:
    """Let go of what a former test left in somebody's hands."""
    await world.value(
        "UPDATE pick_job SET state = 'open', picker_id = NULL, lease_until = NULL, run_id = NULL"
        "  FROM picker WHERE picker.id = pick_job.picker_id AND picker.badge = $1"
        "   AND state <> 'done'",
        badge,
    )


async def claimed(world: World, *positions: dict[str, Any], badge: str = "1001") -> Handheld:
    """A handheld that holds a new order, and no other one."""
    handheld = await looking_at(world, await order(world, *positions), badge)
    await free_hands(world, badge)
    await handheld.do("claim")
    return handheld


async def picking(world: World, *positions: dict[str, Any], badge: str = "1001") -> Handheld:
    """A handheld in the middle of a new order."""
    handheld = await claimed(world, *positions, badge=badge)
    await handheld.do("start")
    return handheld


async def insist(
    ask: Callable[..., Awaitable[httpx.Response]], *words: Any, **more: Any
) -> httpx.Response:
    """The answer to who comes again while another is at the same rows, as handhelds do."""
    async with asyncio.timeout(300):
        while True:
            answer = await ask(*words, **more)
            if answer.status_code != 409 or answer.json()["code"] != "OPERATION_IN_PROGRESS":
                return answer


async def finish(handheld: Handheld) -> Handheld:
    """Pick everything as ordered."""
    for line in list(handheld.order["lines"]):
        if line["unit"] == "weight":
            await handheld.do("weigh", line=line["sku"], grams=line["requested"]["grams"])
        else:
            pieces = line["requested"]["pieces"]
            marks = [mark(ean=line["barcodes"][0]) for _ in range(pieces)] if line["marked"] else []
            await handheld.do("pick", line=line["sku"], quantity=pieces, marks=marks)
    await handheld.do("complete")
    return handheld
