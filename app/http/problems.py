"""Calls for help over HTTP: a picker asks, supervisors see and close."""

from __future__ import annotations

from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import problems as acting
from app.actions.admission import must_supervise
from app.actions.verbs.shape import TEXT, Nothing
from app.db import help_requests
from app.db.people import Picker
from app.domain.refusals import Code, Refused
from app.http.guards import Guard
from app.http.reading import decode, given, json_answer, uuid_of
from app.http.sessions import writing
from app.http.url import Url
from app.render.problems import HelpList, HelpView, help_view

#: Calls in one list; a store with more has other troubles.
MOST: Final = 200


class AskHelp(msgspec.Struct):
    """What is wrong, and with which order or line."""

    text: Annotated[str, Meta(min_length=1, max_length=500, pattern=TEXT)]
    order_id: UUID | None = None
    line_id: UUID | None = None


async def ask(request: Request) -> Response:
    """Ask for help."""
    asked = decode(await request.body(), AskHelp)
    if not asked.text.strip():
        raise Refused(Code.REASON_REQUIRED)
    trouble = acting.Trouble(asked.text.strip(), asked.order_id, asked.line_id)
    write = writing(request, "problem", asked)
    return given(await acting.ask_for_help(request.state.hub, write, trouble))


async def list_open(request: Request) -> Response:
    """Open calls of the store."""
    who: Picker = request.state.picker
    must_supervise(who)
    async with request.state.hub.pools.picking.acquire() as conn:
        rows = await help_requests.open_ones(conn, who.store_id, MOST)
    return json_answer(HelpList([help_view(dict(row)) for row in rows]))


async def close(request: Request) -> Response:
    """Close a call."""
    must_supervise(request.state.picker)
    id_ = uuid_of(request, "problem_id", Code.PROBLEM_NOT_FOUND)
    decode(await request.body() or b"{}", Nothing)
    write = writing(request, "problem_closed", Nothing())
    return given(await acting.close(request.state.hub, write, id_))


ROWS: Final = (
    Url("POST", "/picker/v1/problems", ask, Guard.PICKER,
        "Ask a supervisor for help", body=AskHelp, answer=HelpView, write=True),
    Url("GET", "/picker/v1/problems", list_open, Guard.PICKER,
        "Open calls for help in the store (supervisors)", answer=HelpList),
    Url("POST", "/picker/v1/problems/{problem_id}/close", close, Guard.PICKER,
        "Close a call for help (supervisors)", body=Nothing, answer=HelpView, write=True),
)  # fmt: skip
