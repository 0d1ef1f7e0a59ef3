"""The picker's verbs, carried out: one transaction, one effect per operation id, and an answer that
never waits for a marketplace."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Final
from uuid import UUID

import msgspec

from app.actions.carry_out import carry_out
from app.actions.verbs import VERBS, Plan, Verb
from app.db import orders, picks
from app.db.conn import Conn
from app.db.people import Picker
from app.db.queue import Queue
from app.db.timeline import Entry
from app.domain.decide import Decision, decide
from app.domain.drafts import Catalogue
from app.domain.order import Order
from app.domain.pick_job import JobState, may_claim, must_hold
from app.domain.refusals import Code, Notice, Refused
from app.domain.transitions import ENDED, PICKER_STATES
from app.hub import Hub
from app.identifiers import new_id
from app.render import picker as views

#: A write of the same order or key that is under way elsewhere is waited for this long.
_WAIT: Final = "SET LOCAL lock_timeout = '1s'"
#: What the chosen order may have become before it was locked; the next look sees it.
_TOO_LATE: Final = (Code.ALREADY_CLAIMED, Code.ORDER_CANCELLED, Code.ILLEGAL_TRANSITION)
_LOOKS: Final = 5
_NO_CATALOGUE: Final = Catalogue({}, new_id)

#: Sentence for a code, in the language the handheld asked for.
Say = Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Request:
    """One write: what is asked, by whom, under which operation id and on which version."""

    picker: Picker
    verb: str
    body: Any
    key: str
    request_hash: bytes
    version: int | None
    trace_id: str
    say: Say
    line_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What the handheld gets, now and whenever it asks again with the same key."""

    status: int
    body: bytes
    etag: str | None


async def perform(hub: Hub, order_id: UUID, request: Request) -> Answer:
    """Do one verb on one order; raises Refused with nothing changed."""
    return await _once(hub, request, lambda conn: _write(conn, hub, order_id, request))


async def take_next(hub: Hub, request: Request) -> Answer:
    """Claim the most urgent order; 204 when there is none to pick."""

    async def act(conn: Conn) -> Answer:
        for _ in range(_LOOKS):
            order_id = await picks.next_order(conn, request.picker)
            if order_id is None:
                break
            try:
                return await _write(conn, hub, order_id, request)
            except Refused as refusal:
                if refusal.code not in _TOO_LATE:
                    raise
        return Answer(204, b"", None)

    return await _once(hub, request, act)


async def see(conn: Conn, picker: Picker, order_id: UUID) -> views.OrderView:
    """One order of the picker's store, as it stands."""
    order = await orders.read(conn, order_id)
    if order is None or order.store_id != picker.store_id:
        raise Refused(Code.ORDER_NOT_FOUND)
    return await _view(conn, order, picker)


async def _once(hub: Hub, request: Request, act: Callable[[Conn], Any]) -> Answer:
    """The key is checked before anything else, so that a repeat of a success stays a success."""
    async with hub.pools.picking.acquire() as conn, conn.transaction():
        await conn.execute(_WAIT)
        if not await picks.begin_operation(conn, request.picker, request.key, request.request_hash):
            return await _repeat(conn, request)
        answer: Answer = await act(conn)
        await picks.finish_operation(
            conn, request.picker, request.key, answer.etag, (answer.status, answer.body)
        )
    hub.wakes[Queue.OUTBOX].set()
    return answer


async def _repeat(conn: Conn, request: Request) -> Answer:
    stored = await picks.operation(conn, request.picker, request.key)
    assert stored is not None  # the key was there a moment ago, and keys are never deleted in use
    if stored.request_hash != request.request_hash:
        raise Refused(Code.IDEMPOTENCY_KEY_REUSED)
    return Answer(stored.status, stored.body, stored.etag)


