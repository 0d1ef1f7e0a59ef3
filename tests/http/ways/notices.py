"""How a handheld is told something besides: a write that is done, with a notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from app.actions.answers import expire
from app.errors import RemoteUnavailable
from tests.factories import BANANAS, BREAD, mark, settle
from tests.http.marking import checked
from tests.http.picking import BANANAS_ID, BREAD_ID, MARKED, MARKED_ID, finish, picking

LOAF = {"items": [{"sku": "100202"}], "reason": "not_found"}


async def weight_over_soft_limit(world):
    return await (await picking(world, BANANAS)).ask("weigh", line=BANANAS_ID, grams=1250)


async def weight_under_soft_limit(world):
    return await (await picking(world, BANANAS)).ask("weigh", line=BANANAS_ID, grams=750)


async def item_already_complete(world):
    handheld = await picking(world, BREAD)
    await handheld.do("pick", line=BREAD_ID, quantity=3)
    return await handheld.ask("pick", line=BREAD_ID, quantity=3)


async def due_soon(world):
    handheld = await picking(world, BREAD)
    soon = world.hub.clock() + timedelta(minutes=5)
    await world.value("UPDATE orders SET due_at = $2 WHERE id = $1", handheld.order["id"], soon)
    return await handheld.ask("pick", line=BREAD_ID, quantity=1)


async def replacement_proposed(world):
    handheld = await picking(world, BREAD)
    return await handheld.ask("replace", line=BREAD_ID, **LOAF)


async def answer_too_late(world):
    handheld = await picking(world, BREAD)
    await handheld.do("replace", line=BREAD_ID, **LOAF)
    hour_later = replace(world.hub, clock=lambda: world.hub.clock() + timedelta(hours=1))
    await expire(hour_later)
    await handheld.reread()
    return await handheld.ask("decide", line=BREAD_ID, approved=False)


async def mark_unchecked(world):
    async with checked(world) as (shop, system):
        system.switches.away = True
        handheld = await picking(shop, MARKED)
        return await handheld.ask("pick", line=MARKED_ID, quantity=1, marks=[mark()])


async def marketplace_unavailable(world):
    """It did not take what was told at the start, and an hour later it still does not."""
    handheld = await picking(world, BREAD)
    marketplace = world.hub.marketplaces["kuper"]
    marketplace.fails += [RemoteUnavailable("nobody answers")] * 9  # however soon it is asked again
    await settle(world.hub)
    assert len(marketplace.fails) < 9
    marketplace.fails.clear()
    await world.value(
        "UPDATE queue_item SET created_at = now() - interval '1 hour'"
        " WHERE queue = 'outbox' AND state = 'waiting'"
    )
    await finish(handheld)
    answer = await handheld.ask("ready")
    await world.value("UPDATE queue_item SET due_at = now() WHERE state = 'waiting'")
    await settle(world.hub)
    return answer
