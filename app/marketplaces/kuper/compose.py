"""What we tell СМ: `{"event": {"type", "payload"}}`; the composition goes with
`order.ready_for_delivery` (types and fields: the platform's OpenAPI of notifications)."""

from __future__ import annotations

from typing import Any

import msgspec

from app.domain.order import Line, LineState, Order, Unit
from app.marketplaces.kuper.codes import NOTIFICATIONS


def compose(kind: str, order: Order) -> bytes:
    """The body of one notification."""
    payload: dict[str, Any] = {"order_id": order.external_id}
    if order.external_uuid:
        payload["orderUUID"] = order.external_uuid
    if kind == "accepted":
        payload["number"] = order.number
        payload["estimated_assembly_at"] = order.due_at.isoformat(timespec="seconds")
    if kind == "ready":
        payload["order"] = composition(order)
    return msgspec.json.encode({"event": {"type": NOTIFICATIONS[kind], "payload": payload}})


def composition(order: Order) -> dict[str, Any]:
    """The final composition; a dropped position is there with quantity 0."""
    return {
        "originalOrderId": order.external_id,
        "changed": order.changed_by_shop(),
        "positions": [_position(order, line) for line in order.wanted()],
    }


def _position(order: Order, line: Line) -> dict[str, Any]:
    found = line.state in (LineState.PICKED, LineState.SHORT)
    position: dict[str, Any] = {
        "id": line.external_id,
        "quantity": (line.picked_pieces or 0) if found else 0,
    }
    if line.unit is Unit.WEIGHT:
        position["weight"] = str(line.picked_grams or 0) if found else "0"
    if line.marks:
        position["markingCode"] = [{"value": mark} for mark in line.marks]
    if line.state is LineState.REPLACED:
        position["quantity"] = line.requested_pieces
        position["replacedByID"] = order.replacements(line.id)[0].external_id
    return position
