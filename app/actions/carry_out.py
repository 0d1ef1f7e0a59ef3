"""Write down what was decided, in the caller's transaction: order, messages, timeline."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from app.actions import change_sale
from app.actions.note_events import note_events
from app.contract import AMENDED
from app.db import orders, outbox, picks, queue, timeline
from app.db.conn import Conn
from app.db.queue import Queue
from app.db.timeline import Entry
from app.domain.decide import Decision
from app.domain.order import Order, OrderState
from app.domain.path import unwalked
from app.domain.questions import questions


async def carry_out(
    conn: Conn, before: Order, decision: Decision, cause: Entry, tells: frozenset[str]
) -> None:
    """Save the order, note the cause, tell the kinds of messages that this account wants."""
    after = decision.order
    if decision.applied:
        await orders.save(conn, before, after)
        await note_events(conn, before, after, cause.trace_id)
    if cause.kind != "picker" and before.lines != after.lines:
        await _end_zones(conn, after)  # a picker's write sees to it itself: it knows the claims
    if decision.supersede:
        await queue.supersede(conn, Queue.OUTBOX, str(after.id))
    if (before.state, after.state) == (OrderState.DELIVERED, OrderState.RETURNED):
        await change_sale.all_back(conn, after, cause)
    await change_sale.receipts_due(conn, before, after)
    for kind in decision.told:
        if kind in tells:
            await outbox.add(conn, after, kind, cause.trace_id)
    if AMENDED in tells and cause.kind != "delivery" and _outcomes(before) != _outcomes(after):
        await _amend(conn, after, cause)
    detail = {**cause.detail, **_what_changed(before, decision, cause.kind)}
    if before.lines != after.lines:
        answered = cause.kind != "picker" or cause.detail.get("verb") == "decide"
        asked = questions(before, after, answered=answered)
        detail |= {"questions": asked} if asked else {}
    await timeline.add(conn, after.id, after.store_id, replace(cause, detail=detail))


async def _end_zones(conn: Conn, order: Order) -> None:
    left = unwalked(order)
    if left:
        await picks.end_zones(conn, order.id, left)


async def _amend(conn: Conn, order: Order, cause: Entry) -> None:
    """One message for all outcomes that were not sent yet: it is composed when it is sent."""
    if order.state is OrderState.PICKING and not await outbox.waits(conn, order.id, AMENDED):
        await outbox.add(conn, order, AMENDED, cause.trace_id)


def _outcomes(order: Order) -> list[tuple[Any, ...]]:
    return [
        (line.id, line.state, line.picked_pieces, line.picked_grams, line.marks)
        for line in order.lines
    ]


def _what_changed(before: Order, decision: Decision, kind: str) -> dict[str, Any]:
    after = decision.order
    facts: dict[str, Any] = {"version": after.version}
    if not decision.applied and kind == "delivery":
        facts["ignored"] = f"nothing changes for an order that is {before.state}"
    if after.state is not before.state:
        facts |= {"from": before.state, "to": after.state}
    if after.implied and not before.implied:
        facts["implied"] = True
    if decision.contradicts:
        facts["contradicts"] = True
    return facts
