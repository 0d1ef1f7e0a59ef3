"""Runs of orders over HTTP: open, look, scan, finish."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Final
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import runs as acting
from app.actions.look import order_if_any
from app.actions.verbs.scan import ScanCode
from app.actions.verbs.shape import Nothing
from app.db import runs
from app.db.people import Picker
from app.domain.refusals import Code, Refused
from app.domain.run import LEAST, MOST, Member, Run
from app.http.guards import Guard
from app.http.reading import decode, given, json_answer, uuid_of
from app.http.sessions import writing
from app.http.url import Url
from app.render import runs as views
from app.render.picker import WriteResult


class OpenRun(msgspec.Struct):
    """Two to four orders by id, or so many of the most urgent ones."""

    order_ids: Annotated[tuple[UUID, ...], Meta(max_length=MOST)] = ()
    count: Annotated[int, Meta(ge=LEAST, le=MOST)] | None = None


class RunCode(msgspec.Struct):
    """A code as the scanner read it; `apply` false only asks whose it is."""

    raw: Annotated[str, Meta(min_length=1, max_length=300, pattern=r"^[^\u0000]*$")]
    apply: bool = True


async def open_run(request: Request) -> Response:
    """Claim several orders to pick them together: all of them or none."""
    asked = decode(await request.body() or b"{}", OpenRun)
    if bool(asked.order_ids) == (asked.count is not None):
        raise Refused(Code.INVALID_BODY, field="order_ids", expected="order_ids or count")
    wanted = acting.Wanted(asked.order_ids, asked.count)
    hub = request.state.hub
    try:
        write = writing(request, "claim", asked)
        return given(await acting.open_run(hub, write, wanted, partial(_view, request)))
    except Refused as refusal:
        _show(request, refusal.details.get("order"))
        raise


async def list_runs(request: Request) -> Response:
    """The run the caller is on: where to go on after a pause or a dead battery."""
    who: Picker = request.state.picker
    async with request.state.hub.pools.picking.acquire() as conn:
        run_id = await runs.of_picker(conn, who)
        found = [await acting.read_run(conn, who, run_id)] if run_id else []
    return json_answer(views.RunList([_view(request, *each) for each in found]))


async def read_run(request: Request) -> Response:
    """One run, with its path as it is now."""
    run_id = uuid_of(request, "run_id", Code.RUN_NOT_FOUND)
    async with request.state.hub.pools.picking.acquire() as conn:
        run = await acting.read_run(conn, request.state.picker, run_id)
    return json_answer(_view(request, *run))


async def scan_run(request: Request) -> Response:
    """A scan that names no order: the one that needs it most gets it."""
    run_id = uuid_of(request, "run_id", Code.RUN_NOT_FOUND)
    code = decode(await request.body(), RunCode)
    asked = writing(request, "scan", ScanCode(code.raw, apply=code.apply))
    return given(await acting.scan_in_run(request.state.hub, asked, run_id, _scanned))


async def finish_run(request: Request) -> Response:
    """End a run of which nothing is left to pick."""
    run_id = uuid_of(request, "run_id", Code.RUN_NOT_FOUND)
    decode(await request.body() or b"{}", Nothing)
    asked = writing(request, "finish", Nothing())
    show = partial(_view, request)
    return given(await acting.finish_run(request.state.hub, asked, run_id, show))


def _view(request: Request, run: Run, members: Sequence[Member]) -> views.RunView:
    return views.run_view(run, members, request.state.hub.clock())


def _scanned(body: bytes, member: Member) -> views.RunScan:
    result = msgspec.json.decode(body, type=WriteResult)
    return views.RunScan(member.tote, member.order.id, result)


def _show(request: Request, order_id: object) -> None:
    """Have a conflict show the order it was about."""
    if isinstance(order_id, str):
        state = request.state
        state.see = partial(order_if_any, state.hub, UUID(order_id), state.picker)


_RUN: Final = "/picker/v1/runs/{run_id}"
ROWS: Final = (
    Url("POST", "/picker/v1/runs", open_run, Guard.PICKER,
        "Claim two to four orders to pick together; 204 when fewer than two are to be had",
        body=OpenRun, answer=views.RunView, write=True, empty="Fewer than two orders are free"),
    Url("GET", "/picker/v1/runs", list_runs, Guard.PICKER,
        "The run the caller is on", answer=views.RunList),
    Url("GET", _RUN, read_run, Guard.PICKER,
        "A run: its orders, and all their open lines as one path", answer=views.RunView),
    Url("POST", f"{_RUN}/scan", scan_run, Guard.PICKER,
        "Scan a code; the order that needs it most gets it", body=RunCode,
        answer=views.RunScan, write=True),
    Url("POST", f"{_RUN}/finish", finish_run, Guard.PICKER,
        "End a run of which nothing is left to pick", body=Nothing,
        answer=views.RunView, write=True),
)  # fmt: skip
