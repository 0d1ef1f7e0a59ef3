"""A picker asks for help, and a supervisor comes: kept, told, closed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec
from asyncpg import Record

from app.actions.pick import once
from app.actions.write import Answer, Request, in_store
from app.db import help_requests, timeline
from app.db.conn import Conn
from app.db.help_requests import Call
from app.db.timeline import Entry
from app.domain.order import Order
from app.domain.refusals import Code, Refused
from app.hub import Hub
from app.identifiers import new_id
from app.render.problems import help_view


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, and with which order or line."""

    text: str
    order_id: UUID | None = None
    line_id: UUID | None = None


async def ask_for_help(hub: Hub, request: Request, trouble: Trouble) -> Answer:
    """Keep a call for help; the order's timeline has it too. No write on the order: anybody in the
    store may ask, and the version stays."""

    async def act(conn: Conn) -> Answer:
        picker = request.picker
        order = await _order(conn, request, trouble)
        call = Call(new_id(), trouble.text, trouble.order_id, trouble.line_id)
        await help_requests.add(conn, picker, call)
        if order is not None:
            detail = {"verb": request.verb, "operation": request.key, "text": trouble.text,
                      "version": order.version}  # fmt: skip
            line = {"line_id": str(trouble.line_id)} if trouble.line_id else {}
            entry = Entry("picker", picker.badge, request.trace_id, detail | line)
            await timeline.add(conn, order.id, order.store_id, entry)
        return _answer(await help_requests.one(conn, call.id, picker.store_id))

    return await once(hub, request, act)


async def close(hub: Hub, request: Request, id_: UUID) -> Answer:
    """A supervisor has seen to it; the second time does nothing more."""

    async def act(conn: Conn) -> Answer:
        picker = request.picker
        found = await help_requests.one(conn, id_, picker.store_id)
        if found is None:
            raise Refused(Code.PROBLEM_NOT_FOUND)
        if await help_requests.close(conn, id_, picker) and found["order_id"]:
            detail = {"verb": request.verb, "operation": request.key}
            entry = Entry("picker", picker.badge, request.trace_id, detail)
            await timeline.add(conn, found["order_id"], picker.store_id, entry)
        return _answer(await help_requests.one(conn, id_, picker.store_id))

    return await once(hub, request, act)


async def _order(conn: Conn, request: Request, trouble: Trouble) -> Order | None:
    if trouble.order_id is None:
        if trouble.line_id is not None:
            raise Refused(Code.INVALID_BODY, field="order_id", expected="the line's order")
        return None
    order = await in_store(conn, trouble.order_id, request.picker)
    if trouble.line_id is not None and order.line(trouble.line_id) is None:
        raise Refused(Code.LINE_NOT_FOUND, line_id=str(trouble.line_id))
    return order


def _answer(row: Record | None) -> Answer:
    assert row is not None  # it was written a moment ago
    return Answer(200, msgspec.json.encode(help_view(dict(row))), None)
