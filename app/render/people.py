"""What the picker API says of people, shifts and handhelds."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

import msgspec

from app.render.picker import OrderSummary, PickerView, StoreView

RoleName = Literal["picker", "supervisor"]


class SessionView(msgspec.Struct):
    """A new session; the token is shown this once."""

    token: str
    expires_at: datetime
    picker: PickerView
    role: RoleName
    store: StoreView


class ShiftView(msgspec.Struct):
    """The caller's own shift. `released`: orders that were given back when it ended."""

    state: Literal["off", "running", "paused", "ended"]
    since: datetime | None = None
    paused_since: datetime | None = None
    paused_minutes: int = 0
    required: bool = False
    released: list[UUID] = []


class WorkloadView(msgspec.Struct):
    """One person's work since the shift began (without one: today): for that person and the
    supervisor only. The pace is the median of seconds between two lines."""

    since: datetime
    orders_done: int
    lines_done: int
    orders_in_hand: int
    lines_left: int
    seconds_per_line: float | None = None


class Me(msgspec.Struct):
    """Who is signed in, what is in hand, and how the shift goes."""

    picker: PickerView
    role: RoleName
    store: StoreView
    orders: list[OrderSummary]
    shift: ShiftView
    workload: WorkloadView


class TeamMember(msgspec.Struct):
    """One person at work."""

    id: UUID
    badge: str
    name: str
    role: RoleName
    shift: ShiftView
    workload: WorkloadView


class Team(msgspec.Struct):
    """Everybody of the store who is on shift, or holds an order without one."""

    people: list[TeamMember]


class PersonView(msgspec.Struct):
    """One person of the store. `pin`: the one the hub just made, shown this once."""

    id: UUID
    badge: str
    name: str
    role: RoleName
    active: bool
    locked: bool = False
    on_shift_since: datetime | None = None
    pin: str | None = None


class People(msgspec.Struct):
    """Everybody of the store, those who left last."""

    people: list[PersonView]


class NewDeviceView(msgspec.Struct):
    """A registered handheld. `device_id` is what it signs in with, shown this once; a repeat of
    the request is answered without it."""

    id: UUID
    name: str
    device_id: str | None = None


class DeviceView(msgspec.Struct):
    """A handheld of the store; `sessions`: people signed in on it now."""

    id: UUID
    name: str
    registered_at: datetime
    registered_by: str
    sessions: int
    client_version: str = ""
    seen_at: datetime | None = None
    revoked_at: datetime | None = None


class Devices(msgspec.Struct):
    """Handhelds of the store, the revoked ones last."""

    devices: list[DeviceView]


def shift_view(
    shift: Any | None, released: Iterable[UUID] = (), *, ended: bool = False, required: bool = False
) -> ShiftView:
    """A shift with started_at, paused_at and paused_seconds, or none."""
    if shift is None:
        state: Literal["off", "ended"] = "ended" if ended else "off"
        return ShiftView(state, required=required, released=list(released))
    return ShiftView(
        "paused" if shift.paused_at else "running",
        shift.started_at,
        shift.paused_at,
        int(shift.paused_seconds // 60),
        required,
    )


def workload_view(work: Any) -> WorkloadView:
    """A db.shifts.Workload; the pace to a tenth of a second."""
    pace = work.seconds_per_line
    return WorkloadView(
        work.since,
        work.orders_done,
        work.lines_done,
        work.orders_in_hand,
        work.lines_left,
        None if pace is None else round(pace, 1),
    )


def member_view(row: Any, shift: ShiftView, work: WorkloadView) -> TeamMember:
    """A row of db.shifts.team with its numbers."""
    return TeamMember(row["id"], row["badge"], row["name"], row["role"], shift, work)


def person_view(person: Any) -> PersonView:
    """A db.staff.Person."""
    return PersonView(person.id, person.badge, person.name, person.role.value, person.active)


def person_row(row: Any) -> PersonView:
    """A row of db.staff.people."""
    return PersonView(**{name: value for name, value in row.items() if name != "store"})


def device_row(row: Any) -> DeviceView:
    """A row of db.staff.devices."""
    return DeviceView(**{name: value for name, value in row.items() if name != "store"})
