"""How Ozon shows postings and says no."""

from __future__ import annotations

from datetime import timedelta
from itertools import zip_longest
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from app.sandbox.stall import Entry, Goods

STATUSES: Final = {
    "placed": "awaiting_packaging", "accepted": "awaiting_packaging",
    "picking": "awaiting_packaging", "ready": "awaiting_deliver", "taken": "delivering",
    "delivered": "delivered", "cancelled": "cancelled",
}  # fmt: skip

#: What Ozon works on, in an entry's `more`: so many looks until it is done.
CHECKING: Final = "checking"
PACKING: Final = "packing"


def looks(entry: Entry, what: str) -> int:
    """One look less until it is done; how many are left."""
    entry.more[what] = max(entry.more.get(what, 0) - 1, 0)
    left: int = entry.more[what]
    return left


def have(entry: Entry) -> dict[int, int]:
    """Pieces that are left in a posting, by Ozon's numbers."""
    ordered = {sku_of(goods): goods.pieces for goods in entry.basket.goods}
    return dict(entry.more.get("have", ordered))


def exemplars(entry: Entry, sku: int) -> list[int]:
    """Ozon's numbers of the pieces of a product that are left."""
    return [sku * 100 + n for n in range(have(entry).get(sku, 0))]


def checked(entry: Entry) -> dict[str, Any]:
    """How far the check of a posting's marks is, exemplar by exemplar."""
    products = [
        {"product_id": sku_of(goods), "exemplars": _marked(entry, goods)}
        for goods in entry.basket.goods
        if sku_of(goods) in have(entry)
    ]
    return {"posting_number": entry.ref, "products": products, "status": _check(entry)}


def _check(entry: Entry) -> str:
    if PACKING in entry.more:
        return "update_not_available"
    if entry.more.get(CHECKING):
        return "validation_in_process"
    whole = all("\x1d" in mark for marks in entry.marks.values() for mark in marks)
    needed = all(goods.sku in entry.marks for goods in entry.basket.goods if goods.marked)
    return "ship_available" if whole and needed else "ship_not_available"


def _marked(entry: Entry, goods: Goods) -> list[dict[str, Any]]:
    marks = entry.marks.get(goods.sku, ())
    return [
        {
            "exemplar_id": each,
            "marks": [{"mark": mark, "mark_type": "mandatory_mark"}] if mark else [],
        }
        for each, mark in zip_longest(exemplars(entry, sku_of(goods)), marks)
    ]


def posting(entry: Entry, left: dict[int, int], *, alone: bool) -> dict[str, Any]:
    """A posting; `alone`: as it is shown when it is asked for by its number."""
    products = [
        {
            "sku": sku_of(goods),
            "offer_id": goods.sku,
            "name": goods.name,
            "quantity": left[sku_of(goods)],
            **_price(goods, alone=alone),
        }
        for goods in entry.basket.goods
        if sku_of(goods) in left
    ]
    return {
        "posting_number": entry.ref,
        "status": STATUSES[entry.state],
        "substatus": entry.more.get("substatus", "posting_created"),
        "in_process_at": entry.placed_at.isoformat(),
        "shipment_date": (entry.placed_at + timedelta(hours=2)).isoformat(),
        "delivery_method": {"warehouse_id": int(entry.basket.store), "warehouse": "Склад"},
        "cancellation": {"cancel_reason": "", "cancel_reason_id": 0},
        "products": products,
    }


def sku_of(goods: Goods) -> int:
    """Ozon's number of goods; the seller's is `offer_id`."""
    return 1_000_000_000 + int(goods.sku)


def _price(goods: Goods, *, alone: bool) -> dict[str, Any]:
    amount = f"{goods.price // 100}.{goods.price % 100:02d}0000"
    if alone:
        return {"price": amount, "currency_code": "RUB"}
    return {"price": {"amount": amount, "currency": "RUB"}}


def error(status: int, message: str) -> Response:
    """A refusal as the Seller API writes them."""
    return JSONResponse({"code": 3, "message": message, "details": []}, status)
