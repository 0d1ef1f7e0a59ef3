"""What a shop is told: `{"type": "order.<kind>", "data": {…}}`, in its own ids and money."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from app.contract import AMENDED
from app.domain.money import roubles
from app.domain.order import Line, LineState, Order
from app.marketplaces.reading import in_minor

Money = Literal["major", "minor"]
#: Kinds that say what was found.
_WITH_LINES: Final = (AMENDED, "assembled", "ready")
_FOUND: Final = (LineState.PICKED, LineState.SHORT)


def compose(kind: str, order: Order, money: Money, *, handout_code: bool = False) -> bytes:
    """One message; with the courier's code where the account's rules want one."""
    data: dict[str, Any] = {"id": order.external_id, "number": order.number}
    if kind == "accepted":
        data["ready_by"] = order.due_at.isoformat(timespec="seconds")
    if kind in _WITH_LINES:
        data["lines"] = [_line(order, line, money) for line in order.wanted()]
    if kind == "ready":
        total = _sum(order, order.final_total, money)
        data |= {"total": total, "currency": order.currency}
        data["bags"] = order.bag_count
    if handout_code and kind in ("accepted", "in_work", "ready"):
        data["handout_code"] = order.handout_code
    if kind == "cancelled":
        data["reason"] = order.cancel_reason
    return msgspec.json.encode({"type": f"order.{kind}", "data": data})


def _line(order: Order, line: Line, money: Money) -> dict[str, Any]:
    """A line as it was found. `state` tells a line that is not decided yet from one of which
    nothing was found; a replacement names the SKU it stands for."""
    weighed, found = line.unit_grams is not None, line.state in _FOUND
    amount = (line.picked_grams if weighed else line.picked_pieces) or 0
    said: dict[str, Any] = {
        "ref": line.ref,
        "sku": line.external_id,
        "state": line.state.value,
        "unit": "gram" if weighed else "piece",
        "found": amount if found else 0,
        "price": _sum(order, line.price, money),
        "total": _sum(order, line.total(), money),
    }
    if line.replaces is not None:
        ordered = order.line(line.replaces)
        said["replaces"] = ordered and ordered.external_id
    if line.marks:
        said["marks"] = list(line.marks)
    return said


def _sum(order: Order, kopecks: int | None, money: Money) -> int | str | None:
    """As the shop writes sums itself."""
    if kopecks is None:
        return None
    return roubles(kopecks) if money == "major" else in_minor(kopecks, order.currency)
