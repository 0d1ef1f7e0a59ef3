"""For operators: a retailer's own systems that are told of orders, and how that goes."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.actions import integrators as acting
from app.actions.integrators import Subscription
from app.db import events, integrators, orders
from app.db.events import Sought
from app.db.queue import Queue
from app.domain.integrator import CHOSEN, EventType
from app.domain.refusals import Code, Refused
from app.http.accounts import refusing
from app.http.guards import Guard
from app.http.integrator_shapes import (
    EventAttempt,
    EventDelivery,
    EventKnown,
    EventLog,
    EventResent,
    EventTypes,
    IntegratorPut,
    IntegratorRotate,
    IntegratorRow,
    IntegratorRows,
    IntegratorTrial,
)
from app.http.reading import clean, decode, json_answer, uuid_of
from app.http.url import Url
from app.integrators.post import poster
from app.render.order_event import Names, OrderData, order_facts, schema

_HERE: Final = "/integrators/v1/subscriptions"
_ONE: Final = f"{_HERE}/{{code}}"
_CODE: Final = {"code": {"type": "string", "pattern": acting.CODE}}
_STATES: Final = ("waiting", "leased", "parked", "done", "dead", "superseded")
#: Deliveries that one look shows.
_MOST: Final = 500


async def overview(request: Request) -> Response:
    """All subscriptions."""
    async with request.state.hub.pools.drains.acquire() as conn:
        found = await integrators.overview(conn)
    return json_answer(IntegratorRows([msgspec.convert(dict(row), IntegratorRow) for row in found]))


async def put(request: Request) -> Response:
    """Put a subscription in place, or change one."""
    hub, what = request.state.hub, decode(await request.body(), Subscription)
    with refusing():
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            made = await acting.put(conn, hub.accounts.seal, what, request.state.operator)
    return json_answer(IntegratorPut(what.code, made))


async def _changed(request: Request, done: Any) -> Response:
    """The subscription after a deed; Refused when there was none."""
    code = clean(request.path_params["code"])
    async with request.state.hub.pools.drains.acquire() as conn:
        await done(conn, code, request.state.operator)
        rows = await integrators.overview(conn, code)
    request.state.hub.wakes[Queue.EVENTS].set()
    return json_answer(IntegratorRows([msgspec.convert(dict(row), IntegratorRow) for row in rows]))


async def pause(request: Request) -> Response:
    """Tell it nothing for the time being."""
    return await _changed(request, acting.pause)


async def resume(request: Request) -> Response:
    """Tell it what has gathered."""
    return await _changed(request, acting.resume)


async def remove(request: Request) -> Response:
    """Tell it nothing more."""
    return await _changed(request, acting.remove)


async def rotate(request: Request) -> Response:
    """Another secret."""
    hub, asked = request.state.hub, decode(await request.body(), IntegratorRotate)
    code = clean(request.path_params["code"])
    with refusing():
        async with hub.pools.drains.acquire() as conn:
            made = await acting.rotate(
                conn, hub.accounts.seal, code, request.state.operator, finish=asked.finish
            )
    return json_answer(IntegratorPut(code, made))


async def rehearse(request: Request) -> Response:
    """A trial, now. No connection is held while the other side thinks."""
    hub, code = request.state.hub, clean(request.path_params["code"])
    with refusing():
        async with hub.pools.drains.acquire() as conn:
            found = await acting.opened(conn, hub.accounts.seal, code)
    async with poster() as posting:
        trial = await acting.rehearse(posting, found, hub.clock())
    return json_answer(IntegratorTrial(trial.taken, trial.status, trial.said))


async def deliveries(request: Request) -> Response:
    """What was told, and how it went."""
    code = clean(request.path_params["code"])
    async with request.state.hub.pools.drains.acquire() as conn:
        if await integrators.by_code(conn, code) is None:
            raise Refused(Code.INTEGRATOR_NOT_FOUND)
        found, tries = await events.log(conn, code, _sought(request))
    said: dict[UUID, list[EventAttempt]] = {row["id"]: [] for row in found}
    for row in tries:
        said[row["delivery_id"]].append(msgspec.convert(dict(row), EventAttempt))
    shown = [msgspec.convert({**row, "tries": said[row["id"]]}, EventDelivery) for row in found]
    return json_answer(EventLog(shown))


async def resend(request: Request) -> Response:
    """Bring one event once more."""
    hub, id_ = request.state.hub, uuid_of(request, "delivery_id", Code.EVENT_NOT_FOUND)
    async with hub.pools.drains.acquire() as conn:
        new = await acting.resend(conn, id_, request.state.operator)
    hub.wakes[Queue.EVENTS].set()
    return json_answer(EventResent(new))


async def types(_request: Request) -> Response:
    """Every event with its JSON Schema."""
    return json_answer(EventTypes([EventKnown(type_.value, schema(type_)) for type_ in EventType]))


async def order(request: Request) -> Response:
    """An order as its events tell it, whole and as it is now."""
    id_ = uuid_of(request, "order_id", Code.ORDER_NOT_FOUND)
    async with request.state.hub.pools.drains.acquire() as conn:
        found = await orders.read(conn, id_)
        if found is None:
            raise Refused(Code.ORDER_NOT_FOUND)
        row = await orders.names(conn, id_)
    names = Names(row["marketplace"], row["account"], row["store"])
    return json_answer(OrderData(order_facts(found, names)))


def _sought(request: Request) -> Sought:
    asked = {name: clean(value) for name, value in request.query_params.items() if value}
    limit = asked.get("limit", "50")
    digits = limit.isascii() and limit.isdecimal() and len(limit) <= len(str(_MOST))
    if not digits or not 1 <= int(limit) <= _MOST:
        raise Refused(Code.INVALID_BODY, error=f"limit: 1 to {_MOST}")
    return Sought(asked.get("state"), asked.get("type"), asked.get("order"), int(limit))


_QUERY: Final = {
    "state": {"type": "string", "enum": list(_STATES)},
    "type": {"type": "string", "enum": list(map(str, CHOSEN))},
    "order": {"type": "string", "maxLength": 100},
    "limit": {"type": "integer", "minimum": 1, "maximum": _MOST, "default": 50},
}
ROWS: Final = (
    Url("GET", _HERE, overview, Guard.OPERATOR,
        "Own systems that are told of orders", answer=IntegratorRows),
    Url("POST", _HERE, put, Guard.OPERATOR,
        "Tell a system of orders, or change how", body=Subscription, answer=IntegratorPut),
    Url("POST", f"{_ONE}/pause", pause, Guard.OPERATOR,
        "Tell a system nothing for the time being: events gather", answer=IntegratorRows,
        places=_CODE),
    Url("POST", f"{_ONE}/resume", resume, Guard.OPERATOR,
        "Tell a system what has gathered, and what will come", answer=IntegratorRows, places=_CODE),
    Url("POST", f"{_ONE}/remove", remove, Guard.OPERATOR,
        "Tell a system nothing more", answer=IntegratorRows, places=_CODE),
    Url("POST", f"{_ONE}/rotate", rotate, Guard.OPERATOR,
        "Another secret, valid beside the former ones until it is finished", body=IntegratorRotate,
        answer=IntegratorPut, places=_CODE),
    Url("POST", f"{_ONE}/test", rehearse, Guard.OPERATOR,
        "Post an event that says nothing, now", answer=IntegratorTrial, places=_CODE, lasting=True),
    Url("GET", f"{_ONE}/deliveries", deliveries, Guard.OPERATOR,
        "What a system was told, and how it went", answer=EventLog, places=_CODE, query=_QUERY),
    Url("POST", "/integrators/v1/deliveries/{delivery_id}/resend", resend, Guard.OPERATOR,
        "Bring one event once more", answer=EventResent),
    Url("GET", "/integrators/v1/event-types", types, Guard.OPERATOR,
        "Every event that is told, with its JSON Schema", answer=EventTypes),
    Url("GET", "/integrators/v1/orders/{order_id}", order, Guard.OPERATOR,
        "An order as its events tell it, whole and as it is now", answer=OrderData),
)  # fmt: skip
