"""How a handheld reaches the refusals of goods that are not the line's, and of product marks."""

from __future__ import annotations

from app.sandbox.catalogue import BY_SKU
from tests.factories import mark
from tests.http.marking import checked
from tests.http.picking import MARKED, MARKED_ID, picking

#: A loaf of the demo that has a barcode, and one that nobody ordered.
LOAF = {"id": "100201", "name": "Хлеб", "originalQuantity": 2, "quantity": 2, "price": "64.90"}
LOAF_ID = LOAF["id"]
LOAF_EAN = BY_SKU[LOAF_ID].barcodes[0]
TEA_EAN = BY_SKU["100301"].barcodes[0]


async def invalid_barcode(world):
    handheld = await picking(world, LOAF)
    return await handheld.ask("pick", line=LOAF_ID, quantity=1, codes=[LOAF_EAN[:-1]])


async def wrong_item(world):
    handheld = await picking(world, LOAF, MARKED)
    return await handheld.ask("pick", line=LOAF_ID, quantity=1, codes=["4690001004013"])


async def not_in_order(world):
    handheld = await picking(world, LOAF, MARKED)
    return await handheld.ask("pick", line=LOAF_ID, quantity=1, codes=[TEA_EAN])


async def mark_invalid(world):
    handheld = await picking(world, MARKED)
    broken = mark().replace("\x1d", "")
    return await handheld.ask("pick", line=MARKED_ID, quantity=1, marks=[broken])


async def mark_refused(world):
    async with checked(world) as (asked, _):
        handheld = await picking(asked, MARKED)
        sold = mark("SOLD" + mark()[18:27])
        return await handheld.ask("pick", line=MARKED_ID, quantity=1, marks=[sold])


async def item_restricted(world):
    handheld = await picking(world, LOAF)
    await restrict(world, handheld, "blocked")
    return await handheld.ask("pick", line=LOAF_ID, quantity=1)


async def restrict(world, handheld, how, age=None):
    """What a marketplace or the catalogue might have said of the first line."""
    line = handheld.order["lines"][0]["id"]
    await world.value(
        "UPDATE order_line SET restriction = $2, min_age = $3 WHERE id = $1", line, how, age
    )
