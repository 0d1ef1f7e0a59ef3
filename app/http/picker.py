"""The picker API v1: read the request, call one action, write its answer."""

from __future__ import annotations

import re
from functools import partial
from typing import Final
from uuid import UUID

from asyncpg import Record
from starlette.requests import Request
from starlette.responses import Response

from app.actions import pick
from app.actions import write as writing
from app.actions.verbs import VERBS, Nothing
from app.db import picks
from app.db.people import Picker
from app.domain.refusals import Code, Refused
from app.http.errors import language_of
from app.http.guards import Endpoint
from app.http.reading import decode, digest, given, json_answer, key_of, uuid_of
from app.render import picker as views
from app.render.language import say

_VERSION: Final = re.compile(r'(?:W/)?"?(\d{1,9})"?')
#: Orders in one list; a shop with more open ones sees the most urgent.
MOST: Final = 200


async def list_orders(request: Request) -> Response:
    """The shop's queue: `scope` open (nobody's), mine, or store (all active)."""
    scope = request.query_params.get("scope", "open")
    if scope not in ("open", "mine", "store"):
        raise Refused(Code.INVALID_BODY, field="scope", allowed=["open", "mine", "store"])
    return json_answer(views.OrderList(await queue(request, scope)))


async def read_order(request: Request) -> Response:
    """One order of this store."""
    order_id = uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
    view = await _see(request, order_id)
    answer = json_answer(view)
    answer.headers["ETag"] = f'"{view.version}"'
    return answer


async def next_order(request: Request) -> Response:
    """Claim the most urgent order, or go on with the one in hand."""
    asked = await _request(request, "claim", needs_version=False)
    return given(await pick.take_next(request.state.hub, asked))


def writer(verb: str) -> Endpoint:
    """The endpoint of one verb on one order, or on one of its lines."""

    async def write(request: Request) -> Response:
        order_id = uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
        request.state.see = partial(_current, request, order_id)
        asked = await _request(request, verb)
        return given(await pick.perform(request.state.hub, order_id, asked))

    return write


async def _request(request: Request, verb: str, *, needs_version: bool = True) -> writing.Request:
    key = key_of(request)
    raw = await request.body()
    body = decode(raw or b"{}", VERBS[verb].body) if needs_version else Nothing()
    line = "line_id" in request.path_params
    return writing.Request(
        picker=request.state.picker,
        verb=verb,
        body=body,
        key=key,
        request_hash=digest(request.url.path, body),
        version=_version(request) if needs_version else None,
        trace_id=request.state.trace_id,
        say=partial(say, language_of(request)),
        line_id=uuid_of(request, "line_id", Code.LINE_NOT_FOUND) if line else None,
    )


def _version(request: Request) -> int:
    given = request.headers.get("if-match")
    if given is None:
        raise Refused(Code.VERSION_REQUIRED)
    match = _VERSION.fullmatch(given.strip())
    if match is None:
        raise Refused(Code.INVALID_BODY, field="If-Match", expected='"<version>"')
    return int(match[1])


async def _see(request: Request, order_id: UUID) -> views.OrderView:
    who: Picker = request.state.picker
    async with request.state.hub.pools.picking.acquire() as conn:
        return await writing.see(conn, await writing.in_store(conn, order_id, who), who)


async def _current(request: Request, order_id: UUID) -> views.OrderView | None:
    """The order as it stands, for a conflict; none when it is not this store's."""
    try:
        return await _see(request, order_id)
    except Refused:
        return None


async def queue(request: Request, scope: str) -> list[views.OrderSummary]:
    """Orders of the shop by scope, for the caller."""
    async with request.state.hub.pools.picking.acquire() as conn:
        rows = await picks.shop_queue(conn, request.state.picker, scope, MOST)
    return [summary(row) for row in rows]


def summary(row: Record) -> views.OrderSummary:
    """One row of the queue."""
    fields = dict(row)
    badge, name = fields.pop("badge"), fields.pop("name")
    return views.OrderSummary(**fields, picker=views.PickerView(badge, name) if badge else None)
