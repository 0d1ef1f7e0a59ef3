"""Write down what was decided, in the caller's transaction: order, messages, timeline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.db import orders, outbox, queue, timeline
from app.db.conn import Conn
from app.db.queue import Queue
from app.domain.decide import Decision
from app.domain.order import Order


@dataclass(frozen=True, slots=True)
class Cause:
    """Why it happened: the timeline's kind and actor, the trace id, and facts worth keeping."""

    kind: str
    actor: str
    trace_id: str
    detail: Mapping[str, Any]


async def carry_out(
    conn: Conn, before: Order, decision: Decision, cause: Cause, tells: frozenset[str]
) -> None:
    """Save the order and tell whom it concerns; `tells`: the kinds this account wants."""
    after = decision.order
    if decision.applied:
        await orders.save(conn, before, after)
    if decision.supersede:
        await queue.supersede(conn, Queue.OUTBOX, str(after.id))
    for kind in decision.told:
        if kind in tells:
            await outbox.add(conn, after, kind, cause.trace_id)
    await timeline.add(
        conn,
        after,
        cause.kind,
        actor=cause.actor,
        trace_id=cause.trace_id,
        detail={**cause.detail, **_what_changed(before, decision)},
    )


def _what_changed(before: Order, decision: Decision) -> dict[str, Any]:
    after = decision.order
    facts: dict[str, Any] = {"version": after.version}
    if not decision.applied:
        facts["ignored"] = f"nothing changes for an order that is {before.state}"
    if after.state is not before.state:
        facts |= {"from": before.state, "to": after.state}
    if after.implied and not before.implied:
        facts["implied"] = True
    return facts
