"""What a picker's scan does: find the line, add a piece or a weight, or only say what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Final
from uuid import UUID

import msgspec

from app.actions.check_marks import check_marks, must_be_checked
from app.actions.verbs.shape import Asked, Plan, ScannedText, ScanNote, Verb
from app.db import bags, goods, scans
from app.db.conn import Conn
from app.db.people import Picker
from app.domain.barcode import Kind, Outcome, Scanned, read
from app.domain.marks import WHOLE, Checks
from app.domain.order import OrderState, Unit
from app.domain.pick_job import JobState
from app.domain.refusals import Refused
from app.domain.scan import Counted, Known, Meaning, Scan
from app.domain.scanning import find_line, understand
from app.domain.terms import Terms
from app.hub import Hub
from app.identifiers import new_id


class ScanCode(msgspec.Struct):
    """A code as the scanner read it, separators included; `apply` false only asks what it means."""

    raw: ScannedText
    line_id: UUID | None = None
    apply: bool = True


def _mark(body: ScanCode) -> str | None:
    scanned = read(body.raw) if body.apply else None
    return scanned.mark if scanned else None


def _mark_is_scanned(body: ScanCode) -> bool:
    return _mark(body) is not None


async def _prove(hub: Hub, picker: Picker, body: ScanCode) -> Checks | Refused:
    """The marking system's word on a scanned mark. A unit that must not be sold is refused only
    when it would count: whoever scans other goods is told that they are other goods."""
    mark = _mark(body)
    if mark is None:
        return Checks()
    try:
        return await check_marks(hub, picker, [mark])
    except Refused as refusal:
        return refusal


async def _look(conn: Conn, _hub: Hub, asked: Asked) -> Known:
    """What the order itself does not know of a code."""
    scan = _scan_of(asked, Known())
    scanned = scan.read()
    if scanned is None or scanned.kind is Kind.BAG:
        owner = await bags.owner(conn, asked.order.store_id, _text(scan, scanned))
        strange = owner is not None and owner["id"] != asked.order.id
        return Known(bag_of=owner["number"] if owner is not None and strange else None)
    if scanned.kind is not Kind.GOODS:
        return Known()
    return await _of_goods(conn, scan, scanned, asked)


def _text(scan: Scan, scanned: Scanned | None) -> str:
    return scanned.code if scanned else scan.raw.strip()


async def _of_goods(conn: Conn, scan: Scan, scanned: Scanned, asked: Asked) -> Known:
    """Goods of the order are known by their line, but a price label needs the shop's own price."""
    merchant, store = asked.picker.merchant_id, asked.order.store_id
    line = find_line(scanned, scan.order.wanted(), first=scan.line_id)
    if line is not None:
        priced = scanned.kopecks is not None and line.unit is Unit.WEIGHT
        wanted = {line.external_id} if priced else set()
        return Known(await goods.by_sku(conn, merchant, store, wanted))
    skus = await goods.skus_by_code(conn, merchant, scanned.spellings(), scanned.plu)
    if not skus:
        return Known()
    ordered = {each.external_id for each in scan.order.wanted()}
    return Known(
        await goods.by_sku(conn, merchant, store, skus),
        await scans.stands_for(conn, merchant, ordered, skus),
    )


def _scan_of(asked: Asked, known: Known) -> Scan:
    body: ScanCode = asked.body
    terms = Terms(known.products, new_id, asked.shop, asked.rules, asked.now)
    return Scan(asked.order, body.raw, body.line_id, terms, known)


def _scan(asked: Asked) -> Plan:
    body: ScanCode = asked.body
    meaning = understand(_scan_of(asked, asked.found))
    events = (_checked(asked, meaning.event),) if meaning.event and body.apply else ()
    detail = {"outcome": meaning.outcome, "line_id": meaning.line_id and str(meaning.line_id)}
    return Plan(
        events,
        JobState.ACTIVE if body.apply else None,
        _note(body.raw, meaning),
        detail,
        writes=body.apply,
        notice=meaning.notice,
    )


def _checked(asked: Asked, event: Counted) -> Counted:
    """The event with what the marking system said of the mark it adds."""
    line = asked.order.line(event.line_id)
    new = [code for code in event.marks or () if line and code not in line.marks]
    if not new:
        return event
    proved: Checks | Refused | None = asked.proved
    if isinstance(proved, Refused):
        raise proved
    said = must_be_checked(proved, asked.shop)
    unchecked = said.away and asked.shop.mark_check != "off"
    return replace(event, uses=said.uses([(code, WHOLE) for code in new]), unchecked=unchecked)


def _note(raw: str, meaning: Meaning) -> ScanNote:
    quiet = meaning.outcome is Outcome.MATCHED and meaning.hint is None
    return ScanNote(
        raw,
        meaning.outcome,
        meaning.line_id,
        meaning.pieces,
        meaning.grams,
        said={
            "hint": meaning.hint,
            "sku": meaning.sku,
            "name": meaning.name,
            "code": meaning.code,
            "here": meaning.here,
            "expires": meaning.expires,
        },
        message=None if quiet else meaning.hint or meaning.outcome,
    )


SCAN: Final = {
    "scan": Verb(
        ScanCode,
        _scan,
        "Scan a code: a piece, a weight label, a product mark",
        states=(OrderState.PICKING,),
        look=_look,
        prove=_prove,
        proves=_mark_is_scanned,
    ),
}
