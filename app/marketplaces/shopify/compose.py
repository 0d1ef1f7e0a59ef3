"""What Shopify is told, as JSON for people to read; which calls that takes is in api.py."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.domain.order import Line, LineState, Order
from app.marketplaces.shopify.profile import ShopifySettings

_FOUND: Final = (LineState.PICKED, LineState.SHORT)
#: Why the shop calls an order off, in its words: nothing of ours is a customer's or a fraud.
_REASONS: Final = {"out_of_stock": "INVENTORY"}


class Composed(msgspec.Struct):
    """A message. `quantities`: pieces by SKU, also those of which nothing was found."""

    order: str
    kind: str
    tag: str | None = None
    quantities: dict[str, int] | None = None
    reason: str | None = None
    refund: bool = True


def compose(kind: str, order: Order, settings: ShopifySettings) -> bytes:
    """One message."""
    said: dict[str, Any] = {"order": order.external_id, "kind": kind}
    if kind == "in_work":
        said["tag"] = settings.picking_tag
    if kind == "ready":
        said |= {"tag": settings.ready_tag, "quantities": _quantities(order)}
    if kind == "cancelled":
        reason = _REASONS.get(order.cancel_reason or "", "STAFF")
        said |= {"reason": reason, "refund": settings.refund}
    return msgspec.json.encode(said)


def _quantities(order: Order) -> dict[str, int]:
    found: dict[str, int] = {}
    for line in order.wanted():
        found[line.external_id] = found.get(line.external_id, 0) + _pieces(line)
    return found


def _pieces(line: Line) -> int:
    """Shopify counts everything in pieces."""
    return (line.picked_pieces or 0) if line.state in _FOUND else 0
