"""The picker API v1: read the request, call one action, write its answer."""

from __future__ import annotations

import re
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.actions import pick
from app.actions import write as writing
from app.actions.look import order_if_any, order_of
from app.actions.verbs import VERBS
from app.domain.refusals import Code, Refused
from app.http.errors import language_of
from app.http.guards import Endpoint
from app.http.reading import decode, digest, given, json_answer, key_of, uuid_of
from app.render.language import say

_VERSION: Final = re.compile(r'(?:W/)?"?(\d{1,9})"?')


async def read_order(request: Request) -> Response:
    """One order of this store."""
    order_id = uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
    view = await order_of(request.state.hub, order_id, request.state.picker)
    answer = json_answer(view)
    answer.headers["ETag"] = f'"{view.version}"'
    return answer


def writer(verb: str) -> Endpoint:
    """The endpoint of one verb on one order, or on one of its lines."""

    async def write(request: Request) -> Response:
        order_id = uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
        state = request.state
        state.see = partial(order_if_any, state.hub, order_id, state.picker)
        asked = await _request(request, verb)
        return given(await pick.perform(state.hub, order_id, asked))

    return write


async def _request(request: Request, verb: str) -> writing.Request:
    key = key_of(request)
    raw = await request.body()
    body = decode(raw or b"{}", VERBS[verb].body)
    line = "line_id" in request.path_params
    return writing.Request(
        picker=request.state.picker,
        verb=verb,
        body=body,
        key=key,
        request_hash=digest(request.url.path, body),
        version=_version(request),
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
