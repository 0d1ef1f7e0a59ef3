"""How a handheld reaches the refusals around replacements."""

from __future__ import annotations

from tests.http.picking import BANANAS_ID, BREAD_ID, picking

LOAF = "100202"


async def replacement_not_allowed(world):
    handheld = await picking(world)
    body = {"items": [{"sku": BANANAS_ID}], "reason": "not_found"}
    return await handheld.ask("replace", line=BREAD_ID, **body)


async def approval_pending(world):
    handheld = await picking(world)
    await handheld.do("weigh", line=BANANAS_ID, grams=1000)
    await handheld.do(
        "replace", line=BREAD_ID, items=[{"sku": LOAF, "quantity": 1}], reason="not_found"
    )
    return await handheld.ask("complete")


async def unknown_code(world):
    handheld = await picking(world)
    body = {"items": [{"sku": "nobody-sells-this"}], "reason": "not_found"}
    return await handheld.ask("replace", line=BREAD_ID, **body)
