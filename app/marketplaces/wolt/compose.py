"""What we tell Wolt: accept, reject, what differs from the order, ready, delivered."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from app.contract import Account
from app.domain.order import Line, LineState, Order
from app.marketplaces import rows, steps
from app.marketplaces.account import settings_of
from app.marketplaces.reading import in_minor
from app.marketplaces.steps import Step
from app.marketplaces.wolt.profile import WoltSettings

#: Reasons of ours, and Wolt's codes for a rejection.
REASONS: Final[Mapping[str, str]] = {
    "out_of_stock": "ITEMS_UNAVAILABLE",
    "store_closed": "VENUE_CLOSING_SOON",
}
#: The kinds there is a call for.
TELLS: Final = frozenset({"accepted", "ready", "delivered", "cancelled"})


def compose(account: Account, kind: str, order: Order) -> bytes:
    """The calls of one message."""
    return steps.write(*_KINDS[kind](account, order))


def _accepted(account: Account, order: Order) -> list[Step]:
    """A pre-order is confirmed, and Wolt accepts it itself when its time comes."""
    if order.planned:
        return [_put(order, "confirm-preorder")]
    if settings_of(account, WoltSettings).self_delivery:
        return [_put(order, "self-delivery/accept")]
    if order.pickup:
        return [_put(order, "accept")]
    due = order.due_at.isoformat(timespec="seconds")
    return [_put(order, "accept", {"adjusted_pickup_time": due})]


def _ready(_account: Account, order: Order) -> list[Step]:
    changes = [change for line in order.wanted() for change in _changes(order, line)]
    replace = [_put(order, "replace-items", {"item_changes": changes})] if changes else []
    return [*replace, _put(order, "ready")]


def _cancelled(_account: Account, order: Order) -> list[Step]:
    """Wolt takes it only before the order is accepted; after that a person calls its support."""
    reason = order.cancel_reason or ""
    code = REASONS.get(reason, "GENERIC")
    return [_put(order, "reject", {"reason": reason or "not said", "code": code})]


def _delivered(_account: Account, order: Order) -> list[Step]:
    return [_put(order, "delivered")]


_KINDS: Final[Mapping[str, Callable[[Account, Order], list[Step]]]] = {
    "accepted": _accepted, "ready": _ready, "cancelled": _cancelled, "delivered": _delivered,
}  # fmt: skip


def _put(order: Order, verb: str, body: Mapping[str, Any] | None = None) -> Step:
    return Step("PUT", f"/orders/{quote(order.external_id, safe='')}/{verb}", dict(body or {}))


def _changes(order: Order, line: Line) -> list[dict[str, Any]]:
    """Rows that are not as they were ordered; a row that nothing stands for is gone."""
    if line.replaces is not None or line.state in (LineState.TODO, LineState.PROPOSED):
        return []
    if line.state is LineState.REPLACED:
        first, *more = rows.ordered(line)
        stands = [_instead(order, each) for each in order.replacements(line.id)]
        return [_change(first.name, *stands), *(_change(row.name) for row in more)]
    return [
        _change(row.name, *([_amount(line, found)] if found else []))
        for row, found in rows.found(line)
        if found != row.amount
    ]


def _change(row: str, *replacements: Mapping[str, Any]) -> dict[str, Any]:
    number = int(row) if row.isascii() and row.isdecimal() else row
    return {"row_number": number, "replacement_items": [dict(each) for each in replacements]}


def _amount(line: Line, found: int) -> dict[str, Any]:
    if line.unit_grams is not None:
        return {"replacement_type": "weight-change-replacement", "weight": found}
    return {"replacement_type": "count-change-replacement", "count": found}


def _instead(order: Order, line: Line) -> dict[str, Any]:
    """Other goods by name and price: Wolt's own id of them is not known to us."""
    weighed = line.unit_grams is not None
    said = {
        "replacement_type": "adhoc-replacement",
        "name": line.name,
        "count": 1 if weighed else rows.amount(line),
        "price": {
            "amount": in_minor(line.total() if weighed else line.price, order.currency),
            "currency": order.currency,
        },
    }
    if line.barcodes:
        said["barcode"] = line.barcodes[0]
    return said | ({"weight": rows.amount(line)} if weighed else {})
