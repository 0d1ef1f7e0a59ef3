"""Runs: claim several orders at once, scan without naming one, finish when all are picked."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import msgspec

from app.actions.admission import must_be_on_shift
from app.actions.claiming import must_be_free
from app.actions.pick import once, prove
from app.actions.refused_scan import keeping
from app.actions.verbs.order import Claim
from app.actions.write import Answer, Request, foresee, in_store, write
from app.db import picks, runs
from app.db.conn import Conn
from app.db.people import Picker, Role
from app.domain.barcode import Outcome
from app.domain.order import OrderState
from app.domain.refusals import Code, Refused
from app.domain.run import LEAST, MOST, TOTES, Member, Run, must_be_few, must_be_over, urgent
from app.hub import Hub
from app.identifiers import new_id

#: What a scan may mean to an order, the most wanted first; whatever else comes after.
_WANTED: Final = (
    Outcome.MATCHED,
    Outcome.SUBSTITUTE_OF,
    Outcome.BAG,
    Outcome.LOCATION,
    Outcome.ALREADY_DONE,
)
#: Makes the answer from a run and its orders.
Show = Callable[[Run, Sequence[Member]], msgspec.Struct]
#: Makes the answer from what an ordinary scan answered, and whose it was.
Sorted = Callable[[bytes, Member], msgspec.Struct]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which orders: these, or so many of the most urgent ones."""

    order_ids: tuple[UUID, ...] = ()
    count: int | None = None


async def open_run(hub: Hub, request: Request, wanted: Wanted, show: Show) -> Answer:
    """Claim all of these orders or none of them; 204 when there are not two to be had."""

    async def act(conn: Conn) -> Answer:
        await must_be_on_shift(conn, request.picker)
        await picks.lock_picker(conn, request.picker)
        order_ids = await _chosen(conn, request.picker, wanted)
        if len(order_ids) < LEAST:
            return Answer(204, b"", None)
        orders = [await in_store(conn, id_, request.picker) for id_ in order_ids]
        await must_be_free(conn, request.picker, *orders)
        run_id = new_id()
        await runs.open_run(conn, run_id, request.picker)
        for id_ in sorted(order_ids):  # whoever locks several does so in one order
            await _claim(conn, hub, id_, replace(request, run_id=run_id))
        orders.sort(key=lambda order: (order.due_at, order.number))
        for tote, order in zip(TOTES, orders, strict=False):
            await runs.add(conn, run_id, order.id, tote)
        return await _answer(conn, request.picker, run_id, show)

    return await once(hub, request, act)


async def read_run(conn: Conn, picker: Picker, run_id: UUID) -> tuple[Run, list[Member]]:
    """A run of one's own, or of anybody in the store for a supervisor."""
    run = await runs.read(conn, run_id, picker.store_id)
    if run is None or (run.picker_id != picker.id and picker.role is not Role.SUPERVISOR):
        raise Refused(Code.RUN_NOT_FOUND)
    return run, await runs.members(conn, run_id)


async def finish_run(hub: Hub, request: Request, run_id: UUID, show: Show) -> Answer:
    """End a run of which nothing is left to pick; ending it twice is ending it once."""

    async def act(conn: Conn) -> Answer:
        run, members = await _own(conn, request.picker, run_id)
        if run.finished_at is None:
            must_be_over(members)
            await runs.finish(conn, run_id)
        return await _answer(conn, request.picker, run_id, show)

    return await once(hub, request, act)


async def scan_in_run(hub: Hub, request: Request, run_id: UUID, show: Sorted) -> Answer:
    """An ordinary scan, in the order that needs it most."""
    async with keeping(hub, request) as target:
        proved = await prove(hub, request)

        async def act(conn: Conn) -> Answer:
            _, members = await _own(conn, request.picker, run_id)
            still = urgent(members)
            target.order_id = (still or members)[0].order.id
            if not still:
                raise Refused(Code.NOT_ASSIGNED)
            member = await _meant(conn, hub, (request, proved), still)
            target.order_id = member.order.id
            answer = await write(conn, hub, member.order.id, request, proved=proved)
            return replace(answer, body=msgspec.json.encode(show(answer.body, member)))

        return await once(hub, request, act)


async def _own(conn: Conn, picker: Picker, run_id: UUID) -> tuple[Run, list[Member]]:
    """One's own run: a supervisor looks at others', and picks in none of them."""
    run, members = await read_run(conn, picker, run_id)
    if run.picker_id != picker.id:
        raise Refused(Code.RUN_NOT_FOUND)
    return run, members


async def _chosen(conn: Conn, picker: Picker, wanted: Wanted) -> list[UUID]:
    """What is in hand already comes first."""
    if wanted.count is None:
        must_be_few(wanted.order_ids)
        return list(wanted.order_ids)
    own = await picks.own(conn, picker)
    found = [own[0]] if own and not own[1] else []
    free = await picks.next_orders(conn, picker, "", MOST)
    return [*found, *(id_ for id_ in free if id_ not in found)][: wanted.count]


async def _claim(conn: Conn, hub: Hub, order_id: UUID, request: Request) -> None:
    """Claim one order of a run; a refusal says which one it was."""
    try:
        await write(conn, hub, order_id, replace(request, verb="claim", body=Claim()))
    except Refused as refusal:
        raise Refused(refusal.code, **{**refusal.details, "order": str(order_id)}) from None


async def _answer(conn: Conn, picker: Picker, run_id: UUID, show: Show) -> Answer:
    run, members = await read_run(conn, picker, run_id)
    return Answer(200, msgspec.json.encode(show(run, members)), None)


async def _meant(
    conn: Conn, hub: Hub, asked: tuple[Request, Any], members: Sequence[Member]
) -> Member:
    """The order a code is for; the most urgent one when it is nobody's, so that the scan is kept
    and answered there."""
    best: tuple[int, Member] | None = None
    for member in members:
        if member.order.state is not OrderState.PICKING:
            continue
        rank = await _rank(conn, hub, asked, member)
        if best is None or rank < best[0]:
            best = rank, member
    return best[1] if best else members[0]


async def _rank(conn: Conn, hub: Hub, asked: tuple[Request, Any], member: Member) -> int:
    request, proved = asked
    try:
        plan = await foresee(conn, hub, member.order, request, proved=proved)
    except Refused:
        return len(_WANTED)  # said when it is the only one
    outcome = plan.scan.outcome if plan.scan else None
    return _WANTED.index(outcome) if outcome in _WANTED else len(_WANTED) + 1
