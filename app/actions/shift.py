"""Shifts: start, pause, resume, end; and giving back what a person holds who goes home."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

import msgspec

from app.actions.carry_out import carry_out
from app.actions.pick import once
from app.actions.write import Answer, Request
from app.db import orders, shifts
from app.db.conn import Conn
from app.db.timeline import Entry
from app.domain.decide import Decision
from app.domain.refusals import Code, Refused
from app.hub import Hub
from app.render import people as views


class EndShift(msgspec.Struct):
    """`release`: give back the orders in hand; without it they keep a shift from ending."""

    release: bool = False


async def change_shift(hub: Hub, request: Request) -> Answer:
    """Start, pause, resume or end the caller's own shift; doing it twice is doing it once."""

    async def act(conn: Conn) -> Answer:
        released = await _CHANGES[request.verb](conn, request)
        shift = await shifts.of_picker(conn, request.picker.id)
        view = views.shift_view(shift, released, ended=request.verb == "end")
        return Answer(200, msgspec.json.encode(view), None)

    return await once(hub, request, act)


@dataclass(frozen=True, slots=True)
class Leaver:
    """Whose orders are given back, why, and who did it under which trace id."""

    id: UUID
    badge: str
    actor: str
    reason: str
    trace_id: str


async def give_back(conn: Conn, leaver: Leaver) -> list[UUID]:
    """Free every order this person holds; lines keep their outcomes, each order gets its line in
    the timeline. The ids of the freed orders."""
    freed = []
    for order_id in await shifts.held_orders(conn, leaver.id):
        order = await orders.lock(conn, order_id)
        if order is None or not await shifts.give_back(conn, order_id, leaver.id):
            continue  # somebody took it over a moment ago
        detail = {"verb": "release", "reason": leaver.reason, "badge": leaver.badge}
        cause = Entry("picker", leaver.actor, leaver.trace_id, detail)
        decision = Decision(replace(order, version=order.version + 1))
        await carry_out(conn, order, decision, cause, frozenset())
        freed.append(order_id)
    return freed


async def _start(conn: Conn, request: Request) -> list[UUID]:
    await shifts.start(conn, request.picker)
    return []


async def _pause(conn: Conn, request: Request) -> list[UUID]:
    await shifts.pause(conn, await _open(conn, request))
    return []


async def _resume(conn: Conn, request: Request) -> list[UUID]:
    await shifts.resume(conn, await _open(conn, request))
    return []


async def _end(conn: Conn, request: Request) -> list[UUID]:
    """The shift is locked first: a claim that is under way is seen, one that comes later is not
    admitted where shifts are required."""
    picker = request.picker
    shift_id = await shifts.lock_open(conn, picker.id)
    if shift_id is None:
        return []  # the second click
    held = await shifts.held_orders(conn, picker.id)
    if held and not request.body.release:
        raise Refused(Code.CLAIMS_OPEN, orders=[str(id_) for id_ in held])
    leaver = Leaver(picker.id, picker.badge, picker.badge, "shift_ended", request.trace_id)
    released = await give_back(conn, leaver)
    await shifts.end(conn, shift_id)
    return released


async def _open(conn: Conn, request: Request) -> UUID:
    shift_id = await shifts.lock_open(conn, request.picker.id)
    if shift_id is None:
        raise Refused(Code.SHIFT_CLOSED)
    return shift_id


_CHANGES: Final[Mapping[str, Callable[[Conn, Request], Awaitable[list[UUID]]]]] = {
    "start": _start,
    "pause": _pause,
    "resume": _resume,
    "end": _end,
}
