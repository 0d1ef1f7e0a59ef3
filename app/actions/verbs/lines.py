"""What a picker does with one line: pick, weigh, short, drop."""

from __future__ import annotations

from typing import Any, Final, Literal

import msgspec

from app.actions.verbs.shape import Asked, Count, Marks, Plan, Reason, Verb
from app.domain import events as ev
from app.domain.order import Unit
from app.domain.refusals import Code, Refused


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


def _on_line(event: ev.LineEvent, **detail: Any) -> Plan:
    return Plan((event,), detail={"line_id": str(event.line_id), **detail})


def _pick(asked: Asked) -> Plan:
    body: Pick = asked.body
    line = asked.line().id
    return _on_line(ev.LinePicked(line, body.quantity, body.marks), pieces=body.quantity)


def _weigh(asked: Asked) -> Plan:
    body: Weigh = asked.body
    line = asked.line().id
    event = ev.LineWeighed(line, body.grams, body.pieces, body.source)
    return _on_line(event, grams=body.grams, source=body.source)


def _short(asked: Asked) -> Plan:
    body: Short = asked.body
    line = asked.line()
    weighed = line.unit is Unit.WEIGHT
    quantity = body.grams if weighed else body.quantity
    if quantity is None:
        raise Refused(Code.INVALID_QUANTITY, expected="grams" if weighed else "quantity")
    event = ev.LineShort(line.id, quantity, body.reason, body.shelf_empty, body.marks)
    return _on_line(event, found=quantity, reason=body.reason)


def _drop(asked: Asked) -> Plan:
    body: Drop = asked.body
    line = asked.line().id
    return _on_line(ev.LineDropped(line, body.reason, body.shelf_empty), reason=body.reason)


LINES: Final = {
    "pick": Verb(Pick, _pick, "Set how many pieces are in the basket", on_line=True),
    "weigh": Verb(Weigh, _weigh, "Set how many grams are in the basket", on_line=True),
    "short": Verb(Short, _short, "Less was found than ordered", on_line=True),
    "drop": Verb(Drop, _drop, "Nothing was found", on_line=True),
}
