"""What we tell Deliveroo. An order stays placed while it is picked: what differs is amended in one
call, then the order is accepted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final
from urllib.parse import quote

from app.domain.order import Line, LineState, Order
from app.marketplaces import rows, steps
from app.marketplaces.rows import Row
from app.marketplaces.steps import Step

#: Reasons of ours, and Deliveroo's for a rejection.
REASONS: Final[Mapping[str, str]] = {
    "out_of_stock": "INGREDIENT_UNAVAILABLE",
    "store_closed": "CLOSING_EARLY",
}
#: A word to look for goods with is this long at most.
_NEEDLE: Final = 10


def compose(kind: str, order: Order) -> bytes:
    """The calls of one message; when something occurred is said when it is sent."""
    return steps.write(*_KINDS[kind](order))


def _accepted(order: Order) -> list[Step]:
    """That it is with us: else the shop's tablet asks somebody to type it in."""
    return [_step("POST", "order/v1", order, "/sync_status", {"status": "succeeded"})]


def _in_work(order: Order) -> list[Step]:
    return [_step("PUT", "picking/v1", order, "/start_picking")]


def _ready(order: Order) -> list[Step]:
    changes = [change for line in order.wanted() for change in _amendments(order, line)]
    amended = [_step("PUT", "picking/v2", order, "", {"item_amendments": changes})]
    stage = {"stage": "ready_for_collection"}
    return [
        *(amended if changes else []),
        _step("PUT", "picking/v1", order, "/accept"),
        _step("POST", "order/v1", order, "/prep_stage", stage),
    ]


def _cancelled(order: Order) -> list[Step]:
    """Deliveroo takes it until the order is accepted."""
    reason = REASONS.get(order.cancel_reason or "", "OTHER")
    return [_step("PUT", "picking/v1", order, "/reject", {"reject_reason": reason})]


_KINDS: Final[Mapping[str, Callable[[Order], list[Step]]]] = {
    "accepted": _accepted, "in_work": _in_work, "ready": _ready, "cancelled": _cancelled,
}  # fmt: skip


def _step(
    method: str, api: str, order: Order, verb: str, body: Mapping[str, Any] | None = None
) -> Step:
    return Step(method, f"/{api}/orders/{quote(order.external_id, safe=':')}{verb}", body)


def _amendments(order: Order, line: Line) -> list[dict[str, Any]]:
    """Rows that are fewer than ordered, or for which others stand; the rest is not listed."""
    if line.replaces is not None or line.state in (LineState.TODO, LineState.PROPOSED):
        return []
    if line.state is LineState.REPLACED:
        first, *more = rows.ordered(line)
        stands = order.replacements(line.id)[:1]
        return [*(_instead(first, each) for each in stands), *(_less(row, 0) for row in more)]
    return [_less(row, found) for row, found in rows.found(line) if found < row.amount]


def _less(row: Row, found: int) -> dict[str, Any]:
    return {"amends": {"id": row.name, "quantity": row.amount}, "final_quantity": found}


def _instead(row: Row, line: Line) -> dict[str, Any]:
    """`plu` and `needle` become Deliveroo's `substitution_id` when it is sent."""
    word = (line.name.split() or [line.external_id])[0][:_NEEDLE]
    return {**_less(row, rows.amount(line)), "plu": line.external_id, "needle": word}
