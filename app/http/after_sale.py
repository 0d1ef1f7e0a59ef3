"""What comes after a sale, for operators' programs: take goods back, correct, look it up."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import after_sale
from app.actions.after_sale import Changed, Said
from app.actions.sale_ledger import find, show_sale
from app.actions.verbs.shape import TEXT
from app.db.conn import Conn
from app.domain.after_sale_events import Wish
from app.domain.money import MAX_KOPECKS
from app.domain.quantity import MAX_GRAMS, MAX_PIECES
from app.domain.refusals import Code, Refused
from app.http.guards import Guard
from app.http.reading import clean, decode, digest, json_answer, key_of
from app.http.url import Url
from app.render.after_sale import ChangeView, SaleLedger, sold_line

_ORDER: Final = "/documents/v1/orders/{number}"
Sku = Annotated[str, Meta(min_length=1, max_length=100)]
Marks = Annotated[list[Annotated[str, Meta(min_length=1, max_length=300)]], Meta(max_length=1000)]
Reason = Annotated[str, Meta(min_length=1, max_length=300, pattern=TEXT)]
Moment = Annotated[datetime, Meta(tz=True)]


class ReturnedLine(msgspec.Struct):
    """One line, by its id or by SKU, and how much comes back: pieces, or grams of weighed goods.
    `marks`: the codes of the units, unless all of them come back."""

    line_id: UUID | None = None
    sku: Sku | None = None
    quantity: Annotated[int, Meta(ge=1, le=MAX_PIECES)] | None = None
    grams: Annotated[int, Meta(ge=1, le=MAX_GRAMS)] | None = None
    marks: Marks = msgspec.field(default_factory=list)


class Return(msgspec.Struct):
    """What comes back, and why. `at`: when; now, if it is not said."""

    lines: Annotated[list[ReturnedLine], Meta(min_length=1, max_length=1000)]
    reason: Reason
    at: Moment | None = None


class CorrectedLine(msgspec.Struct):
    """One line, by its id or by SKU, and how much of it was sold in truth, for which price in
    kopecks (of a piece, or of `unit_grams`). What is not said stays. `marks`: the codes of units
    that were not sold after all."""

    line_id: UUID | None = None
    sku: Sku | None = None
    quantity: Annotated[int, Meta(ge=0, le=MAX_PIECES)] | None = None
    grams: Annotated[int, Meta(ge=0, le=MAX_GRAMS)] | None = None
    price: Annotated[int, Meta(ge=0, le=MAX_KOPECKS)] | None = None
    marks: Marks = msgspec.field(default_factory=list)


class Correction(msgspec.Struct):
    """What was sold in truth, and why it is said only now. `at`: when that was settled; now, if it
    is not said."""

    lines: Annotated[list[CorrectedLine], Meta(min_length=1, max_length=1000)]
    reason: Reason
    at: Moment | None = None


async def take_back(request: Request) -> Response:
    """Goods came back."""
    asked = decode(await request.body(), Return)
    wishes = [_wish(line) for line in asked.lines]
    async with request.state.hub.pools.picking.acquire() as conn, conn.transaction():
        order_id, said = await _asked(request, conn, asked)
        return _told(await after_sale.give_back(conn, order_id, wishes, said))


async def correct(request: Request) -> Response:
    """Something else was sold."""
    asked = decode(await request.body(), Correction)
    wishes = [_wish(line, line.price) for line in asked.lines]
    async with request.state.hub.pools.picking.acquire() as conn, conn.transaction():
        order_id, said = await _asked(request, conn, asked)
        return _told(await after_sale.correct(conn, order_id, wishes, said))


async def read_sale(request: Request) -> Response:
    """What an order was sold for."""
    async with request.state.hub.pools.picking.acquire() as conn:
        return json_answer(await show_sale(conn, await find(conn, _number(request))))


async def _asked(request: Request, conn: Conn, asked: Return | Correction) -> tuple[UUID, Said]:
    key, who = key_of(request), request.state.operator
    said = Said(
        by=who,
        source=f"api:{who}:{key}",
        reason=clean(asked.reason),
        now=request.state.hub.clock(),
        trace_id=request.state.trace_id,
        at=asked.at,
        request_hash=digest(request.url.path.rsplit("/", 1)[-1], asked),
    )
    return await find(conn, _number(request)), said


def _wish(line: ReturnedLine | CorrectedLine, price: int | None = None) -> Wish:
    if (line.line_id is None) is (line.sku is None):
        raise Refused(Code.INVALID_BODY, field="lines", expected="line_id or sku, one of the two")
    named: Any = line.line_id or line.sku
    return Wish(named, line.quantity, line.grams, price, _marks(line.marks))


def _marks(given: Sequence[str]) -> tuple[str, ...]:
    return tuple(clean(mark) for mark in given)


def _number(request: Request) -> str:
    number: str = request.path_params["number"]
    return number


def _told(changed: Changed) -> Response:
    change = changed.change
    assert change.occurred_at is not None  # whoever asks says when
    return json_answer(
        ChangeView(
            id=change.id,
            kind=change.kind,
            order=changed.order,
            occurred_at=change.occurred_at,
            reason=change.reason,
            by=change.actor,
            lines=[sold_line(line) for line in changed.lines],
        )
    )


_NUMBER: Final = {"number": {"type": "string", "maxLength": 100}}
_REFUSES: Final = frozenset({409, 422})
ROWS: Final = (
    Url("GET", _ORDER, read_sale, Guard.OPERATOR,
        "What an order was sold for: its documents, what is sold now, what waits",
        answer=SaleLedger, places=_NUMBER),
    Url("POST", f"{_ORDER}/returns", take_back, Guard.OPERATOR,
        "Take goods back that were sold: a return document is due",
        body=Return, answer=ChangeView, write=True, places=_NUMBER, says=_REFUSES),
    Url("POST", f"{_ORDER}/corrections", correct, Guard.OPERATOR,
        "Correct quantities or prices of what was sold: a correction document is due",
        body=Correction, answer=ChangeView, write=True, places=_NUMBER, says=_REFUSES),
)  # fmt: skip
