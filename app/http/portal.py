"""The duty desk: a page of what is wrong now, and one of each incident, with buttons."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final
from urllib.parse import parse_qsl
from uuid import UUID
from zoneinfo import ZoneInfo

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from app.actions import incidents as acting
from app.actions.banner import banner
from app.actions.incidents import Muting, Pressed
from app.db import board
from app.domain.refusals import Code, Refused
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.incidents import id_of, mutes_of, reader_of, tell_story, view_of
from app.http.pages import page
from app.http.reading import clean
from app.http.url import Url

#: How long what is over stays on the desk.
_LATELY: Final = timedelta(hours=24)
_MINUTES: Final = ("30", "120", "480")
_ZONE: Final = ZoneInfo("Europe/Moscow")


async def desk(request: Request) -> Response:
    """What is wrong now, who is silenced, and what ended within a day."""
    hub = request.state.hub
    wanted = board.Wanted(hub.clock() - _LATELY, most=300)
    async with hub.pools.picking.acquire() as conn:
        lines = await banner(conn, language_of(request))
        found = await board.listed(conn, wanted)
    reader = reader_of(request)
    views = [view_of(entry, reader) for entry in found if entry.incident.parent_id is None]
    return page(
        request,
        "desk.html",
        banner=lines,
        on=[view for view in views if view.state != "resolved"],
        over=[view for view in views if view.state == "resolved"],
        mutes=await mutes_of(request),
        said=request.query_params.get("said", ""),
        clock=_clock,
        now=hub.clock(),
    )


async def incident(request: Request) -> Response:
    """One incident, its history, and what may be done."""
    said = request.query_params.get("said", "")
    return page(
        request,
        "incident.html",
        story=await tell_story(request, id_of(request)),
        rule=request.state.hub.rules.get,
        minutes=_MINUTES,
        said=said,
        clock=_clock,
    )


async def press(request: Request) -> Response:
    """A button of a page: back to where it was, with what came of it."""
    form = await form_of(request)
    id_ = id_of(request)
    pressed = await _do(request, id_, form, _seq(form.get("seq")))
    if pressed is Pressed.UNKNOWN:
        raise Refused(Code.INCIDENT_NOT_FOUND)
    back = "/portal/" if form.get("back") == "desk" else f"/portal/incidents/{id_}"
    return RedirectResponse(f"{back}?said={pressed}", 303)


def _seq(given: str | None) -> int | None:
    """What a button was drawn for; what no button of ours ever said is valid for nothing."""
    if given is None:
        return None
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else -1


async def _do(request: Request, id_: UUID, form: dict[str, str], seq: int | None) -> Pressed:
    hub, who = request.state.hub, request.state.operator
    match form.get("act"):
        case "acknowledge":
            return await acting.acknowledge(hub, id_, who, seq)
        case "unacknowledge":
            return await acting.unacknowledge(hub, id_, who, seq)
        case "mute" if form.get("minutes") in _MINUTES:
            if not form.get("reason", "").strip():
                raise Refused(Code.REASON_REQUIRED)
            muting = Muting(int(form["minutes"]), form["reason"].strip()[:300])
            return await acting.mute(hub, id_, muting, who, seq)
    raise Refused(Code.INVALID_BODY, field="act")


async def end_mute(request: Request) -> Response:
    """The button beside a mute."""
    await form_of(request)
    try:
        done = await acting.unmute(
            request.state.hub, UUID(request.path_params["mute_id"]), request.state.operator
        )
    except ValueError:
        done = False
    said = Pressed.DONE if done else Pressed.OVER
    return RedirectResponse(f"/portal/?said={said}", 303)


async def form_of(request: Request) -> dict[str, str]:
    """A form's fields, text that PostgreSQL can keep; Refused when it is none of ours."""
    raw = (await request.body()).decode("utf-8", "ignore")
    try:
        fields = parse_qsl(raw, max_num_fields=20)
    except ValueError:
        raise Refused(Code.INVALID_BODY) from None
    return {name: clean(value) for name, value in fields}


def _clock(moment: datetime | None) -> str:
    """Day and time, in the zone of the desk."""
    return "" if moment is None else f"{moment.astimezone(_ZONE):%d.%m %H:%M}"


URLS: Final = (
    Url("GET", "/portal/", desk, Guard.OPERATOR, "The duty desk"),
    Url("GET", "/portal/incidents/{incident_id}", incident, Guard.OPERATOR, "One incident"),
    Url("POST", "/portal/incidents/{incident_id}", press, Guard.OPERATOR, "A button of a page"),
    Url("POST", "/portal/mutes/{mute_id}", end_mute, Guard.OPERATOR, "End a mute"),
)
