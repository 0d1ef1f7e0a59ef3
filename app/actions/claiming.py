"""Whose an order is, within a write: who may ask, and what becomes of claims and leases."""

from __future__ import annotations

from app.actions.verbs.shape import Access, Asked, Claiming, Plan, Verb
from app.db import picks
from app.db.conn import Conn
from app.db.people import Picker, Role
from app.domain.order import Order
from app.domain.path import unwalked, zone_of
from app.domain.pick_job import Claims, JobState, may_claim, must_hold, must_pack
from app.domain.refusals import Code, Refused


def may_ask(verb: Verb, asked: Asked) -> None:
    """Refuse whom the order is not, or cannot become. What is in hand already may be claimed again
    while the store is paused; nothing new is begun."""
    if _is_for_holders(verb, asked.picker):
        must_hold(asked.claims, asked.picker.id)
    if verb.access is Access.PACKER:
        must_pack(asked.claims, asked.picker.id)
    if verb.access is Access.CLAIMANT:
        (verb.may or _may_claim)(asked)
        if asked.shop.paused and not asked.claims.at_work(asked.picker.id):
            raise Refused(Code.STORE_PAUSED)


def mind_zones(verb: Verb, asked: Asked, plan: Plan) -> None:
    """Refuse lines of a zone that is another's to walk."""
    if not _is_for_holders(verb, asked.picker):
        return
    for event in plan.events:
        line_id = getattr(event, "line_id", None)
        line = asked.order.line(line_id) if line_id else None
        if line is not None:
            must_hold(asked.claims, asked.picker.id, zone_of(asked.order, line))


async def move(conn: Conn, asked: Asked, plan: Plan) -> Claims:
    """Do with the claims what the plan says; the claims as they are then."""
    order, picker, claims = asked.order, asked.picker, asked.claims
    wish = plan.claiming or Claiming()
    if plan.job is None:
        return claims
    if plan.job is JobState.OPEN:
        await picks.release(conn, order.id, picker, wish.zone or None)
        return claims.without(picker.id, wish.zone or None)
    if plan.job is JobState.CLAIMED:
        return await _claim(conn, asked, wish)
    return claims.renewed(await picks.extend(conn, order.id, picker, plan.job))


async def end_walked(conn: Conn, claims: Claims, before: Order, after: Order) -> Claims:
    """Free those whose zone has no open line any more, once a write has changed lines."""
    left = unwalked(after)
    ended = claims.walked(left)
    if before.lines == after.lines or ended == claims:
        return claims
    await picks.end_zones(conn, after.id, left)
    return ended


async def _claim(conn: Conn, asked: Asked, wish: Claiming) -> Claims:
    in_hand = asked.claims.at_work(asked.picker.id)
    if asked.run_id is None and not in_hand:
        await must_be_free(conn, asked.picker, asked.order)
    runs = (job.run_id for job in in_hand)  # a part of what is in a run stays in it
    kept = picks.Wish(wish.zone or "", wish.take, asked.run_id or next(runs, None))
    job = await picks.claim(conn, asked.order, asked.picker, kept)
    if job is None:
        raise Refused(Code.ALREADY_CLAIMED)
    return asked.claims.renewed([job])


async def must_be_free(conn: Conn, picker: Picker, *besides: Order) -> None:
    """Refuse somebody who has another order in hand. Their other claims wait: see lock_picker."""
    other = await picks.busy(conn, picker, [order.id for order in besides])
    if other is not None:
        order_id, run_id = other
        raise Refused(Code.ALREADY_PICKING, order=str(order_id), run=run_id and str(run_id))


def _is_for_holders(verb: Verb, picker: Picker) -> bool:
    supervises = verb.access is Access.SUPERVISED and picker.role is Role.SUPERVISOR
    return verb.access in (Access.HOLDER, Access.SUPERVISED) and not supervises


def _may_claim(asked: Asked) -> None:
    may_claim(asked.claims, asked.picker.id, asked.order.state)
