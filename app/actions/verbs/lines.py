"""What a picker does with one line: pick, weigh, short, drop."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta

from app.actions.check_marks import check_marks, must_be_checked
from app.actions.sign_in import confirm_supervisor
from app.actions.verbs.shape import (
    MOST_MARKS,
    TEXT,
    Asked,
    Count,
    Mark,
    Plan,
    Reason,
    ScannedText,
    Verb,
)
from app.db import goods
from app.db.conn import Conn
from app.db.people import Picker
from app.domain import events as ev
from app.domain.barcode import must_read
from app.domain.belonging import check_codes, strangers
from app.domain.marks import Checks
from app.domain.order import MarkUse, Unit
from app.domain.refusals import Code, Refused
from app.hub import Hub


class MarkPart(msgspec.Struct):
    """A part of one unit: thousandths of it, all of it unless it says less."""

    code: Mark
    part: Annotated[int, Meta(ge=1, le=1000)] = 1000


GivenMarks = Annotated[tuple[Mark | MarkPart, ...], Meta(max_length=MOST_MARKS)]
Codes = Annotated[tuple[ScannedText, ...], Meta(max_length=500)]


class Override(msgspec.Struct):
    """The supervisor who lets a weight pass, on this handheld, this once."""

    badge: Annotated[str, Meta(min_length=1, max_length=200, pattern=TEXT)]
    pin: Annotated[str, Meta(min_length=1, max_length=50, pattern=TEXT)]

    def __repr__(self) -> str:
        """Without the PIN: this is what a log or a traceback would show."""
        return f"Override(badge={self.badge!r})"


class Pick(msgspec.Struct):
    """So many pieces are in the basket now; `codes` are the barcodes scanned to see that they are
    the right goods, `marks` the product codes of marked ones."""

    quantity: Count
    codes: Codes = ()
    marks: GivenMarks = ()
    source: Literal["scan", "manual"] = "manual"


class Weigh(msgspec.Struct):
    """So many grams are in the basket now; without `marks` those of the line stay."""

    grams: Count
    pieces: Count | None = None
    source: Literal["label", "scale", "manual"] = "manual"
    marks: GivenMarks | None = None
    override: Override | None = None


class Short(msgspec.Struct):
    """Less was found than ordered: `quantity` pieces, or `grams` of a weighed good; `reason` is a
    code from the configuration or the picker's own words."""

    reason: Reason
    quantity: Count | None = None
    grams: Count | None = None
    shelf_empty: bool = False
    marks: GivenMarks | None = None


class Drop(msgspec.Struct):
    """Nothing was found."""

    reason: Reason
    shelf_empty: bool = False


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found out before the write: the marking system's word, the supervisor's."""

    checks: Checks
    supervisor: Picker | None = None


def _has_proof(body: Pick | Weigh | Short) -> bool:
    return bool(body.marks) or (isinstance(body, Weigh) and body.override is not None)


async def _prove(hub: Hub, picker: Picker, body: Pick | Weigh | Short) -> Proof:
    checks = await check_marks(hub, picker, [code for code, _ in _parts(body.marks)])
    override = body.override if isinstance(body, Weigh) else None
    if override is None:
        return Proof(checks)
    who = await confirm_supervisor(hub, picker.store_id, override.badge, override.pin)
    return Proof(checks, who)


def _parts(given: tuple[str | MarkPart, ...] | None) -> list[tuple[str, int]]:
    return [(one, 1000) if isinstance(one, str) else (one.code, one.part) for one in given or ()]


def _marks(asked: Asked) -> dict[str, Any]:
    """Marks as an event takes them; none said: none of the event's either."""
    given = asked.body.marks
    if given is None:
        return {"marks": None}
    parts = _parts(given)
    if not parts:
        return {"marks": (), "uses": (), "unchecked": False}
    proof: Proof | None = asked.proved
    checks = must_be_checked(proof.checks if proof else None, asked.shop)
    uses: tuple[MarkUse, ...] = checks.uses(parts)
    unchecked = checks.away and asked.shop.mark_check != "off"
    return {"marks": tuple(code for code, _ in parts), "uses": uses, "unchecked": unchecked}


def _on_line(event: ev.LineEvent, **detail: Any) -> Plan:
    unchecked = {"unchecked": True} if getattr(event, "unchecked", False) else {}
    return Plan((event,), detail={"line_id": str(event.line_id), **detail, **unchecked})


async def _catalogue(conn: Conn, _hub: Hub, asked: Asked) -> dict[str, list[str]]:
    """The SKUs of codes that the line itself does not carry."""
    body: Pick = asked.body
    labels = asked.shop.labels
    found: dict[str, list[str]] = {}
    for code in strangers(asked.line(), body.codes, labels):
        scanned = must_read(code, labels)
        found[code] = await goods.skus_by_code(
            conn, asked.picker.merchant_id, scanned.spellings(), scanned.plu
        )
    return found


def _pick(asked: Asked) -> Plan:
    body: Pick = asked.body
    line = asked.line()
    check_codes(asked.order, line, asked.found or {}, asked.shop.labels)
    event = ev.LinePicked(line.id, body.quantity, **_marks(asked))
    return _on_line(event, pieces=body.quantity, source=body.source)


def _weigh(asked: Asked) -> Plan:
    body: Weigh = asked.body
    proof: Proof | None = asked.proved
    badge = proof.supervisor.badge if proof and proof.supervisor else None
    event = ev.LineWeighed(
        asked.line().id, body.grams, body.pieces, body.source, badge, **_marks(asked)
    )
    who = {"override_by": badge} if badge else {}
    return _on_line(event, grams=body.grams, source=body.source, **who)


def _short(asked: Asked) -> Plan:
    body: Short = asked.body
    line = asked.line()
    weighed = line.unit is Unit.WEIGHT
    quantity = body.grams if weighed else body.quantity
    if quantity is None:
        raise Refused(Code.INVALID_QUANTITY, expected="grams" if weighed else "quantity")
    event = ev.LineShort(line.id, quantity, body.reason, body.shelf_empty, **_marks(asked))
    shelf = {"shelf_empty": True} if body.shelf_empty else {}
    return _on_line(event, found=quantity, reason=body.reason, **shelf)


def _drop(asked: Asked) -> Plan:
    body: Drop = asked.body
    event = ev.LineDropped(asked.line().id, body.reason, body.shelf_empty)
    shelf = {"shelf_empty": True} if body.shelf_empty else {}
    return _on_line(event, reason=body.reason, **shelf)


LINES: Final = {
    "pick": Verb(
        Pick, _pick, "Set how many pieces are in the basket",
        on_line=True, look=_catalogue, prove=_prove, proves=_has_proof,
    ),
    "weigh": Verb(
        Weigh, _weigh, "Set how many grams are in the basket",
        on_line=True, prove=_prove, proves=_has_proof,
    ),
    "short": Verb(
        Short, _short, "Less was found than ordered",
        on_line=True, prove=_prove, proves=_has_proof,
    ),
    "drop": Verb(Drop, _drop, "Nothing was found", on_line=True),
}  # fmt: skip
