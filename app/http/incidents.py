"""Incidents over HTTP for operators' programs: look, take care of, silence."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import datetime, timedelta
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import incidents as acting
from app.actions.incidents import Muting, Pressed
from app.actions.verbs.shape import TEXT
from app.db import board
from app.domain.refusals import Code, Refused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import decode, json_answer, uuid_of
from app.http.url import Url
from app.render.board import (
    IncidentList,
    IncidentStory,
    IncidentView,
    MuteList,
    MuteView,
    Reader,
    incident_view,
    mute_view,
    story,
)

_ONE: Final = "/monitoring/v1/incidents/{incident_id}"
#: Hours of what is over that may be looked at in one list.
_MOST_HOURS: Final = 24 * 31


class Press(msgspec.Struct):
    """`seq` as it was shown: a press on what has changed meanwhile changes nothing."""

    seq: int | None = None


class Silence(msgspec.Struct):
    """How long, and why."""

    minutes: Annotated[int, Meta(ge=1, le=1440)]
    reason: Annotated[str, Meta(min_length=1, max_length=300, pattern=TEXT)]
    seq: int | None = None


async def list_incidents(request: Request) -> Response:
    """What is on, and with `hours` what ended within them."""
    asked = request.query_params
    hours = asked.get("hours", "0")
    if not (hours.isascii() and hours.isdecimal() and int(hours[:6]) <= _MOST_HOURS):
        raise Refused(Code.INVALID_BODY, field="hours", expected=f"0 to {_MOST_HOURS}")
    now = request.state.hub.clock()
    since = now - timedelta(hours=int(hours[:6])) if int(hours[:6]) else None
    wanted = board.Wanted(since, _text(asked.get("rule")), _text(asked.get("store")))
    async with request.state.hub.pools.picking.acquire() as conn:
        found = await board.listed(conn, wanted)
    reader = reader_of(request)
    return json_answer(IncidentList([view_of(entry, reader) for entry in found]))


async def read_incident(request: Request) -> Response:
    """One with its history."""
    return json_answer(await tell_story(request, id_of(request)))


async def acknowledge(request: Request) -> Response:
    """Take care of it: people stop being called."""
    asked = decode(await request.body() or b"{}", Press)
    return await _press(
        request, acting.acknowledge(request.state.hub, id_of(request), _who(request), asked.seq)
    )


async def unacknowledge(request: Request) -> Response:
    """Give it back."""
    asked = decode(await request.body() or b"{}", Press)
    return await _press(
        request, acting.unacknowledge(request.state.hub, id_of(request), _who(request), asked.seq)
    )


async def mute(request: Request) -> Response:
    """Silence it for some minutes."""
    asked = decode(await request.body(), Silence)
    muting = Muting(asked.minutes, asked.reason.strip())
    return await _press(
        request, acting.mute(request.state.hub, id_of(request), muting, _who(request), asked.seq)
    )


async def list_mutes(request: Request) -> Response:
    """All silence that lasts."""
    return json_answer(MuteList(await mutes_of(request)))


async def unmute(request: Request) -> Response:
    """End silence before its time."""
    id_ = uuid_of(request, "mute_id", Code.MUTE_NOT_FOUND)
    if not await acting.unmute(request.state.hub, id_, _who(request)):
        raise Refused(Code.MUTE_NOT_FOUND)
    return await list_mutes(request)


async def tell_story(request: Request, id_: UUID) -> IncidentStory:
    """An incident as it stands; Refused when there is none."""
    async with request.state.hub.pools.picking.acquire() as conn:
        entry = await board.one(conn, id_)
        if entry is None:
            raise Refused(Code.INCIDENT_NOT_FOUND)
        happened, members = await board.history(conn, id_), await board.members(conn, id_)
    view = view_of(entry, reader_of(request))
    return story(view, list(map(dict, happened)), list(map(dict, members)))


async def mutes_of(request: Request) -> list[MuteView]:
    """All silence that lasts, in the caller's language."""
    async with request.state.hub.pools.picking.acquire() as conn:
        found = await acting.mutes(conn)
        places = await board.places(conn, found)
    reader = reader_of(request)
    return [mute_view(mute, place, reader) for mute, place in zip(found, places, strict=True)]


def view_of(entry: board.Entry, reader: Reader) -> IncidentView:
    """An incident as this reader sees it."""
    return incident_view(entry.incident, entry.members, reader)


def id_of(request: Request) -> UUID:
    """The incident of the path."""
    return uuid_of(request, "incident_id", Code.INCIDENT_NOT_FOUND)


def reader_of(request: Request) -> Reader:
    """Who asks, and in which language."""
    now: datetime = request.state.hub.clock()
    return Reader(language_of(request), now, request.state.hub.rules)


async def _press(request: Request, pressing: Awaitable[Pressed]) -> Response:
    refusal = REFUSED.get(await pressing)
    if refusal is not None:
        raise Refused(refusal)
    return await read_incident(request)


def _who(request: Request) -> str:
    login: str = request.state.operator
    return login


def _text(given: str | None) -> str | None:
    return given.replace("\x00", "") if given else None


#: What a press that did nothing is answered with; doing twice what is done already is well.
REFUSED: Final = {
    Pressed.STALE: Code.INCIDENT_CHANGED,
    Pressed.OVER: Code.INCIDENT_OVER,
    Pressed.UNKNOWN: Code.INCIDENT_NOT_FOUND,
}
_QUERY: Final = {
    "hours": {"type": "integer", "minimum": 0, "maximum": _MOST_HOURS},
    "rule": {"type": "string", "maxLength": 63},
    "store": {"type": "string", "maxLength": 200},
}
_CONFLICT: Final = frozenset({409})

ROWS: Final = (
    Url("GET", "/monitoring/v1/incidents", list_incidents, Guard.OPERATOR,
        "Incidents: what is on, and what ended lately", answer=IncidentList, query=_QUERY),
    Url("GET", _ONE, read_incident, Guard.OPERATOR,
        "One incident with its history", answer=IncidentStory),
    Url("POST", f"{_ONE}/acknowledge", acknowledge, Guard.OPERATOR,
        "Take care of an incident: nobody else is called",
        body=Press, answer=IncidentStory, says=_CONFLICT),
    Url("POST", f"{_ONE}/unacknowledge", unacknowledge, Guard.OPERATOR,
        "Give an incident back",
        body=Press, answer=IncidentStory, says=_CONFLICT),
    Url("POST", f"{_ONE}/mute", mute, Guard.OPERATOR,
        "Silence an incident for some minutes",
        body=Silence, answer=IncidentStory, says=_CONFLICT),
    Url("GET", "/monitoring/v1/mutes", list_mutes, Guard.OPERATOR,
        "Silence that lasts", answer=MuteList),
    Url("POST", "/monitoring/v1/mutes/{mute_id}/end", unmute, Guard.OPERATOR,
        "End silence before its time", answer=MuteList),
)  # fmt: skip
