"""One write of a handheld on one order, in the caller's transaction: check, plan, decide, keep."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

import msgspec

from app.actions import claiming
from app.actions.admission import must_be_on_shift
from app.actions.carry_out import carry_out
from app.actions.held_up import mind_marketplace
from app.actions.verbs import VERBS
from app.actions.verbs.shape import Access, Asked, Plan, Verb
from app.contract import Account
from app.db import goods, operations, orders, picks
from app.db.conn import Conn
from app.db.people import Picker
from app.db.timeline import Entry
from app.domain.decide import Decision, decide
from app.domain.events import Event
from app.domain.order import Order
from app.domain.refusals import Code, Refused
from app.domain.shop import Shop
from app.domain.signals import signal_of
from app.domain.terms import Terms
from app.domain.transitions import ENDED
from app.hub import Hub
from app.identifiers import new_id
from app.render import picker as views

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
    noted: Mapping[str, Any] = field(default_factory=dict)  #: more for the timeline
    run_id: UUID | None = None  #: the run an order is claimed into


@dataclass(frozen=True, slots=True)
class Answer:
    """What the handheld gets, now and whenever it asks again with the same key; not `kept`: it only
    asked, and a repeat is told how things stand then."""

    status: int
    body: bytes
    etag: str | None
    kept: bool = True


@dataclass(frozen=True, slots=True)
class _Home:
    """Where an order belongs: its account's rules and its shop's settings."""

    account: Account
    shop: Shop
    tells: frozenset[str]


async def write(
    conn: Conn, hub: Hub, order_id: UUID, request: Request, *, proved: Any = None
) -> Answer:
    """Do one verb on one order; raises Refused with nothing changed."""
    verb = VERBS[request.verb]
    await must_be_on_shift(conn, request.picker)
    if verb.access is Access.CLAIMANT:
        await picks.lock_picker(conn, request.picker)
    order = await in_store(conn, order_id, request.picker, lock=True)
    home, asked = await _ask(conn, hub, order, request)
    asked = replace(asked, proved=proved)
    _check(asked, verb, request)
    if verb.look is not None:
        asked = replace(asked, found=await verb.look(conn, hub, asked))
    plan = verb.plan(asked)
    claiming.mind_zones(verb, asked, plan)
    claims = await claiming.move(conn, asked, plan)
    decision = await _decide(conn, hub, order, plan, home)
    decision = await mind_marketplace(conn, decision, home.tells)
    claims = await claiming.end_walked(conn, claims, order, decision.order)
    if plan.writes:
        await _keep(conn, order, decision, plan, (request, home))
    names = home.account.adapter, home.account.code
    view = views.order_view(decision.order, claims, request.picker.id, names)
    return _result(order, decision, plan, view, request.say)


async def foresee(
    conn: Conn, hub: Hub, order: Order, request: Request, *, proved: Any = None
) -> Plan:
    """What a verb would do with an order as it stands; nothing is checked and nothing is done."""
    verb = VERBS[request.verb]
    _, asked = await _ask(conn, hub, order, request)
    asked = replace(asked, proved=proved)
    if verb.look is not None:
        asked = replace(asked, found=await verb.look(conn, hub, asked))
    return verb.plan(asked)


async def in_store(conn: Conn, order_id: UUID, picker: Picker, *, lock: bool = False) -> Order:
    """An order of the picker's store, or a refusal that says whose it is not."""
    order = await (orders.lock if lock else orders.read)(conn, order_id)
    if order is None:
        raise Refused(Code.ORDER_NOT_FOUND)
    if order.store_id != picker.store_id:
        kin = await orders.same_merchant(conn, order.store_id, picker.store_id)
        raise Refused(Code.OTHER_STORE if kin else Code.ORDER_NOT_FOUND)
    return order


async def see(conn: Conn, order: Order, picker: Picker) -> views.OrderView:
    """One order as this picker sees it."""
    names = await orders.names(conn, order.id)
    claims = await picks.claims(conn, order.id)
    return views.order_view(order, claims, picker.id, (names["marketplace"], names["account"]))


async def _home(conn: Conn, hub: Hub, order: Order) -> _Home:
    account = await hub.accounts.by_id(order.account_id, conn)
    assert account is not None  # orders point at accounts
    tells = hub.marketplaces[account.adapter].tells(account)
    return _Home(account, await hub.shops.get(conn, order.store_id), tells)


