"""What happens to a picked order: bags, staging, ready, hand-over, and back to the shelves."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

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
from app.db import bags as stored
from app.db.conn import Conn
from app.domain import bags
from app.domain import events as ev
from app.domain import packing_events as pack
from app.domain.goods import Temperature
from app.domain.order import OrderState
from app.domain.pick_job import JobState
from app.domain.refusals import Code, Refused
from app.domain.transitions import PICKER_STATES
from app.hub import Hub

_BAGGING: Final = (OrderState.PICKING, OrderState.PICKED)
_STAGING: Final = (OrderState.PICKED, OrderState.READY)
_AFTER: Final = (
    OrderState.CANCELLED,
    OrderState.RETURNED,
    OrderState.HANDED_OVER,
    OrderState.DELIVERED,
)
Codes = Annotated[tuple[ScannedText, ...], Meta(max_length=bags.MAX_BAGS)]


class OpenBag(msgspec.Struct):
    """A bag for goods of one temperature; `code` when it carries a printed one."""

    temperature: Temperature = Temperature.AMBIENT
    code: Annotated[str, Meta(min_length=1, max_length=60, pattern=TEXT)] | None = None


class OneBag(msgspec.Struct):
    """Which bag."""

    bag_id: UUID


class Stage(msgspec.Struct):
    """Sealed bags stand at this place now."""

    location_code: ScannedText
    bag_codes: Annotated[tuple[ScannedText, ...], Meta(min_length=1, max_length=bags.MAX_BAGS)]


class Ready(msgspec.Struct):
    """`bags`: how many, where they carry no codes."""

    bags: Annotated[int, Meta(ge=0, le=bags.MAX_BAGS)] | None = None


class NotTaken(msgspec.Struct):
    """What the receiver refused: pieces, or grams of a weighed good; `marks` of refused units when
    it is not all of them."""

    line_id: UUID
    quantity: Count
    reason: Reason
    marks: Marks = ()


class AgeCheck(msgspec.Struct):
    """How the receiver's age was checked."""

    result: Literal["passed", "failed"]
    method: Literal["document", "looks"] = "document"


class HandOver(msgspec.Struct):
    """Who takes the order; the bags as they were scanned; what was refused."""

    bag_codes: Codes = ()
    courier: Annotated[str, Meta(max_length=100, pattern=TEXT)] = ""
    courier_code: Annotated[str, Meta(max_length=20, pattern=TEXT)] | None = None
    age_check: AgeCheck | None = None
    refused: Annotated[tuple[NotTaken, ...], Meta(max_length=300)] = ()

    def __post_init__(self) -> None:
        """No more marks than a line may have."""
        must_be_few(each.marks for each in self.refused)


def _open(asked: Asked) -> Plan:
    body: OpenBag = asked.body
    event = pack.BagOpened(body.temperature, body.code and body.code.strip())
    return Plan((event,), detail={"temperature": body.temperature, "code": body.code})


def _seal(asked: Asked) -> Plan:
    return Plan((pack.BagSealed(asked.body.bag_id),), detail={"bag_id": str(asked.body.bag_id)})


def _void(asked: Asked) -> Plan:
    return Plan((pack.BagVoided(asked.body.bag_id),), detail={"bag_id": str(asked.body.bag_id)})


async def _look_at_place(conn: Conn, _hub: Hub, asked: Asked) -> int:
    body: Stage = asked.body
    await _foreign(conn, asked, body.bag_codes)
    return await stored.taken(conn, asked.order.store_id, body.location_code, asked.order.id)


def _stage(asked: Asked) -> Plan:
    body: Stage = asked.body
    event = pack.Staged(body.location_code, body.bag_codes, asked.found)
    detail = {"place": body.location_code, "bags": list(body.bag_codes)}
    return Plan((event,), detail=detail)  # whoever stages: a lease is the holder's


def _ready(asked: Asked) -> Plan:
    return Plan((ev.Readied(asked.body.bags),), job=JobState.DONE)


def _reopen(_asked: Asked) -> Plan:
    return Plan((ev.Reopened(),))


async def _look_at_bags(conn: Conn, _hub: Hub, asked: Asked) -> None:
    await _foreign(conn, asked, asked.body.bag_codes)


async def _foreign(conn: Conn, asked: Asked, codes: tuple[str, ...]) -> None:
    """A code that is no bag of this order may be another order's, which must not go along."""
    own = {bag.code for bag in asked.order.live_bags()}
    for code in codes:
        if code in own:
            continue
        owner = await stored.owner(conn, asked.order.store_id, code)
        if owner is not None:
            raise Refused(Code.BAG_BELONGS_TO_OTHER_ORDER, scanned=code, number=owner["number"])
        raise Refused(Code.BAG_NOT_FOUND, scanned=code)


def _hand_over(asked: Asked) -> Plan:
    body: HandOver = asked.body
    refused = tuple(
        pack.RefusedItem(x.line_id, x.quantity, x.reason, x.marks) for x in body.refused
    )
    check = body.age_check
    kind = pack.Collected if asked.order.pickup else pack.HandedOver
    event = kind(body.bag_codes, body.courier_code, check.result if check else None, refused)
    detail = {
        "courier": body.courier,
        "bags": list(body.bag_codes),
        "age_check": check and {"result": check.result, "method": check.method},
        "refused": [
            {"line_id": str(x.line_id), "quantity": x.quantity, "reason": x.reason} for x in refused
        ],
    }
    return Plan((event,), job=None, detail=detail)


def _put_back(_asked: Asked) -> Plan:
    return Plan((pack.PutBack(),), job=None)


def _packing(
    body: type[msgspec.Struct],
    plan: Callable[[Asked], Plan],
    summary: str,
    states: tuple[OrderState, ...] = PICKER_STATES,
) -> Verb:
    return Verb(body, plan, summary, access=Access.PACKER, states=states)


PACKING: Final = {
    "bags": _packing(OpenBag, _open, "Open a bag; the answer has its code", _BAGGING),
    "seal": _packing(OneBag, _seal, "Close a bag", _BAGGING),
    "void": _packing(OneBag, _void, "A bag is not used after all", _BAGGING),
    "reopen": _packing(
        Nothing, _reopen, "Back to picking, before the order is ready", (OrderState.PICKED,)
    ),
    "stage": Verb(
        Stage,
        _stage,
        "Bags stand at a staging place",
        access=Access.ANYONE,
        states=_STAGING,
        look=_look_at_place,
    ),
    "ready": _packing(Ready, _ready, "Packed; the marketplace is told the final composition"),
    "handover": Verb(
        HandOver,
        _hand_over,
        "The courier, or the customer, takes the bags",
        access=Access.ANYONE,
        states=(OrderState.READY, OrderState.HANDED_OVER),
        look=_look_at_bags,
    ),
    "putback": Verb(
        Nothing,
        _put_back,
        "What did not leave the shop is back on its shelves",
        access=Access.ANYONE,
        states=_AFTER,
    ),
}
