"""The final composition a retailer sends: what is wrong with it, and what it makes of the items.

Rules seen in the marketplace's published tests: the weight is text in grams and required for
goods by weight; a position left out, or with quantity 0 (weight 0 for goods by weight), was not
found; `replacedByID` names an article of the assortment. The replacement has a position of its own;
where it has none the replaced position's numbers are the replacement's. What else stands for the
same position says so by `additionalItemForReplacementId`, as in the marketplace's own picker app.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from app.sandbox.catalogue import BY_SKU, Product
from app.sandbox.kuper.money import line_sum
from app.sandbox.kuper.shipment import Item, ItemState, Shipment

ADDITIONAL: Final = "additionalItemForReplacementId"
DIGITS: Final = re.compile(r"[0-9]{1,7}")  #: ten tonnes of potatoes are a mistake


@dataclass(frozen=True, slots=True)
class Fault:
    """One entry of СМ's `errors`."""

    type: str
    field: str
    message: str


def faults_of(order: object, shipment: Shipment) -> Iterator[Fault]:
    """Yield what СМ would object to in `payload.order` of ready_for_delivery."""
    if not isinstance(order, dict):
        yield Fault("missing", "order", "is required")
        return
    if order.get("originalOrderId") != shipment.order_id:
        yield Fault("missing", "order.originalOrderId", "is required and must match order_id")
    changed, positions = order.get("changed"), order.get("positions")
    if not isinstance(changed, bool):
        yield Fault("missing", "order.changed", "is required: true or false")
    if positions is None and changed is not False:
        yield Fault("missing", "order.positions", "are required unless changed is false")
    if positions is not None:
        yield from _faults_of_positions(positions, shipment)


def apply(order: dict[str, Any], shipment: Shipment) -> None:
    """Take the composition over: every item ends assembled, replaced or canceled."""
    positions = order.get("positions")
    if positions is None:
        for item in shipment.items.values():
            item.state = ItemState.CANCELED if item.removed else ItemState.ASSEMBLED
        return
    for item in shipment.items.values():
        item.state = ItemState.CANCELED
    listed = {row["id"] for row in positions}
    for row in positions:
        _apply_position(row, shipment, listed)


def final_sums(shipment: Shipment) -> tuple[int, int]:
    """Return kopecks before and after discounts of all that was assembled."""
    assembled = [item for item in shipment.items.values() if item.state is ItemState.ASSEMBLED]
    return (
        sum(line_sum(it.product, it.price, it.quantity, it.grams) for it in assembled),
        sum(line_sum(it.product, it.discount_price, it.quantity, it.grams) for it in assembled),
    )


def _faults_of_positions(positions: object, shipment: Shipment) -> Iterator[Fault]:
    if not isinstance(positions, list):
        yield Fault("invalid", "order.positions", "must be a list")
        return
    rows = [row for row in positions if isinstance(row, dict)]
    if len(rows) != len(positions):
        yield Fault("invalid", "order.positions", "must hold objects only")
    listed = {str(row.get("id")) for row in rows}
    named = shipment.items.keys() | _stand_ins(rows, shipment)
    seen: set[object] = set()
    for index, row in enumerate(rows):
        where = f"order.positions[{index}]"
        sku = row.get("id")
        if not isinstance(sku, str) or sku not in named or sku not in BY_SKU:
            yield Fault("unknown", f"{where}.id", "no such position in the order")
            continue
        if sku in seen:
            yield Fault("duplicate", f"{where}.id", "the position is listed twice")
        seen.add(sku)
        faults = list(_faults_of_row(row, where, listed))
        yield from faults
        item = shipment.items.get(sku)
        if item is not None and item.removed and not faults and _counts(row, listed):
            yield Fault("unknown", f"{where}.id", "the customer took the position out")


def _stand_ins(rows: list[dict[str, Any]], shipment: Shipment) -> set[str]:
    """Articles nobody ordered that may have a position: they replace a position of the order, or
    go with an article that does."""
    first = {str(row.get("replacedByID")) for row in rows if str(row.get("id")) in shipment.items}
    more = {str(row.get("id")) for row in rows if str(row.get(ADDITIONAL)) in first}
    return first | more


def _faults_of_row(row: dict[str, Any], where: str, listed: set[str]) -> Iterator[Fault]:
    replacement = row.get("replacedByID")
    if replacement is not None and not _is_other_article(replacement, row["id"]):
        yield Fault("unknown", f"{where}.replacedByID", "no such article in the assortment")
        return
    if not _is_number(row.get("quantity")):
        yield Fault("missing", f"{where}.quantity", "is required: a number, 0 or more")
    product = _counted(row, listed)
    if not _is_weight(row.get("weight"), product):
        yield Fault("missing", f"{where}.weight", "grams as a string, required for goods by weight")
    if not _are_marks(row.get("markingCode")):
        yield Fault("invalid", f"{where}.markingCode", "must be a list of {value}")


def _is_other_article(replacement: object, replaced: str) -> bool:
    return isinstance(replacement, str) and replacement in BY_SKU and replacement != replaced


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 10_000


def _is_weight(value: object, product: Product) -> bool:
    if value is None:
        return product.kind == "piece"
    return isinstance(value, str) and DIGITS.fullmatch(value) is not None


def _are_marks(value: object) -> bool:
    if value is None:
        return True
    return isinstance(value, list) and all(
        isinstance(row, dict) and isinstance(row.get("value"), str) and row["value"]
        for row in value
    )


def _apply_position(row: dict[str, Any], shipment: Shipment, listed: set[str]) -> None:
    replacement = row.get("replacedByID")
    item = shipment.items.get(row["id"]) or _new_item(row["id"])
    shipment.items[row["id"]] = item
    if replacement is None:
        _fill(item, row)
        return
    item.state, item.replaced_by = ItemState.REPLACED, replacement
    if replacement not in listed:  # the replacement has no position of its own
        stand_in = shipment.items.setdefault(replacement, _new_item(replacement))
        _fill(stand_in, row)


def _fill(item: Item, row: dict[str, Any]) -> None:
    item.quantity, item.grams = row["quantity"], int(row.get("weight") or 0)
    item.marks = tuple(mark["value"] for mark in row.get("markingCode") or ())
    item.state = ItemState.ASSEMBLED if _amount(row, item.product) else ItemState.CANCELED


def _counted(row: dict[str, Any], listed: set[str]) -> Product:
    """Whose numbers a position holds: its own article's, unless what replaced it is not listed."""
    replacement = row.get("replacedByID")
    return BY_SKU[row["id"] if replacement is None or replacement in listed else replacement]


def _counts(row: dict[str, Any], listed: set[str]) -> bool:
    return "replacedByID" in row or _amount(row, _counted(row, listed)) > 0


def _amount(row: dict[str, Any], product: Product) -> float:
    """What counts of a well-formed position: grams of goods by weight, else pieces."""
    if product.kind == "piece":
        return float(row["quantity"])
    return int(row["weight"])


def _new_item(sku: str) -> Item:
    product = BY_SKU[sku]
    return Item(product, product.price, product.price, 0, 0)
