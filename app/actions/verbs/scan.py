"""What a picker's scan does: find the line, add a piece or a weight, or only say what it is."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import msgspec

from app.actions.verbs.shape import Asked, Plan, ScannedText, ScanNote, Verb
from app.domain import events as ev
from app.domain.barcode import Outcome, Scanned, find_line, read
from app.domain.order import Line, LineState, Order, OrderState, Unit
from app.domain.pick_job import JobState


class ScanCode(msgspec.Struct):
    """A code as the scanner read it, separators included; `apply` false only asks what it means."""

    raw: ScannedText
    line_id: UUID | None = None
    apply: bool = True


def _scan(asked: Asked) -> Plan:
    body: ScanCode = asked.body
    note, event = _understand(asked.order, body)
    events = (event,) if event and body.apply else ()
    detail = {"outcome": note.outcome, "line_id": note.line_id and str(note.line_id)}
    return Plan(events, JobState.ACTIVE if events else None, note, detail, writes=body.apply)


def _understand(order: Order, body: ScanCode) -> tuple[ScanNote, ev.LineEvent | None]:
    scanned = read(body.raw)
    if scanned is None:
        return ScanNote(body.raw, Outcome.UNKNOWN_CODE), None
    line = find_line(scanned, order.lines)
    if line is None:
        return ScanNote(body.raw, Outcome.NOT_IN_ORDER), None
    if body.line_id is not None and body.line_id != line.id:
        return ScanNote(body.raw, Outcome.OTHER_LINE, line.id), None
    if line.state is LineState.PICKED:
        return ScanNote(body.raw, Outcome.ALREADY_DONE, line.id), None
    return _match(body.raw, scanned, line)


def _match(raw: str, scanned: Scanned, line: Line) -> tuple[ScanNote, ev.LineEvent | None]:
    """A piece adds one, a weight label adds its grams; a plain code of a weighed good only finds
    its line, because nobody knows the weight yet."""
    if line.unit is Unit.WEIGHT:
        if not scanned.grams:
            return ScanNote(raw, Outcome.MATCHED, line.id), None
        grams = (line.picked_grams or 0) + scanned.grams
        note = ScanNote(raw, Outcome.MATCHED, line.id, grams=scanned.grams)
        return note, ev.LineWeighed(line.id, grams, source="label")
    marks = (*line.marks, scanned.mark) if scanned.mark else line.marks
    pieces = (line.picked_pieces or 0) + 1
    note = ScanNote(raw, Outcome.MATCHED, line.id, pieces=1)
    return note, ev.LinePicked(line.id, pieces, marks)


SCAN: Final = {
    "scan": Verb(
        ScanCode,
        _scan,
        "Scan a code: a piece, a weight label, a product mark",
        states=(OrderState.PICKING,),
    ),
}
