"""How a handheld reaches the refusals of the packing table."""

from __future__ import annotations

from tests.factories import BREAD
from tests.http.picking import device, finish, looking_at, order, picking
from tests.http.test_packing import a_place, codes, packed


async def bag_not_found(world):
    handheld = await packed(world, "ambient")
    return await handheld.ask("stage", location_code=await a_place(world), bag_codes=["B-NONE"])


async def bag_belongs_to_other_order(world):
    other = await packed(world, "ambient")
    await other.do("ready")
    handheld = await packed(world, "ambient")
    return await handheld.ask("stage", location_code=await a_place(world), bag_codes=codes(other))


async def place_not_found(world):
    handheld = await packed(world, "ambient")
    return await handheld.ask("stage", location_code="NOWHERE", bag_codes=codes(handheld))


async def place_full(world):
    place = await a_place(world, capacity=1)
    one = await packed(world, "ambient")
    await one.do("stage", location_code=place, bag_codes=codes(one))
    await one.do("ready")
    two = await packed(world, "ambient")
    return await two.ask("stage", location_code=place, bag_codes=codes(two))


async def wrong_place(world):
    handheld = await packed(world, "ambient")
    place = await a_place(world)
    await world.value("UPDATE store_place SET temperature = 'frozen' WHERE code = $1", place)
    world.hub.shops._known.clear()
    return await handheld.ask("stage", location_code=place, bag_codes=codes(handheld))


async def bags_not_sealed(world):
    handheld = await finish(await picking(world, BREAD))
    await handheld.do("bags", temperature="ambient")
    return await handheld.ask("ready")


async def bags_missing(world):
    handheld = await packed(world, "ambient")
    await handheld.do("ready")
    return await handheld.ask("handover", bag_codes=[])


async def courier_code_wrong(world):
    handheld = await packed(world, "ambient")
    await handheld.do("ready")
    await _rules(world, '{"handout_code": true}')
    try:
        return await handheld.ask("handover", bag_codes=codes(handheld), courier_code="no")
    finally:
        await _rules(world, "{}")


async def age_check_required(world):
    handheld = await packed(world, "ambient")
    await handheld.do("ready")
    await world.value(
        "UPDATE order_line SET min_age = 18 WHERE order_id = $1", handheld.order["id"]
    )
    return await handheld.ask("handover", bag_codes=codes(handheld))


async def other_store(world):
    handheld = await looking_at(world, await order(world, BREAD))
    foreign = await device(world, "1201")
    return await foreign.get(f"/picker/v1/orders/{handheld.order['id']}")


async def _rules(world, rules: str) -> None:
    await world.value("UPDATE account SET rules = $1::text::jsonb", rules)
    world.hub.accounts._known.clear()
