"""What Glovo publishes of its one PUT: which status when, and what each row must say."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

OURS: Final = "VENDOR_DELIVERY"
#: Who may set which status ("": both flows).
FLOW: Final = {
    "ACCEPTED": OURS, "DISPATCHED": OURS, "READY_FOR_PICKUP": "LOGISTICS_DELIVERY",
    "UPDATE_CART": "", "CANCELLED": "",
}  # fmt: skip
FULFILS: Final = ("READY_FOR_PICKUP", "DISPATCHED")
#: From which states of the bench a status may be set: once fulfilled, an order stays so.
FROM: Final = {
    "ACCEPTED": ("placed",),
    "UPDATE_CART": ("placed", "accepted", "picking"),
    "READY_FOR_PICKUP": ("placed", "picking"),
    "DISPATCHED": ("placed", "accepted", "picking"),
    "CANCELLED": ("placed", "accepted", "picking"),
}
ROWS: Final = ("IN_CART", "NOT_FOUND", "NOT_PROCESSED", "REPLACED", "ADDITION")
REASONS: Final = ("CLOSED", "ITEM_UNAVAILABLE", "TOO_BUSY")


def wrong(
    ref: str, state: str, transport: str, known: Collection[str], said: Mapping[str, Any]
) -> str | None:
    """What is against the rules, if anything is."""
    word = said.get("status")
    if said.get("order_id") != ref:
        return "order_id is another one"
    if word not in FLOW:
        return f"no such status: {word}"
    if FLOW[word] not in ("", transport):
        return f"{word} is not for {transport}"
    if state not in FROM[word]:
        return f"{word} after {state}"
    if word == "ACCEPTED" and not said.get("accepted_for"):
        return "accepted_for is missing"
    return _rows(known, said.get("items"), word) or _cancelled(said)


def found(rows: Collection[Mapping[str, Any]]) -> dict[str, int]:
    """Pieces, or grams, that are in the cart, by SKU."""
    amounts: dict[str, int] = {}
    for row in rows:
        pricing, there = row["pricing"], row["status"] in ("IN_CART", "ADDITION")
        weight = pricing.get("weight")
        amount = pricing["quantity"] if weight is None else round(weight * 1000)
        amounts[row["sku"]] = amounts.get(row["sku"], 0) + (amount if there else 0)
    return amounts


def _rows(known: Collection[str], rows: Any, word: str) -> str | None:
    if not isinstance(rows, list) or not rows:
        return "items are missing"
    named = [row.get("_id") for row in rows if row.get("_id") is not None]
    if set(named) - set(known) or len(named) != len(set(named)):
        return "no such item, or one twice"
    if word in FULFILS and set(known) - set(named):
        return "an item is not told of"
    return next(filter(None, (_row(row, known, word) for row in rows)), None)


def _row(row: Mapping[str, Any], known: Collection[str], word: str) -> str | None:
    """One row; `replaced_id` names the row for which other goods stand."""
    pricing, status = row.get("pricing") or {}, row.get("status")
    if status not in ROWS or (word in FULFILS and status == "NOT_PROCESSED"):
        return f"no status for an item: {status}"
    quantity = pricing.get("quantity")
    if not isinstance(quantity, int) or quantity < 1:
        return "a quantity is a whole number from 1"
    if pricing.get("pricing_type") == "KG" and not pricing.get("weight", 0) > 0:
        return "KG needs a weight"
    if row.get("_id") is None and status == "IN_CART" and row.get("replaced_id") not in known:
        return "whose replacement is that?"
    return None


def _cancelled(said: Mapping[str, Any]) -> str | None:
    if said["status"] != "CANCELLED":
        return None
    given = said.get("cancellation") or {}
    if given.get("reason") not in REASONS or given.get("cancelled_by") != "VENDOR":
        return "no reason of the three"
    if any(row["status"] != "NOT_FOUND" for row in said["items"]):
        return "all items are NOT_FOUND then"
    return None
