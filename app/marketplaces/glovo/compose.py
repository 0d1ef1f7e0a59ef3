"""What we tell Glovo: one order, its status, and what became of each row."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from urllib.parse import quote

from app.contract import Account
from app.domain.money import half_up, roubles
from app.domain.order import Line, LineState, Order
from app.marketplaces import rows, steps
from app.marketplaces.account import settings_of
from app.marketplaces.glovo.profile import OTHER_REASON, OURS, REASONS, GlovoSettings
from app.marketplaces.reading import refs
from app.marketplaces.rows import Row
from app.marketplaces.steps import Step

_UNDECIDED: Final = (LineState.TODO, LineState.PROPOSED)


def compose(account: Account, kind: str, order: Order) -> bytes:
    """The call of one message; none where the platform has no word for it."""
    found = _KINDS[kind](order)
    if found is None:
        return steps.write()
    chain = settings_of(account, GlovoSettings).chain_id
    return steps.write(put(chain, order.external_id, **found))


def put(chain: str, id_: str, **said: Any) -> Step:
    """The one call there is."""
    path = f"/v2/chains/{chain}/orders/{quote(id_, safe='')}"
    return Step("PUT", path, {"order_id": id_, **said})


def _accepted(order: Order) -> dict[str, Any] | None:
    """The platform's own riders are not told; for a courier of ours it is told until when."""
    if order.external_uuid != OURS:
        return None
    due = order.due_at.isoformat(timespec="seconds")
    items = _items(order, lambda _line, row, _found: ("NOT_PROCESSED", row.amount))
    return {"status": "ACCEPTED", "accepted_for": due, "items": items}


def _ready(order: Order) -> dict[str, Any]:
    """Packed is done, for their riders; for our courier the cart is as it is until he leaves."""
    if order.external_uuid != OURS:
        return {"status": "READY_FOR_PICKUP", "items": _outcomes(order)}
    if order.pickup:
        return {"status": "DISPATCHED", "items": _outcomes(order)}
    return {"status": "UPDATE_CART", "items": _outcomes(order)}


def _handed_over(order: Order) -> dict[str, Any] | None:
    """Their riders are their own news."""
    if order.external_uuid != OURS or order.pickup:
        return None
    return {"status": "DISPATCHED", "items": _outcomes(order)}


def _cancelled(order: Order) -> dict[str, Any]:
    """Nothing is there, then; what became of the lines before does not count any more."""
    reason = REASONS.get(order.cancel_reason or "", OTHER_REASON)
    items = _items(order, lambda _line, row, _found: ("NOT_FOUND", row.amount))
    cancellation = {"reason": reason, "cancelled_by": "VENDOR"}
    return {"status": "CANCELLED", "items": items, "cancellation": cancellation}


_KINDS: Final[Mapping[str, Callable[[Order], dict[str, Any] | None]]] = {
    "accepted": _accepted, "ready": _ready, "handed_over": _handed_over, "cancelled": _cancelled,
}  # fmt: skip


def _items(
    order: Order, outcome: Callable[[Line, Row, int], tuple[str, int]]
) -> list[dict[str, Any]]:
    """All rows that were ordered."""
    return [
        _item(line, row.name, *outcome(line, row, found))
        for line in order.wanted()
        if line.replaces is None
        for row, found in rows.found(line)
    ]


def _outcomes(order: Order) -> list[dict[str, Any]]:
    """All rows, and after them the goods that stand for others."""
    return [*_items(order, _outcome), *_instead(order)]


def _outcome(line: Line, row: Row, found: int) -> tuple[str, int]:
    """What became of a row, and how much of it to name: of what is not there, what was ordered."""
    if line.state in _UNDECIDED:
        return "NOT_PROCESSED", row.amount
    if line.state is LineState.REPLACED:
        return "REPLACED", row.amount
    return ("IN_CART", found) if found else ("NOT_FOUND", row.amount)


def _instead(order: Order) -> Sequence[dict[str, Any]]:
    found = []
    for line in order.wanted():
        ordered = order.line(line.replaces) if line.replaces else None
        if ordered is not None and rows.amount(line):
            item = _item(line, line.external_id, "IN_CART", rows.amount(line))
            found.append({**item, "replaced_id": rows.ordered(ordered)[0].name})
    return found


def _item(line: Line, row: str, status: str, amount: int) -> dict[str, Any]:
    """One row, by the platform's name of it if it has one. What is weighed has its kilograms, and
    as many pieces as were ordered."""
    pricing: dict[str, Any] = {
        "pricing_type": "UNIT",
        "quantity": amount,
        "unit_price": float(roubles(line.price)),
    }
    if line.unit_grams is not None:
        kilogram = float(roubles(half_up(line.price * 1000, line.unit_grams)))
        pieces = line.picked_pieces or line.requested_pieces or 1
        pricing = {"pricing_type": "KG", "quantity": pieces, "unit_price": kilogram}
        pricing["weight"] = amount / 1000
    named = {"_id": row} if refs(line.ref) else {}
    return {**named, "sku": line.external_id, "status": status, "pricing": pricing}
