"""What we tell Ozon: what is missing, the marks, then that it is packed; or that none will be."""

from __future__ import annotations

from typing import Any, Final

from app.domain.order import Order
from app.marketplaces import rows, steps
from app.marketplaces.steps import Step

TELLS: Final = frozenset({"ready", "cancelled"})
REMOVE: Final = "/v2/posting/fbs/product/cancel"
CANCEL: Final = "/v2/posting/fbs/cancel"
SHIP: Final = "/v4/posting/fbs/ship"
#: Three calls (api.py): exemplars are asked for, marks are set on them, their check is awaited.
MARKS: Final = "/v6/fbs/posting/product/exemplar/set"
_WHY: Final = "Товара нет в наличии"


def compose(kind: str, order: Order) -> bytes:
    """The calls of one message. What is taken out is said as what shall be left: how much that is
    less than what Ozon has, is seen when the call is made."""
    number = order.external_id
    if kind == "cancelled":
        return steps.write(Step("POST", CANCEL, _why(number)))
    found, missing = _counted(order)
    if not found:
        return steps.write(Step("POST", CANCEL, _why(number)))
    told = []
    if missing:
        left = [{"sku": sku, "left": found.get(sku, 0)} for sku in missing]
        told.append(Step("POST", REMOVE, {**_why(number), "items": left}))
    marks = _marks(order)
    if marks:
        told.append(Step("POST", MARKS, {"posting_number": number, "products": marks}))
    packed = [{"product_id": sku, "quantity": count} for sku, count in found.items()]
    shipped = {"packages": [{"products": packed}], "posting_number": number}
    return steps.write(*told, Step("POST", SHIP, shipped))


def _why(number: str) -> dict[str, Any]:
    return {"cancel_reason_message": _WHY, "posting_number": number}


def _counted(order: Order) -> tuple[dict[int, int], dict[int, int]]:
    """Pieces that were found and that were not, by Ozon's SKU, never more than ordered; what a
    picker put in their stead is none of the posting's products and cannot be told."""
    found: dict[int, int] = {}
    missing: dict[int, int] = {}
    for line in order.wanted():
        if line.replaces is not None:
            continue
        for row, count in rows.found(line):
            sku = int(row.name) if row.name.isdecimal() else 0
            told = min(count, row.amount)
            short = row.amount - told
            found |= {sku: found.get(sku, 0) + told} if told else {}
            missing |= {sku: missing.get(sku, 0) + short} if short else {}
    return found, missing


def _marks(order: Order) -> list[dict[str, Any]]:
    """Marks by Ozon's SKU; those of a line that is several of them go to one after another."""
    found: dict[int, list[str]] = {}
    for line in order.wanted():
        left = list(line.marks) if line.replaces is None else []
        for row, count in rows.found(line):
            own, left = left[: min(count, row.amount)], left[count:]
            if own and row.name.isdecimal():
                found.setdefault(int(row.name), []).extend(own)
    return [{"product_id": sku, "marks": marks} for sku, marks in found.items()]