async def _ask(conn: Conn, hub: Hub, order: Order, request: Request) -> tuple[_Home, Asked]:
    home = await _home(conn, hub, order)
    asked = Asked(
        order, request.body, request.line_id, request.picker, home.shop, home.account.rules,
        hub.clock(), claims=await picks.claims(conn, order.id), run_id=request.run_id,
    )  # fmt: skip
    return home, asked


def _check(asked: Asked, verb: Verb, request: Request) -> None:
    """Cancelled and taken are told before "stale": they say what really happened."""
    order = asked.order
    if order.state not in verb.states:
        if order.state in ENDED:
            raise Refused(Code.ORDER_CANCELLED, state=str(order.state), by=order.cancelled_by)
        raise Refused(Code.ILLEGAL_TRANSITION, state=str(order.state), event=request.verb)
    claiming.may_ask(verb, asked)
    if request.version is not None and request.version != order.version:
        raise Refused(Code.VERSION_CONFLICT, version=order.version)


async def _decide(conn: Conn, hub: Hub, order: Order, plan: Plan, home: _Home) -> Decision:
    """All events of a plan as one decision; a plan without events is still a new version, unless
    it only looked."""
    if not plan.events:
        if plan.scan is not None or not plan.writes:
            return Decision(order, applied=False)
        return Decision(replace(order, version=order.version + 1))
    skus = {sku for event in plan.events for sku in getattr(event, "skus", ())}
    known = await goods.by_sku(conn, home.account.merchant_id, order.store_id, skus)
    terms = Terms(known, new_id, home.shop, home.account.rules, hub.clock())
    whole = Decision(order, applied=False)
    for event in plan.events:
        try:
            whole = whole.then(decide(whole.order, event, terms))
        except Refused as refusal:
            _name_line(refusal, event)
            raise
    return whole


def _name_line(refusal: Refused, event: Event) -> None:
    """Among many lines in one request, say which one was refused."""
    line_id = getattr(event, "line_id", None)
    if line_id is not None:
        refusal.details.setdefault("line_id", str(line_id))


async def _keep(
    conn: Conn, order: Order, decision: Decision, plan: Plan, asked: tuple[Request, _Home]
) -> None:
    request, home = asked
    if plan.scan is not None:
        scan = plan.scan
        kept = picks.Scan(scan.line_id, scan.raw, scan.outcome, scan.pieces, scan.grams)
        await picks.keep_scan(conn, order.id, request.picker, kept)
    detail = {"verb": request.verb, "operation": request.key, **plan.detail, **request.noted}
    cause = Entry("picker", request.picker.badge, request.trace_id, detail)
    await carry_out(conn, order, decision, cause, home.tells)
    if plan.undoes is not None:
        await operations.undone(conn, plan.undoes, request.key)
    elif decision.applied:
        who = (request.picker, request.key)
        await operations.note(conn, who, request.verb, (order, decision.order))


def _result(
    before: Order, decision: Decision, plan: Plan, view: views.OrderView, say: Say
) -> Answer:
    after = decision.order
    old = {line.id: line for line in before.lines}
    result = views.WriteResult(
        order=view,
        changed=views.Changed([x.id for x in after.lines if old.get(x.id) != x]),
        allowed_actions=view.allowed_actions,
        message=_notice(decision, plan, say),
        scan=_scan_view(plan, say),
    )
    return Answer(200, msgspec.json.encode(result), f'"{after.version}"', plan.writes)


def _notice(decision: Decision, plan: Plan, say: Say) -> views.Notice | None:
    warning = plan.notice or decision.warning
    if warning is None:
        return None
    return views.Notice(warning, "warning", say(warning), signal_of(warning))


def _scan_view(plan: Plan, say: Say) -> views.ScanView | None:
    scan = plan.scan
    if scan is None:
        return None
    message = say(scan.message) if scan.message else None
    return views.ScanView(
        scan.outcome,
        scan.line_id,
        scan.pieces,
        scan.grams,
        message=message,
        signal=signal_of(scan.said.get("hint") or plan.notice or scan.outcome),
        **scan.said,
    )
