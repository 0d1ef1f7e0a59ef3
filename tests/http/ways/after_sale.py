"""How an operator reaches the refusals of what comes after a sale."""

from __future__ import annotations

from tests.factories import BREAD, mark
from tests.http.delivered import ask, delivered, some


async def nothing_changed(world):
    number = await delivered(world, BREAD)
    return await ask(world, number, "corrections", some(BREAD["id"], quantity=BREAD["quantity"]))


async def mark_not_sold(world):
    number = await delivered(world, BREAD)
    return await ask(world, number, "returns", some(BREAD["id"], quantity=1, marks=[mark()]))
