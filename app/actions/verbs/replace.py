"""What a picker does when goods are missing: offer others, take them back, pass on the answer."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.actions.admission import must_supervise
from app.actions.check_marks import check_marks, must_be_checked
from app.actions.verbs.shape import (
    TEXT,
    Access,
    Asked,
    Count,
    Marks,
    Nothing,
    Plan,
    Reason,
    ScannedText,
    Verb,
    must_be_few,
)
from app.db import goods
from app.db.conn import Conn
from app.db.people import Picker, Role
from app.domain.barcode import Scanned, must_read, read
from app.domain.marks import WHOLE, Checks
from app.domain.order import OrderState
from app.domain.pick_job import JobState
from app.domain.refusals import Code, Refused
from app.domain.replacement_events import (
    LineReplaced,
    ReplacementDecided,
    ReplacementWithdrawn,
    Substitute,
)
from app.hub import Hub

Sku = Annotated[str, Meta(min_length=1, max_length=100, pattern=TEXT)]


class Item(msgspec.Struct):
    """Goods to take instead, by `sku` or by a scanned `code`. What is said of `quantity` pieces or
    `grams` is in the basket; nothing said: as much as was ordered, to be found yet."""

    sku: Sku | None = None
    code: ScannedText | None = None
    quantity: Count | None = None
    grams: Count | None = None
    marks: Marks = ()


class Replace(msgspec.Struct):
    """Other goods for a line, several when they stand for it together; the customer's wish says
    whether they are taken at once or asked about."""

    items: Annotated[tuple[Item, ...], Meta(min_length=1, max_length=5)]
    reason: Reason
    shelf_empty: bool = False

    def __post_init__(self) -> None:
        """No more marks than another line may have."""
        must_be_few(item.marks for item in self.items)


class Decide(msgspec.Struct):
    """The answer to a proposal. `by`: the customer told the picker, or an operator (a supervisor)
    decides."""

    approved: bool
    by: Literal["customer", "operator"] = "customer"


async def _prove(hub: Hub, picker: Picker, body: Replace) -> Checks:
    return await check_marks(hub, picker, [mark for item in body.items for mark in _marks(item)])


async def _look(conn: Conn, _hub: Hub, asked: Asked) -> list[tuple[str, Scanned | None]]:
    """What each item is: its SKU, and what else its code says."""
    return [await _goods(conn, asked, item) for item in asked.body.items]


async def _goods(conn: Conn, asked: Asked, item: Item) -> tuple[str, Scanned | None]:
    if item.sku is not None:
        return item.sku, None
    if item.code is None:
        raise Refused(Code.INVALID_BODY, field="items", expected="sku or code")
    scanned = must_read(item.code, asked.shop.labels)
    merchant_id = asked.picker.merchant_id
    skus = await goods.skus_by_code(conn, merchant_id, scanned.spellings(), scanned.plu)
    wished = [sku for sku in asked.line().wish_skus if sku in skus] or skus
    if len(wished) != 1:  # nobody knows it, or several goods carry it: then the SKU must be said
        raise Refused(Code.UNKNOWN_CODE, scanned=item.code, skus=skus)
    return wished[0], scanned


def _replace(asked: Asked) -> Plan:
    body: Replace = asked.body
    marked = any(_marks(item) for item in body.items)
    checks = must_be_checked(asked.proved, asked.shop) if marked else Checks()
    found = zip(body.items, asked.found, strict=True)
    items = tuple(_substitute(item, known, checks) for item, known in found)
    event = LineReplaced(
        asked.line().id,
        items,
        body.reason.strip(),
        body.shelf_empty,
        unchecked=checks.away and asked.shop.mark_check != "off",
    )
    said = [{"sku": each.sku, "pieces": each.pieces, "grams": each.grams} for each in items]
    return Plan((event,), detail=_told(event.line_id, items=said, reason=event.reason))


def _substitute(item: Item, known: tuple[str, Scanned | None], checks: Checks) -> Substitute:
    """What the code says counts where nothing else is said; marks say how many they are."""
    sku, scanned = known
    said = scanned or Scanned()
    marks = _marks(item)
    pieces = said.pieces if item.quantity is None else item.quantity
    return Substitute(
        sku,
        len(marks) or None if pieces is None else pieces,
        said.grams if item.grams is None else item.grams,
        marks,
        checks.uses([(mark, WHOLE) for mark in marks]),
    )


def _marks(item: Item) -> tuple[str, ...]:
    """The marks of an item; a code that is one itself counts."""
    scanned = read(item.code) if item.code and not item.marks else None
    return (scanned.mark,) if scanned and scanned.mark else item.marks


def _decide(asked: Asked) -> Plan:
    body: Decide = asked.body
    if body.by == "operator":
        must_supervise(asked.picker)
    event = ReplacementDecided(asked.line().id, body.approved, body.by)
    job = None if asked.picker.role is Role.SUPERVISOR else JobState.ACTIVE
    return Plan((event,), job, detail=_told(event.line_id, approved=body.approved, by=body.by))


def _withdraw(asked: Asked) -> Plan:
    line_id = asked.line().id
    return Plan((ReplacementWithdrawn(line_id),), detail=_told(line_id))


def _told(line_id: object, **facts: object) -> dict[str, object]:
    return {"line_id": str(line_id), **facts}


REPLACE: Final = {
    "replace": Verb(
        Replace,
        _replace,
        "Offer other goods for a line: taken at once or proposed, as the customer wishes",
        states=(OrderState.PICKING,),
        on_line=True,
        look=_look,
        prove=_prove,
    ),
    "decide": Verb(
        Decide,
        _decide,
        "The customer's answer to a proposal, told by the picker or a supervisor",
        access=Access.SUPERVISED,
        states=(OrderState.PICKING,),
        on_line=True,
    ),
    "withdraw": Verb(
        Nothing,
        _withdraw,
        "Take replacements back; the line is open again",
        states=(OrderState.PICKING,),
        on_line=True,
    ),
}
