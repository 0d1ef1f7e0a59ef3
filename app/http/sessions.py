"""Coming and going: sign-in, shifts, and what a person is told of the own work."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions.shift import EndShift, change_shift
from app.actions.sign_in import SignIn, sign_in, sign_out
from app.actions.verbs.shape import Nothing
from app.actions.write import Request as Write
from app.db import shifts
from app.db.people import Picker
from app.http.errors import language_of
from app.http.guards import Endpoint, Guard, bearer
from app.http.reading import clean, decode, digest, given, json_answer, key_of
from app.http.shop_queue import queue
from app.http.url import Url
from app.render import people as views
from app.render.language import say
from app.render.picker import PickerView, StoreView


class AskedSignIn(msgspec.Struct):
    """Badge (typed, or scanned as BADGE-1001) and PIN; a registered handheld's own secret, here or
    in X-Device-Id."""

    badge: Annotated[str, Meta(min_length=1, max_length=50)]
    pin: Annotated[str, Meta(min_length=1, max_length=50)]
    device_id: Annotated[str, Meta(max_length=100)] = ""


async def open_session(request: Request) -> Response:
    """Sign in with badge and PIN."""
    asked = decode(await request.body(), AskedSignIn)
    device = asked.device_id or request.headers.get("x-device-id", "")[:100]
    session = await sign_in(
        request.state.hub,
        SignIn(clean(asked.badge), asked.pin, clean(device), request.state.client_version),
    )
    who = session.picker
    return json_answer(
        views.SessionView(
            session.token, session.expires_at, _picker(who), who.role.value, _store(who)
        )
    )


async def close_session(request: Request) -> Response:
    """Sign out; claims stay."""
    await sign_out(request.state.hub, bearer(request))
    return Response(status_code=204)


async def me(request: Request) -> Response:
    """Who is signed in, which orders are in hand, the shift and the own pace."""
    who: Picker = request.state.picker
    mine = await queue(request, "mine")
    async with request.state.hub.pools.picking.acquire() as conn:
        shift = await shifts.of_picker(conn, who.id)
        work = await shifts.workload(conn, who.id)
    return json_answer(
        views.Me(
            _picker(who),
            who.role.value,
            _store(who),
            mine,
            views.shift_view(shift, required=who.needs_shift),
            views.workload_view(work),
        )
    )


def shift_writer(verb: str) -> Endpoint:
    """The endpoint that starts, pauses, resumes or ends the caller's shift."""
    shape = _SHIFTS[verb][0]

    async def write(request: Request) -> Response:
        asked = writing(request, verb, decode(await request.body() or b"{}", shape))
        return given(await change_shift(request.state.hub, asked))

    return write


def writing(request: Request, verb: str, body: msgspec.Struct) -> Write:
    """A write that is about no order, so that it needs a key and no version."""
    return Write(
        picker=request.state.picker,
        verb=verb,
        body=body,
        key=key_of(request),
        request_hash=digest(request.url.path, body),
        version=None,
        trace_id=request.state.trace_id,
        say=partial(say, language_of(request)),
    )


def _picker(who: Picker) -> PickerView:
    return PickerView(who.badge, who.name)


def _store(who: Picker) -> StoreView:
    return StoreView(who.store, who.store_name, who.timezone)


_SHIFTS: Final[dict[str, tuple[type[msgspec.Struct], str]]] = {
    "start": (Nothing, "Start the shift; the second time goes on with it"),
    "pause": (Nothing, "Pause the shift"),
    "resume": (Nothing, "Go on after a pause"),
    "end": (EndShift, "End the shift; `release` gives back what is in hand"),
}

ROWS: Final = (
    Url("POST", "/picker/v1/sessions", open_session, Guard.PIN,
        "Sign in with badge and PIN", body=AskedSignIn, answer=views.SessionView),
    Url("DELETE", "/picker/v1/sessions/current", close_session, Guard.PICKER,
        "Sign out; claims stay", status=204),
    Url("GET", "/picker/v1/me", me, Guard.PICKER,
        "Who is signed in, and the orders in hand", answer=views.Me),
    *(
        Url("POST", f"/picker/v1/shifts/{verb}", shift_writer(verb), Guard.PICKER, summary,
            body=shape, answer=views.ShiftView, write=True)
        for verb, (shape, summary) in _SHIFTS.items()
    ),
)  # fmt: skip
