"""What we tell Uber: accepted, what became of each row of the cart, ready, called off."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from fractions import Fraction
from typing import Any, Final
from urllib.parse import quote

from app.contract import AMENDED
from app.domain.order import Line, LineState, Order, OrderState
from app.marketplaces import rows, steps
from app.marketplaces.rows import Row
from app.marketplaces.steps import Step
from app.marketplaces.uber_eats.goods import BY_COUNT, E5, MARK
from app.marketplaces.uber_eats.profile import SPOKEN, UNITS

RESOLVE: Final = "resolve-fulfillment-issues"
#: Reasons of ours, and Uber's types for a denial or a cancellation.
REASONS: Final[Mapping[str, str]] = {"out_of_stock": "ITEM_ISSUE", "store_closed": "STORE_CLOSED"}
_COUNT: Final = {"measurement_unit": {"measurement_type": "MEASUREMENT_TYPE_COUNT"}}
_ASKED: Final = (LineState.PROPOSED, LineState.REPLACED)


def compose(kind: str, order: Order) -> bytes:
    """The calls of one message."""
    return steps.write(*_KINDS[kind](order))


def _accepted(order: Order) -> list[Step]:
    due = order.due_at.isoformat(timespec="seconds")
    said = {"ready_for_pickup_time": due, "external_reference_id": order.number}
    return [_post(order, "accept", said)]


def _amended(order: Order) -> list[Step]:
    issues = [issue for line in order.wanted() for issue in _issues(order, line)]
    return [_post(order, RESOLVE, {"fulfillment_issues": issues})] if issues else []


def _ready(order: Order) -> list[Step]:
    return [*_amended(order), _post(order, "ready", {})]


def _cancelled(order: Order) -> list[Step]:
    """An order that is not accepted yet is denied; which it is, is looked at when it is sent."""
    reason = order.cancel_reason or "not said"
    said = {"type": REASONS.get(reason, "OTHER"), "info": reason}
    if order.state is OrderState.REJECTED:
        return [_post(order, "deny", {"deny_reason": said})]
    return [_post(order, "cancel", {"cancellation_reason": said})]


_KINDS: Final[Mapping[str, Callable[[Order], list[Step]]]] = {
    "accepted": _accepted, AMENDED: _amended, "ready": _ready, "cancelled": _cancelled,
}  # fmt: skip


def _post(order: Order, verb: str, body: Mapping[str, Any]) -> Step:
    return Step("POST", f"/v1/delivery/order/{quote(order.external_id, safe='')}/{verb}", body)


def _issues(order: Order, line: Line) -> Iterator[dict[str, Any]]:
    """Of each row of a line that has its outcome, or for which the customer is to be asked."""
    if line.replaces is not None or line.state is LineState.TODO:
        return
    if line.state in _ASKED:
        yield from _instead(order, line)
        return
    for row, found in rows.found(line):
        if not found:
            yield _gone(row)
            continue
        less = found < row.amount and line.state is not LineState.PICKED
        available = {"items_available": _quantity(row, found, line.picked_pieces)}
        kind = "PARTIAL_AVAILABILITY" if less else "FOUND_ITEM"
        yield {"issue_type": kind, **_item(row), "item_availability": available}


def _instead(order: Order, line: Line) -> Iterator[dict[str, Any]]:
    """One article stands for a row: what else was found for the line cannot be said."""
    first, *more = rows.ordered(line)
    stands = order.replacements(line.id)
    if not stands:
        yield _gone(first)
    else:
        wanted = stands[0].external_id in line.wish_skus
        yield {
            "issue_type": "OUT_OF_ITEM",
            "action_type": "SUBSTITUTE_ME" if wanted else "REPLACE_FOR_ME",
            **_item(first),
            "item_substitute": {
                "id": stands[0].external_id,
                "quantity": _substitute(stands[0]),
            },
        }
    yield from (_gone(row) for row in more)


def _substitute(line: Line) -> dict[str, Any]:
    """As much as was found, or as is to be found yet."""
    grams = line.picked_grams or line.requested_grams
    if line.unit_grams is None:
        return _quantity(Row("", 0), line.picked_pieces or line.requested_pieces, None)
    return _quantity(Row(f"{MARK}GRAM", 0), grams or 0, None)


def _gone(row: Row) -> dict[str, Any]:
    return {"issue_type": "OUT_OF_ITEM", "action_type": "REMOVE_ITEM", **_item(row)}


def _item(row: Row) -> dict[str, Any]:
    return {"item": {"cart_item_id": row.name.partition(MARK)[0]}}


def _quantity(row: Row, amount: int, pieces: int | None) -> dict[str, Any]:
    """Pieces, or a weight in the unit in which the row was ordered."""
    unit = row.name.partition(MARK)[2]
    if not unit:
        return {"in_sellable_unit": {**_COUNT, "amount_e5": amount * E5}}
    weight = _weight(unit.removeprefix(BY_COUNT), amount)
    if not unit.startswith(BY_COUNT):
        return {"in_sellable_unit": weight}
    counted = {**_COUNT, "amount_e5": (pieces or 1) * E5}
    return {"in_sellable_unit": counted, "in_priceable_unit": weight}


def _weight(unit: str, grams: int) -> dict[str, Any]:
    measure = {
        "measurement_type": "MEASUREMENT_TYPE_WEIGHT",
        "weight": {"unit_type": SPOKEN.get(unit, unit)},
    }
    factor = UNITS.get(unit) or Fraction(1)
    return {"measurement_unit": measure, "amount_e5": round(grams * E5 / factor)}
