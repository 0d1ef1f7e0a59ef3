"""What the stand-in for Wolt shows of an order, and what it reads of replacements."""

from __future__ import annotations

from typing import Any, Final

from starlette.responses import JSONResponse, Response

from app.sandbox.stall import Goods

KINDS: Final = {
    "count-change-replacement": "count", "weight-change-replacement": "weight",
    "adhoc-replacement": "count", "menu-item-replacement": "count",
}  # fmt: skip


def replacement(goods: Goods, said: dict[str, Any]) -> int | None:
    """How much of a row a replacement leaves; None when it is none."""
    kind = said.get("replacement_type")
    amount = said.get(KINDS.get(str(kind), ""))
    fits = (kind == "weight-change-replacement") == (goods.grams is not None)
    if kind == "adhoc-replacement" and not (said.get("name") and said.get("price")):
        return None
    other = kind in ("adhoc-replacement", "menu-item-replacement")
    return amount if isinstance(amount, int) and amount > 0 and (fits or other) else None


def found(goods: Goods, said: list[dict[str, Any]] | None) -> int:
    """Of the goods themselves: others that stand for them are others."""
    if said is None:
        return goods.pieces if goods.grams is None else goods.grams
    own = ("count-change-replacement", "weight-change-replacement")
    return sum(each.get("count") or each["weight"] for each in said
               if each["replacement_type"] in own)  # fmt: skip


def item(row: int, goods: Goods) -> dict[str, Any]:
    """A row of an order."""
    weighed = goods.grams is not None
    whole = goods.price * (goods.grams or 0) // goods.unit_grams
    unit, total = (whole, whole) if weighed else (goods.price, goods.price * goods.pieces)
    item: dict[str, Any] = {
        "id": f"menu-{goods.sku}", "row_number": row, "sku": goods.sku, "pos_id": goods.sku,
        "name": goods.name, "count": 1 if weighed else goods.pieces, "options": [],
        "item_price": {"unit_price": money(unit), "total": money(total)},
    }  # fmt: skip
    if weighed:
        item["weighted_item_info"] = {"purchased_weight_in_grams": goods.grams}
    return item


def money(amount: int) -> dict[str, Any]:
    """Cents."""
    return {"amount": amount, "currency": "EUR"}


def error(status: int, code: str, reason: str) -> Response:
    """Wolt's shape of an error."""
    return JSONResponse({"error_code": code, "reason": reason, "details": None}, status)
