"""What a supervisor does with the people and handhelds of the own store."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Final

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import staff as acting
from app.actions.admission import must_supervise
from app.actions.pick import once
from app.actions.staff import By, Change, Pin, make_pin
from app.actions.write import Answer
from app.db import shifts, staff
from app.db.conn import Conn
from app.db.people import Picker, Role
from app.domain.refusals import Code
from app.http.guards import Guard
from app.http.reading import decode, given, json_answer, uuid_of
from app.http.sessions import writing
from app.http.url import Url
from app.render import people as views

#: As printed, with or without the prefix. "$(?!\\n)" is the very end in every dialect: Python's "$"
#: alone also stands before a last newline.
Badge = Annotated[str, Meta(pattern=r"^(?:BADGE-|ИФВПУ-)?[A-Za-z0-9][A-Za-z0-9.-]{0,19}$(?!\n)")]
#: Something of it can be seen.
Name = Annotated[
    str,
    Meta(
        min_length=1,
        max_length=100,
        pattern=r"^[^\u0000-\u001f]*[^\s\u0000-\u001f][^\u0000-\u001f]*$(?!\n)",
    ),
]


class NewPerson(msgspec.Struct):
    """A person for the caller's store; the hub makes the PIN."""

    badge: Badge
    name: Name
    role: views.RoleName = "picker"


class ChangePerson(msgspec.Struct):
    """What should be different; `new_pin` makes one and signs the person out."""

    name: Name | None = None
    role: views.RoleName | None = None
    active: bool | None = None
    new_pin: bool = False


class NewDevice(msgspec.Struct):
    """A handheld for the caller's store, by the name that stands on it."""

    name: Name


async def team(request: Request) -> Response:
    """Who is at work, with what in hand and at which pace."""
    who = _supervisor(request)
    async with request.state.hub.pools.picking.acquire() as conn:
        members = [
            views.member_view(
                row,
                views.shift_view(await shifts.of_picker(conn, row["id"]), required=who.needs_shift),
                views.workload_view(await shifts.workload(conn, row["id"])),
            )
            for row in await shifts.team(conn, who.store_id)
        ]
    return json_answer(views.Team(members))


async def list_people(request: Request) -> Response:
    """Everybody of the store, those who left last."""
    who = _supervisor(request)
    async with request.state.hub.pools.picking.acquire() as conn:
        rows = await staff.people(conn, who.store_id)
    return json_answer(views.People([views.person_row(row) for row in rows]))


async def add_person(request: Request) -> Response:
    """Add a person; the PIN is in this answer and nowhere else."""
    who = _supervisor(request)
    asked = decode(await request.body(), NewPerson)
    pin = await make_pin(request.state.hub)

    async def act(conn: Conn) -> views.PersonView:
        names = (asked.badge, asked.name, Role(asked.role))
        person = await acting.add_person(conn, _by(request), who.store_id, names, pin.hashed)
        return views.person_view(person)

    return await _told_once(request, asked, act, {"pin": pin.digits})


async def change_person(request: Request) -> Response:
    """Change a person: name, role, active; a new PIN is in this answer and nowhere else."""
    _supervisor(request)
    id_ = uuid_of(request, "person_id", Code.PERSON_NOT_FOUND)
    asked = decode(await request.body() or b"{}", ChangePerson)
    pin = await make_pin(request.state.hub) if asked.new_pin else None

    async def act(conn: Conn) -> views.PersonView:
        change = _change(asked, pin)
        return views.person_view(await acting.change_person(conn, _by(request), id_, change))

    return await _told_once(request, asked, act, {"pin": pin.digits} if pin else {})


async def list_devices(request: Request) -> Response:
    """Handhelds of the store, the revoked ones last."""
    who = _supervisor(request)
    async with request.state.hub.pools.picking.acquire() as conn:
        rows = await staff.devices(conn, who.store_id)
    return json_answer(views.Devices([views.device_row(row) for row in rows]))


async def add_device(request: Request) -> Response:
    """Register a handheld; its secret is in this answer and nowhere else."""
    who = _supervisor(request)
    asked = decode(await request.body(), NewDevice)
    secret: dict[str, str] = {}

    async def act(conn: Conn) -> views.NewDeviceView:
        name = asked.name.strip()
        device = await acting.register_device(conn, _by(request), who.store_id, name)
        secret["device_id"] = device.code
        return views.NewDeviceView(device.id, name)

    return await _told_once(request, asked, act, secret)


async def revoke_device(request: Request) -> Response:
    """Send a handheld away; the second time does nothing more."""
    _supervisor(request)
    id_ = uuid_of(request, "device_id", Code.DEVICE_NOT_FOUND)
    async with request.state.hub.pools.picking.acquire() as conn, conn.transaction():
        await acting.revoke_device(conn, _by(request), id_)
    return Response(status_code=204)


async def _told_once(
    request: Request,
    asked: msgspec.Struct,
    act: Callable[[Conn], Awaitable[msgspec.Struct]],
    secret: dict[str, str],
) -> Response:
    """A write whose answer holds a secret: what is stored for a repeat does not."""
    made: list[msgspec.Struct] = []

    async def plain(conn: Conn) -> Answer:
        view = await act(conn)
        made.append(view)
        return Answer(200, msgspec.json.encode(view), None)

    answer = await once(request.state.hub, writing(request, "staff", asked), plain)
    return json_answer(msgspec.structs.replace(made[0], **secret)) if made else given(answer)


def _change(asked: ChangePerson, pin: Pin | None) -> Change:
    return Change(
        asked.name.strip() if asked.name else None,
        Role(asked.role) if asked.role else None,
        asked.active,
        pin.hashed if pin else None,
    )


def _supervisor(request: Request) -> Picker:
    who: Picker = request.state.picker
    must_supervise(who)
    return who


def _by(request: Request) -> By:
    who: Picker = request.state.picker
    return By(who.badge, request.state.trace_id, who.store_id, who.id)


ROWS: Final = (
    Url("GET", "/picker/v1/team", team, Guard.PICKER,
        "Who is at work, with what in hand (supervisors)", answer=views.Team),
    Url("GET", "/picker/v1/people", list_people, Guard.PICKER,
        "Everybody of the store (supervisors)", answer=views.People),
    Url("POST", "/picker/v1/people", add_person, Guard.PICKER,
        "Add a person; the PIN is shown once (supervisors)", body=NewPerson,
        answer=views.PersonView, write=True),
    Url("POST", "/picker/v1/people/{person_id}", change_person, Guard.PICKER,
        "Change a person: name, role, active, a new PIN (supervisors)", body=ChangePerson,
        answer=views.PersonView, write=True),
    Url("GET", "/picker/v1/devices", list_devices, Guard.PICKER,
        "Handhelds of the store (supervisors)", answer=views.Devices),
    Url("POST", "/picker/v1/devices", add_device, Guard.PICKER,
        "Register a handheld; its secret is shown once (supervisors)", body=NewDevice,
        answer=views.NewDeviceView, write=True),
    Url("DELETE", "/picker/v1/devices/{device_id}", revoke_device, Guard.PICKER,
        "Send a handheld away; its sessions end at once (supervisors)", status=204),
)  # fmt: skip
