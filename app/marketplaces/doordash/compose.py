"""What we tell DoorDash: confirmed or not, what differs from the order, ready, called off."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, Final
from urllib.parse import quote

from app.contract import Account
from app.domain.order import Line, LineState, Order, OrderState
from app.marketplaces import rows, steps
from app.marketplaces.account import settings_of
from app.marketplaces.doordash.parse import MARK
from app.marketplaces.doordash.profile import UNITS, DoorDashSettings
from app.marketplaces.rows import Row
from app.marketplaces.steps import Step

#: Reasons of ours, and DoorDash's for a cancellation. STORE_CLOSED closes a store for 12 hours.
REASONS: Final[Mapping[str, str]] = {"out_of_stock": "ITEM_OUT_OF_STOCK"}


def compose(account: Account, kind: str, order: Order) -> bytes:
    """The calls of one message."""
    return steps.write(*_KINDS[kind](account, order))


def _accepted(_account: Account, order: Order) -> list[Step]:
    due = order.due_at.isoformat(timespec="seconds")
    said = {"merchant_supplied_id": order.number, "order_status": "success", "prep_time": due}
    return [_patch(order, "", said)]


def _ready(account: Account, order: Order) -> list[Step]:
    name = settings_of(account, DoorDashSettings).weight_field
    items = [each for line in order.wanted() for each in _adjustments(order, line, name)]
    adjusted = [_patch(order, "/adjustment", {"items": items})] if items else []
    ours = {"merchant_supplied_id": order.number}
    return [*adjusted, _patch(order, "/events/order_ready_for_pickup", ours)]


def _cancelled(_account: Account, order: Order) -> list[Step]:
    """What was confirmed is cancelled, what was not is refused."""
    reason = order.cancel_reason or "not said"
    if order.state is OrderState.REJECTED:
        return [_patch(order, "", refusal(order.number, reason))]
    said = {"cancel_reason": REASONS.get(reason, "OTHER"), "cancel_details": reason[:200]}
    return [_patch(order, "/cancellation", said)]


def refusal(number: str, reason: str) -> dict[str, Any]:
    """The confirmation of an order that will not be picked."""
    return {"merchant_supplied_id": number, "order_status": "fail", "failure_reason": reason}


_KINDS: Final[Mapping[str, Callable[[Account, Order], list[Step]]]] = {
    "accepted": _accepted, "ready": _ready, "cancelled": _cancelled,
}  # fmt: skip


def _patch(order: Order, verb: str, body: Mapping[str, Any]) -> Step:
    return Step("PATCH", f"/api/v1/orders/{quote(order.external_id, safe='')}{verb}", body)


def _adjustments(order: Order, line: Line, weight: str) -> list[dict[str, Any]]:
    """Rows that are not as ordered; of weighed ones every weight is told."""
    if line.replaces is not None or line.state in (LineState.TODO, LineState.PROPOSED):
        return []
    if line.state is LineState.REPLACED:
        first, *more = rows.ordered(line)
        stands = [_instead(first, each) for each in order.replacements(line.id)[:1]]
        return [*stands, *(_gone(row) for row in more)]
    told = line.unit_grams is not None
    return [
        _update(row, found, weight) if found else _gone(row)
        for row, found in rows.found(line)
        if told or found != row.amount
    ]


def _item(row: Row, kind: str) -> dict[str, Any]:
    return {"line_item_id": row.name.partition(MARK)[0], "adjustment_type": kind}


def _gone(row: Row) -> dict[str, Any]:
    return _item(row, "ITEM_REMOVE")


def _update(row: Row, found: int, weight: str) -> dict[str, Any]:
    unit = row.name.partition(MARK)[2]
    if not unit:
        return {**_item(row, "ITEM_UPDATE"), "quantity": found}
    amount = round(float(found / UNITS.get(unit, Fraction(1))), 3)
    return {**_item(row, "ITEM_UPDATE"), "quantity": 1, weight: {"quantity": amount, "unit": unit}}


def _instead(row: Row, line: Line) -> dict[str, Any]:
    """One article stands for a row; of a weighed one its sum is told as the price of one."""
    weighed = line.unit_grams is not None
    other = {
        "name": line.name,
        "merchant_supplied_id": line.external_id,
        "price": line.total() if weighed else line.price,
        "quantity": 1 if weighed else max(rows.amount(line), 1),
    }
    return {**_item(row, "ITEM_SUBSTITUTE"), "substituted_item": other}
