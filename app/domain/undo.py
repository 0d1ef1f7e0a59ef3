"""Taking an operation back: its lines become what they were, unless somebody went on with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from app.domain import events as ev
from app.domain.drafts import come_to_nothing
from app.domain.marks import WHOLE, held, identity
from app.domain.order import WITHDRAWN, Line, Order
from app.domain.refusals import Code, Refused
from app.domain.terms import Terms


def images(before: Order, after: Order) -> tuple[tuple[Line, ...], tuple[Line, ...]]:
    """The lines that differ, as they were and as they are; a new line is only in the second."""
    old = {line.id: line for line in before.lines}
    changed = tuple(line for line in after.lines if old.get(line.id) != line)
    return tuple(old[line.id] for line in changed if line.id in old), changed


def restore(order: Order, event: ev.LinesRestored, _terms: Terms) -> Order:
    """The lines as they were before; lines the operation made are withdrawn. Refused when one of
    them is not as the operation left it, because that would undo somebody else's change too."""
    now = {line.id: line for line in order.lines}
    moved_on = [str(line.id) for line in event.after if now.get(line.id) != line]
    if moved_on or not event.after:
        raise Refused(Code.NOTHING_TO_UNDO, line_ids=moved_on)
    was = {line.id: line for line in event.before}
    made = {line.id for line in event.after} - was.keys()
    restored = replace(
        order,
        lines=tuple(
            come_to_nothing(line, WITHDRAWN) if line.id in made else was.get(line.id, line)
            for line in order.lines
        ),
    )
    _must_stand_once(restored, was)
    _must_be_free(restored, was)
    return restored


def _must_stand_once(order: Order, was: Mapping[UUID, Line]) -> None:
    """Goods that come back with their line may be on another line by now: a marketplace names
    positions by SKU, so an order holds each once."""
    live = [line for line in order.lines if line.reason != WITHDRAWN]
    for back in live:
        others = [line for line in live if line.external_id == back.external_id and line != back]
        if back.id in was and others:
            raise Refused(
                Code.NOTHING_TO_UNDO,
                because="in_order",
                sku=back.external_id,
                line_ids=[str(line.id) for line in others],
            )


def _must_be_free(order: Order, was: Mapping[UUID, Line]) -> None:
    """Marks that come back with their lines may stand on another line by now."""
    used: dict[str, int] = {}
    for (_, unit), part in held(order).items():
        used[unit] = used.get(unit, 0) + part
    for line in was.values():
        for code in line.marks:
            if used.get(identity(code), 0) > WHOLE:
                raise Refused(Code.MARK_ALREADY_USED, line_id=str(line.id), mark=code)
