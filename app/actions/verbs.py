"""The picker's verbs as a table: what each takes and plans. Pure: `pick.py` carries it out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.domain import events as ev
from app.domain.barcode import Outcome, Scanned, find_line, read
from app.domain.order import Line, LineState, Order, Unit
from app.domain.pick_job import JobState
from app.domain.refusals import Code, Refused

#: PostgreSQL keeps no NUL; a scanner's separators are welcome.
_TEXT: Final = r"^[^\u0000]*$"
Reason = Annotated[str, Meta(max_length=200, pattern=_TEXT)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Mark = Annotated[str, Meta(min_length=1, max_length=300, pattern=_TEXT)]
Marks = Annotated[tuple[Mark, ...], Meta(max_length=1000)]


class Nothing(msgspec.Struct):
    """No parameters."""


class Release(msgspec.Struct):
    """Why the order is given back."""

    reason: Reason


class ScanCode(msgspec.Struct):
    """A code as the scanner read it, separators included; `apply` false only asks what it means."""

    raw: Annotated[str, Meta(min_length=1, max_length=300, pattern=_TEXT)]
    line_id: UUID | None = None
    apply: bool = True


class Pick(msgspec.Struct):
    """So many pieces are in the basket now; `marks` are their product codes."""

    quantity: Count
    marks: Marks = ()


class Weigh(msgspec.Struct):
    """So many grams are in the basket now."""

    grams: Count
    pieces: Count | None = None
    source: Literal["label", "scale", "manual"] = "manual"


class Short(msgspec.Struct):
    """Less was found than ordered: `quantity` pieces, or `grams` of a weighed good."""

    reason: Reason
    quantity: Count | None = None
    grams: Count | None = None
    shelf_empty: bool = False
    marks: Marks | None = None


class Drop(msgspec.Struct):
    """Nothing was found."""

    reason: Reason
    shelf_empty: bool = False


@dataclass(frozen=True, slots=True)
class ScanNote:
    """What a scan meant, and what it added."""

    raw: str
    outcome: Outcome
    line_id: UUID | None = None
    pieces: int | None = None
    grams: int | None = None


@dataclass(frozen=True, slots=True)
class Plan:
    """What a verb will do: an event for the order, a state for the job (none: the claim and its
    lease stay as they are), notes for the timeline."""

    event: ev.PickerEvent | None = None
    job: JobState | None = JobState.ACTIVE
    scan: ScanNote | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. `holds`: only the holder may. `on_line`: it is asked of one line."""

    body: type[msgspec.Struct]
    plan: Callable[[Order, Any, UUID | None], Plan]
    summary: str
    holds: bool = True
    on_line: bool = False


def _claim(_order: Order, _body: Nothing, _line: UUID | None) -> Plan:
    return Plan(job=JobState.CLAIMED)


def _release(_order: Order, body: Release, _line: UUID | None) -> Plan:
    if not body.reason.strip():
        raise Refused(Code.REASON_REQUIRED)
    return Plan(job=JobState.OPEN, detail={"reason": body.reason.strip()})


def _start(_order: Order, _body: Nothing, _line: UUID | None) -> Plan:
    return Plan(ev.Started())


def _complete(_order: Order, _body: Nothing, _line: UUID | None) -> Plan:
    return Plan(ev.Completed())


def _ready(_order: Order, _body: Nothing, _line: UUID | None) -> Plan:
    return Plan(ev.Readied(), job=JobState.DONE)


def _on_line(event: ev.LineEvent, **detail: Any) -> Plan:
    return Plan(event, detail={"line_id": str(event.line_id), **detail})


def _pick(_order: Order, body: Pick, line: UUID | None) -> Plan:
    assert line is not None  # the route has it
    return _on_line(ev.LinePicked(line, body.quantity, body.marks), pieces=body.quantity)


def _weigh(_order: Order, body: Weigh, line: UUID | None) -> Plan:
    assert line is not None
    event = ev.LineWeighed(line, body.grams, body.pieces, body.source)
    return _on_line(event, grams=body.grams, source=body.source)


def _short(order: Order, body: Short, line: UUID | None) -> Plan:
    assert line is not None
    found = order.line(line)
    weighed = found is not None and found.unit is Unit.WEIGHT
    quantity = body.grams if weighed else body.quantity
    if quantity is None:
        raise Refused(Code.INVALID_QUANTITY, expected="grams" if weighed else "quantity")
    event = ev.LineShort(line, quantity, body.reason, body.shelf_empty, body.marks)
    return _on_line(event, found=quantity, reason=body.reason)


def _drop(_order: Order, body: Drop, line: UUID | None) -> Plan:
    assert line is not None
    return _on_line(ev.LineDropped(line, body.reason, body.shelf_empty), reason=body.reason)


def _scan(order: Order, body: ScanCode, _line: UUID | None) -> Plan:
    note, event = _understand(order, body)
    event = event if body.apply else None
    detail = {"outcome": note.outcome, "line_id": note.line_id and str(note.line_id)}
    return Plan(event, JobState.ACTIVE if event else None, note, detail)


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


VERBS: Final[Mapping[str, Verb]] = {
    "claim": Verb(Nothing, _claim, "Take an order for picking", holds=False),
    "release": Verb(Release, _release, "Give an order back; outcomes of lines stay"),
    "start": Verb(Nothing, _start, "Begin to pick; the marketplace is told"),
    "scan": Verb(ScanCode, _scan, "Scan a code: a piece, a weight label, a product mark"),
    "complete": Verb(Nothing, _complete, "Close the composition; every line needs its outcome"),
    "ready": Verb(Nothing, _ready, "Packed; the marketplace is told the final composition"),
    "pick": Verb(Pick, _pick, "Set how many pieces are in the basket", on_line=True),
    "weigh": Verb(Weigh, _weigh, "Set how many grams are in the basket", on_line=True),
    "short": Verb(Short, _short, "Less was found than ordered", on_line=True),
    "drop": Verb(Drop, _drop, "Nothing was found", on_line=True),
}
