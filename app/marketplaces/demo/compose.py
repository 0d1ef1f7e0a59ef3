"""What we tell the demo marketplace: a status, and with it what was found."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.contract import AMENDED
from app.domain.order import Line, LineState, Order
from app.marketplaces.demo.profile import STATUS_OF

_FOUND: Final = (LineState.PICKED, LineState.SHORT)


def compose(kind: str, order: Order) -> bytes:
    """The order's id goes into the address when it is sent, so it stands beside the body."""
    said: dict[str, Any] = {"status": STATUS_OF[kind]}
    if kind in (AMENDED, "ready"):
        said["items"] = [_item(order, line) for line in order.wanted() if _decided(line)]
    if kind == "ready":
        said |= {"total": order.final_total, "bags": order.bag_count}
    if kind == "cancelled":
        said["reason"] = order.cancel_reason
    return msgspec.json.encode({"id": order.external_id, "said": said})


def _decided(line: Line) -> bool:
    return line.state not in (LineState.TODO, LineState.PROPOSED)


def _item(order: Order, line: Line) -> dict[str, Any]:
    """A line as it was found; a replacement names the line it stands for."""
    weighed = line.unit_grams is not None
    amount = (line.picked_grams if weighed else line.picked_pieces) or 0
    item: dict[str, Any] = {
        "line": line.ref,
        "sku": line.external_id,
        "quantity": amount if line.state in _FOUND else 0,
        "unit": "g" if weighed else "pcs",
    }
    if line.replaces is not None:
        ordered = order.line(line.replaces)
        item["replaces"] = ordered and ordered.ref
    if line.marks:
        item["marks"] = list(line.marks)
    return item
