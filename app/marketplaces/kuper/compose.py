"""What we tell СМ: `{"event": {"type", "payload"}}`; the composition goes with
`order.ready_for_delivery` (types and fields: the platform's OpenAPI of notifications)."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.domain.order import Line, LineState, Order, Unit
from app.marketplaces.kuper.codes import NOTIFICATIONS

#: The kinds that may say the code a courier is asked for.
_WITH_CODE: Final = frozenset({"accepted", "in_work", "ready"})


def compose(kind: str, order: Order, *, handout_code: bool = False) -> bytes:
    """The body of one notification; with the courier's code where the account's rules want one."""
    payload: dict[str, Any] = {"order_id": order.external_id}
    if order.external_uuid:
        payload["orderUUID"] = order.external_uuid
    if kind == "accepted":
        payload["number"] = order.number
        payload["estimated_assembly_at"] = order.due_at.isoformat(timespec="seconds")
    if handout_code and kind in _WITH_CODE:
        payload["handoutCode"] = order.handout_code
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
    """A position as it was found; a replaced one as it was ordered, with what stands for it."""
    if line.state is LineState.REPLACED:
        first = order.replacements(line.id)[0]
        return {
            **_amount(line, line.requested_pieces, line.requested_grams),
            "replacedByID": first.external_id,
        }
    found = line.state in (LineState.PICKED, LineState.SHORT)
    position = _amount(
        line, (line.picked_pieces or 0) if found else 0, line.picked_grams if found else 0
    )
    if line.marks:
        position["markingCode"] = [{"value": mark} for mark in line.marks]
    return position | _beside(order, line)


def _amount(line: Line, pieces: int, grams: int | None) -> dict[str, Any]:
    weight = {"weight": str(grams or 0)} if line.unit is Unit.WEIGHT else {}
    return {"id": line.external_id, "quantity": pieces, **weight}


def _beside(order: Order, line: Line) -> dict[str, Any]:
    """`replacedByID` holds one article; what else stands for the position names that one."""
    if line.replaces is None:
        return {}
    first = order.replacements(line.replaces)[0]
    return {} if first.id == line.id else {"additionalItemForReplacementId": first.external_id}
