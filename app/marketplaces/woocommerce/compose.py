"""What WooCommerce is told, as JSON for people to read; which calls that takes is in api.py."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.domain.money import roubles
from app.domain.order import Line, LineState, Order
from app.marketplaces.woocommerce.profile import META, WooSettings

_FOUND: Final = (LineState.PICKED, LineState.SHORT)
#: What our note in the meta data says, by message.
NOTES: Final = {"in_work": "picking", "ready": "ready"}


class Goods(msgspec.Struct):
    """Pieces of an SKU that were found, what one costs with taxes, and the SKU it stands for."""

    quantity: int
    price: str
    instead: str | None = None


class Composed(msgspec.Struct):
    """A message: fields of the order to set, and what was found."""

    order: str
    fields: dict[str, Any]
    found: dict[str, Goods] | None = None


def compose(kind: str, order: Order, settings: WooSettings) -> bytes:
    """One message."""
    fields: dict[str, Any] = {}
    if kind in NOTES:
        fields["meta_data"] = [{"key": META, "value": NOTES[kind]}]
    status = {
        "in_work": settings.picking_status,
        "ready": settings.ready_status,
        "delivered": "completed",
        "cancelled": "cancelled",
    }[kind]
    if status is not None:
        fields["status"] = status
    found = _found(order) if kind == "ready" else None
    return msgspec.json.encode(Composed(order.external_id, fields, found))


def _found(order: Order) -> dict[str, Goods]:
    goods: dict[str, Goods] = {}
    for line in order.wanted():
        other = order.line(line.replaces) if line.replaces else None
        new = Goods(0, roubles(line.price), other.external_id if other else None)
        known = goods.setdefault(line.external_id, new)
        known.quantity += _pieces(line)
    return goods


def _pieces(line: Line) -> int:
    """WooCommerce counts everything in pieces."""
    return (line.picked_pieces or 0) if line.state in _FOUND else 0
