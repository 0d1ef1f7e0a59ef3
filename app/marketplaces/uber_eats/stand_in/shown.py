"""What the stand-in for Uber shows of an order, and what it reads of issues."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from app.sandbox.stall import Entry, Goods

E5: Final = 100_000
STATES: Final = {
    "placed": "OFFERED", "accepted": "ACCEPTED", "picking": "ACCEPTED", "ready": "ACCEPTED",
    "taken": "HANDED_OFF", "delivered": "SUCCEEDED", "cancelled": "FAILED",
}  # fmt: skip
GRAMS: Final = {
    "WEIGHT_UNIT_TYPE_METRIC_GRAM": 1.0, "WEIGHT_UNIT_TYPE_METRIC_KILOGRAM": 1000.0,
    "WEIGHT_UNIT_TYPE_IMPERIAL_POUND": 453.59237,
}  # fmt: skip
ACTIONS: Final = ("REPLACE_FOR_ME", "SUBSTITUTE_ME", "REMOVE_ITEM", "ALTERNATIVE_ITEM")


def row_id(row: int) -> str:
    """The name of a cart's row."""
    return f"cart-item-{row}"


def order(entry: Entry) -> dict[str, Any]:
    """An order with its carts and charges."""
    goods = entry.basket.goods
    total = _money(sum(_cost(each) for each in goods))
    packed = entry.state in ("ready", "taken", "delivered")
    found = {
        "id": entry.ref, "display_id": entry.ref[:5], "state": STATES[entry.state],
        "status": "COMPLETED" if entry.state in ("delivered", "cancelled") else "ACTIVE",
        "preparation_status": "READY_FOR_HANDOFF" if packed else "PREPARING",
        "fulfillment_type": "DELIVERY_BY_UBER", "store": {"id": entry.basket.store},
        "carts": [{
            "id": "cart-1", "special_instructions": entry.basket.comment,
            "items": [_item(n, each) for n, each in enumerate(goods)],
            "fulfillment_issues": list(entry.more.get("issues", {}).values()),
        }],
        "payment": {"payment_detail": {"currency_code": "USD", "item_charges": {
            "total": total, "subtotal_including_promos": total,
            "price_breakdown": [_charge(n, each) for n, each in enumerate(goods)],
        }}},
        "preparation_time": {
            "ready_for_pickup_time": (entry.placed_at + timedelta(hours=1)).isoformat()
        },
        "created_time": entry.placed_at.isoformat(),
    }  # fmt: skip
    if "failure" in entry.more:
        found["failure_info"] = {"reason": entry.more["failure"]}
    return found


def found(goods: Goods, issue: dict[str, Any] | None) -> int:
    """Pieces or grams of the goods themselves: others that stand for them are others."""
    if issue is None:
        return goods.pieces if goods.grams is None else goods.grams
    if issue["issue_type"] == "OUT_OF_ITEM":
        return 0
    return _read(issue["item_availability"]["items_available"]["in_sellable_unit"])


def wrong(entry: Entry, issue: dict[str, Any]) -> str:
    """What is against the rules in an issue; "" for nothing."""
    rows = {row_id(n): goods for n, goods in enumerate(entry.basket.goods)}
    row = issue.get("item", {}).get("cart_item_id")
    if row not in rows:
        return f"no such cart item: {row}"
    kind = issue.get("issue_type")
    if kind == "OUT_OF_ITEM":
        return _wrong_action(issue)
    if kind not in ("FOUND_ITEM", "PARTIAL_AVAILABILITY"):
        return f"no such issue: {kind}"
    amount = issue.get("item_availability", {}).get("items_available", {}).get("in_sellable_unit")
    if not amount or amount.get("amount_e5", 0) <= 0:
        return f"{kind} needs items_available"
    goods = rows[row]
    less = _read(amount) < (goods.pieces if goods.grams is None else goods.grams)
    if less and goods.grams is not None:
        return ""  # what is weighed is found when it weighs a little less
    return "" if less == (kind == "PARTIAL_AVAILABILITY") else f"{kind} of another amount"


def _wrong_action(issue: dict[str, Any]) -> str:
    if issue.get("action_type") not in ACTIONS:
        return "OUT_OF_ITEM needs an action_type"
    other = issue.get("item_substitute") or {}
    complete = other.get("id") and "in_sellable_unit" in other.get("quantity", {})
    return "" if complete or issue["action_type"] == "REMOVE_ITEM" else "no item_substitute"


def error(status: int, code: str, message: str) -> Response:
    """Uber's shape of an error."""
    return JSONResponse({"code": code, "message": message}, status)


def _read(amount: dict[str, Any]) -> int:
    measure = amount["measurement_unit"]
    if measure["measurement_type"] == "MEASUREMENT_TYPE_COUNT":
        return int(amount["amount_e5"]) // E5
    return int(0.5 + amount["amount_e5"] / E5 * GRAMS[measure["weight"]["unit_type"]])


def _item(row: int, goods: Goods) -> dict[str, Any]:
    if goods.grams is None:
        unit: dict[str, Any] = {"measurement_type": "MEASUREMENT_TYPE_COUNT"}
        amount = goods.pieces * E5
    else:
        weight = {"unit_type": "WEIGHT_UNIT_TYPE_METRIC_KILOGRAM"}
        unit = {"measurement_type": "MEASUREMENT_TYPE_WEIGHT", "weight": weight}
        amount = goods.grams * E5 // 1000
    quantity = {"in_sellable_unit": {"measurement_unit": unit, "amount_e5": amount}}
    return {
        "id": goods.sku, "cart_item_id": row_id(row), "title": goods.name, "external_data": "",
        "quantity": quantity, "fulfillment_action": {"action_type": "REPLACE_FOR_ME"},
    }  # fmt: skip


def _charge(row: int, goods: Goods) -> dict[str, Any]:
    each = {"cart_item_id": row_id(row), "price_type": "ITEM", "total": _money(_cost(goods))}
    return each | ({"unit": _money(goods.price)} if goods.grams is None else {})


def _cost(goods: Goods) -> int:
    if goods.grams is None:
        return goods.price * goods.pieces
    return goods.price * goods.grams // goods.unit_grams


def _money(cents: int) -> dict[str, Any]:
    return {"gross": {"amount_e5": cents * 1000, "currency_code": "USD"}}