async def _write(conn: Conn, hub: Hub, order_id: UUID, request: Request) -> Answer:
    verb = VERBS[request.verb]
    order = await orders.lock(conn, order_id)
    if order is None or order.store_id != request.picker.store_id:
        raise Refused(Code.ORDER_NOT_FOUND)
    await _check(conn, order, verb, request)
    plan = verb.plan(order, request.body, request.line_id)
    await _move_job(conn, order, plan, request)
    decision = _decide(order, plan)
    await _keep(conn, hub, order, decision, (plan, request))
    return await _result(conn, order, decision, plan, request)


async def _check(conn: Conn, order: Order, verb: Verb, request: Request) -> None:
    """Cancelled and taken are told before "stale": they say what really happened."""
    job = await picks.job(conn, order.id)
    if order.state in ENDED:
        raise Refused(Code.ORDER_CANCELLED, state=str(order.state), by=order.cancelled_by)
    if order.state not in PICKER_STATES:
        raise Refused(Code.ILLEGAL_TRANSITION, state=str(order.state), event=request.verb)
    if verb.holds:
        must_hold(job, request.picker.id)
    else:
        may_claim(job, request.picker.id, order.state)
    if request.version is not None and request.version != order.version:
        raise Refused(Code.VERSION_CONFLICT, version=order.version)


async def _move_job(conn: Conn, order: Order, plan: Plan, request: Request) -> None:
    if plan.job is None:
        return
    if plan.job is JobState.OPEN:
        await picks.release(conn, order.id, request.picker)
        return
    if plan.job is JobState.CLAIMED:
        if not await picks.claim(conn, order, request.picker):
            raise Refused(Code.ALREADY_CLAIMED)
        return
    await picks.extend(conn, order.id, request.picker, plan.job)


def _decide(order: Order, plan: Plan) -> Decision:
    if plan.event is not None:
        return decide(order, plan.event, _NO_CATALOGUE)
    if plan.scan is not None:
        return Decision(order, applied=False)
    return Decision(replace(order, version=order.version + 1))


async def _keep(
    conn: Conn, hub: Hub, order: Order, decision: Decision, asked: tuple[Plan, Request]
) -> None:
    plan, request = asked
    if plan.scan is not None:
        if not request.body.apply:
            return
        scan = plan.scan
        kept = picks.Scan(scan.line_id, scan.raw, scan.outcome, scan.pieces, scan.grams)
        await picks.keep_scan(conn, order.id, request.picker, kept)
    account = await hub.accounts.by_id(order.account_id, conn)
    tells = hub.marketplaces[account.adapter].tells(account) if account else frozenset[str]()
    detail = {"verb": request.verb, "operation": request.key, **plan.detail}
    cause = Entry("picker", request.picker.badge, request.trace_id, detail)
    await carry_out(conn, order, decision, cause, tells)


async def _result(
    conn: Conn, before: Order, decision: Decision, plan: Plan, request: Request
) -> Answer:
    after = decision.order
    old = {line.id: line for line in before.lines}
    view = await _view(conn, after, request.picker)
    result = views.WriteResult(
        order=view,
        changed=views.Changed([x.id for x in after.lines if old.get(x.id) != x]),
        allowed_actions=view.allowed_actions,
        message=_notice(decision.warning, request.say),
        scan=_scan_view(plan),
    )
    return Answer(200, msgspec.json.encode(result), f'"{after.version}"')


def _notice(warning: Notice | None, say: Say) -> views.Notice | None:
    return views.Notice(warning, "warning", say(warning)) if warning else None


def _scan_view(plan: Plan) -> views.ScanView | None:
    scan = plan.scan
    if scan is None:
        return None
    return views.ScanView(scan.outcome, scan.line_id, scan.pieces, scan.grams)


async def _view(conn: Conn, order: Order, picker: Picker) -> views.OrderView:
    names = await orders.names(conn, order.id)
    job = await picks.job(conn, order.id)
    return views.order_view(order, job, picker.id, (names["marketplace"], names["account"]))
