"""The result of a printed picking list, entered in one call by whoever picked it."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta

from app.actions.check_marks import check_marks, must_be_checked
from app.actions.verbs.shape import (
    MOST_MARKS,
    Access,
    Asked,
    Count,
    Marks,
    Plan,
    Reason,
    Verb,
    must_be_few,
)
from app.db.people import Picker
from app.domain import events as ev
from app.domain.marks import WHOLE, Checks
from app.domain.order import Line, OrderState, Unit
from app.domain.pick_job import JobState
from app.domain.refusals import Code, Refused
from app.hub import Hub


class LineResult(msgspec.Struct):
    """One line of the sheet, named by its id or its number there. Pieces, or grams of a weighed
    good; 0 when there was none. Less than ordered needs a reason."""

    line_id: UUID | None = None
    position: Annotated[int, Meta(ge=1, le=10_000)] | None = None
    quantity: Count | None = None
    grams: Count | None = None
    reason: Reason = ""
    shelf_empty: bool = False
    marks: Marks = ()


class Result(msgspec.Struct):
    """The whole sheet, or a part of it; `complete` closes the composition. At most 1500 marks."""

    lines: Annotated[list[LineResult], Meta(min_length=1, max_length=500)]
    complete: bool = True

    def __post_init__(self) -> None:
        """What a body of 256 kB holds; a larger sheet comes in parts."""
        must_be_few((line.marks for line in self.lines), 3 * MOST_MARKS)


async def _prove(hub: Hub, picker: Picker, body: Result) -> Checks:
    return await check_marks(hub, picker, [mark for line in body.lines for mark in line.marks])


def _result(asked: Asked) -> Plan:
    body: Result = asked.body
    began = () if asked.order.state is OrderState.PICKING else (ev.Started(),)
    lines = tuple(_checked(_outcome(asked.order.lines, each), asked) for each in body.lines)
    ended = (ev.Completed(),) if body.complete else ()
    detail = {"paper": True, "lines": len(lines)}
    return Plan((*began, *lines, *ended), JobState.CLAIMED, detail=detail)


def _outcome(lines: tuple[Line, ...], said: LineResult) -> ev.LineEvent:
    line = _named(lines, said)
    weighed = line.unit is Unit.WEIGHT
    amount = said.grams if weighed else said.quantity
    if amount is None:
        needed = "grams" if weighed else "quantity"
        raise Refused(Code.INVALID_QUANTITY, line_id=str(line.id), expected=needed)
    if amount == 0:
        return ev.LineDropped(line.id, said.reason, said.shelf_empty)
    if weighed and not said.reason:
        return ev.LineWeighed(line.id, amount, said.quantity, "scale", marks=said.marks or None)
    if not weighed and amount >= line.requested_pieces:
        return ev.LinePicked(line.id, amount, said.marks)
    return ev.LineShort(line.id, amount, said.reason, said.shelf_empty, said.marks)


def _checked(event: ev.LineEvent, asked: Asked) -> ev.LineEvent:
    """The event with what the marking system said of its marks."""
    if not isinstance(event, ev.LinePicked | ev.LineWeighed | ev.LineShort) or not event.marks:
        return event
    checks = must_be_checked(asked.proved, asked.shop)
    unchecked = checks.away and asked.shop.mark_check != "off"
    uses = checks.uses([(code, WHOLE) for code in event.marks])
    return replace(event, uses=uses, unchecked=unchecked)


def _named(lines: tuple[Line, ...], said: LineResult) -> Line:
    for line in lines:
        if said.line_id == line.id or (said.line_id is None and said.position == line.position):
            return line
    raise Refused(Code.LINE_NOT_FOUND, line_id=said.line_id and str(said.line_id),
                  position=said.position)  # fmt: skip


PAPER: Final = {
    "result": Verb(
        Result,
        _result,
        "Enter the result of a printed picking list in one call",
        access=Access.CLAIMANT,
        states=(OrderState.ACCEPTED, OrderState.PICKING),
        prove=_prove,
    ),
}
