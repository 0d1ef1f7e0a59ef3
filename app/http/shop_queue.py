"""The shop's queue over HTTP: filters, and pages that stay put while orders come and go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from functools import partial
from typing import Any, Final

from asyncpg import Record
from starlette.requests import Request
from starlette.responses import Response

from app.actions import pick
from app.actions.verbs.order import Claim
from app.actions.write import Request as Write
from app.db import shop_queue
from app.db.conn import Conn
from app.db.people import Picker
from app.db.shop_queue import Filters
from app.domain import urgency
from app.domain.path import short_code
from app.domain.refusals import Code, Refused
from app.domain.transitions import ACTIVE
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import digest, given, json_answer, key_of
from app.http.url import Url
from app.hub import Hub
from app.render import picker as views
from app.render.language import say

#: Orders in one page, unless fewer are asked for.
MOST: Final = 200
SCOPES: Final = ("open", "mine", "store")
_STATES: Final = tuple(str(state) for state in ACTIVE)
_LONGEST: Final = 50
_TEXT: Final = {"type": "string", "maxLength": _LONGEST}
_QUERY: Final[dict[str, Any]] = {
    "status": {"type": "string", "enum": list(_STATES)},
    "zone": _TEXT,
    "q": _TEXT,
    "cursor": {"type": "string", "maxLength": 400},
    "limit": {"type": "integer", "minimum": 1, "maximum": MOST, "default": MOST},
}


async def list_orders(request: Request) -> Response:
    """The shop's queue: `scope` open (nobody's), mine, or store (all active); `q` is a part of a
    number."""
    async with request.state.hub.pools.picking.acquire() as conn:
        return json_answer(
            await page(request.state.hub, conn, request.state.picker, request.query_params)
        )


async def page(hub: Hub, conn: Conn, picker: Picker, asked: Mapping[str, str]) -> views.OrderList:
    """One page of the queue, by the parameters of a query."""
    filters = Filters(
        _one_of("scope", asked.get("scope", "open"), SCOPES),
        _one_of("status", asked["status"], _STATES) if asked.get("status") else None,
        short_text(asked, "zone"),
        short_text(asked, "q").strip(),
    )
    after = _cursor(asked.get("cursor", ""))
    most = _limit(asked.get("limit", str(MOST)))
    rows = await shop_queue.page(conn, picker, filters, after, most + 1)
    more = _spot(rows[most - 1]) if len(rows) > most else None
    return views.OrderList(summaries(rows[:most], hub.clock()), more)


async def next_order(request: Request) -> Response:
    """Go on with the order in hand, or claim the most urgent one."""
    body = Claim(short_text(request.query_params, "zone"))
    asked = Write(
        picker=request.state.picker,
        verb="claim",
        body=body,
        key=key_of(request),
        request_hash=digest(request.url.path, body),
        version=None,
        trace_id=request.state.trace_id,
        say=partial(say, language_of(request)),
    )
    return given(await pick.take_next(request.state.hub, asked))


async def queue(request: Request, scope: str) -> list[views.OrderSummary]:
    """Orders of the shop by scope, for the caller."""
    async with request.state.hub.pools.picking.acquire() as conn:
        rows = await shop_queue.page(conn, request.state.picker, Filters(scope), None, MOST)
    return summaries(rows, request.state.hub.clock())


def summaries(rows: Iterable[Record], now: datetime) -> list[views.OrderSummary]:
    """Rows of the queue as they are told."""
    return [_summary(dict(row), now) for row in rows]


def short_text(asked: Mapping[str, str], name: str) -> str:
    """A short text of the parameters; Refused when the database could not keep it."""
    text = asked.get(name, "")
    if len(text) > _LONGEST or "\x00" in text or not _encodable(text):
        raise Refused(Code.INVALID_BODY, field=name, expected="at most 50 characters")
    return text


def _summary(row: dict[str, Any], now: datetime) -> views.OrderSummary:
    badge, name = row.pop("badge"), row.pop("name")
    return views.OrderSummary(
        **row,
        minutes_left=urgency.minutes_left(row["due_at"], now),
        short_code=short_code(row["number"]),
        picker=views.PickerView(badge, name) if badge else None,
    )


def _spot(row: Record) -> str:
    return str(urgency.Spot(row["due_at"], row["number"], row["id"]))


def _cursor(text: str) -> urgency.Spot | None:
    if not text:
        return None
    spot = urgency.read(text)
    if spot is None:
        raise Refused(Code.INVALID_BODY, field="cursor")
    return spot


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) <= len(str(MOST))):
        raise Refused(Code.INVALID_BODY, field="limit", expected=f"1 to {MOST}")
    if not 1 <= int(text) <= MOST:
        raise Refused(Code.INVALID_BODY, field="limit", expected=f"1 to {MOST}")
    return int(text)


def _one_of(field: str, given_: str, allowed: tuple[str, ...]) -> str:
    if given_ not in allowed:
        raise Refused(Code.INVALID_BODY, field=field, allowed=list(allowed))
    return given_


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


ROWS: Final = (
    Url("GET", "/picker/v1/orders", list_orders, Guard.PICKER,
        "The shop's queue, the most urgent first", answer=views.OrderList, scoped=True,
        query=_QUERY),
    Url("POST", "/picker/v1/orders/next", next_order, Guard.PICKER,
        "Go on with the order in hand, or claim the most urgent; 204 when there is none",
        answer=views.WriteResult, write=True, query={"zone": _TEXT},
        empty="There is nothing to pick"),
)  # fmt: skip
