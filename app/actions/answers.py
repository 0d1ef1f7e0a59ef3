"""Customers who were asked about a replacement: who waits, and what their silence comes to."""

from __future__ import annotations

from typing import Final
from uuid import UUID

import structlog

from app.actions.carry_out import carry_out
from app.db import orders, replacements
from app.db.conn import AWAY, CONTENDED, Conn
from app.db.people import Picker
from app.db.timeline import Entry
from app.domain.decide import Decision, decide
from app.domain.order import Line, LineState, Order, OrderState
from app.domain.replacement_events import ReplacementExpired
from app.domain.retry import judge
from app.domain.terms import Terms
from app.hub import Hub
from app.identifiers import new_id
from app.log import where

log = structlog.get_logger()

#: Orders on one supervisor's screen.
MOST: Final = 100
#: Orders of one round; the rest is due at once in the next.
_ROUND: Final = 200


async def waiting(conn: Conn, picker: Picker) -> list[tuple[Order, Line]]:
    """Lines of the picker's store that wait for an answer, the least time left first."""
    read = [
        await orders.read(conn, id_)
        for id_ in await replacements.waiting(conn, picker.store_id, MOST)
    ]
    asked = [(order, line) for order in read if order for line in order.lines if _waits(line)]
    return sorted(asked, key=lambda each: (each[1].decide_by, each[1].id))


async def expire(hub: Hub) -> int:
    """Decide every question whose time is over; how many lines it was. Any number of schedulers
    may do this at once: the order's lock, and its state under it, make each decision one."""
    async with hub.pools.drains.acquire() as conn:
        due = await replacements.due(conn, hub.clock(), _ROUND)
    decided = 0
    for order_id in due:
        try:
            decided += await _expire(hub, order_id)
        except (*AWAY, *CONTENDED) as error:
            log.warning("answer not decided", order=str(order_id), error=repr(error)[:200])
        except Exception as error:  # noqa: BLE001 - a bug in one order must not stop the others
            reason = judge(error, 0, hub.spread()).reason
            fact = {"order": str(order_id), "reason": reason, "where": where(error)}
            log.error("answer not decided", **fact)  # noqa: TRY400 - without what the order holds
    return decided


async def _expire(hub: Hub, order_id: UUID) -> int:
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await conn.execute("SET LOCAL lock_timeout = '2s'")
        order = await orders.lock(conn, order_id)
        if order is None or order.state is not OrderState.PICKING:
            return 0
        account = await hub.accounts.by_id(order.account_id, conn)
        assert account is not None  # orders point at accounts
        shop = await hub.shops.get(conn, order.store_id)
        terms = Terms({}, new_id, shop, account.rules, hub.clock())
        tells = hub.marketplaces[account.adapter].tells(account)
        decided = 0
        for line in filter(_waits, order.lines):
            decision = decide(order, ReplacementExpired(line.id), terms)
            if decision.applied:
                cause = _cause(decision, line)
                await carry_out(conn, order, decision, cause, tells)
                order, decided = decision.order, decided + 1
    return decided


def _cause(decision: Decision, line: Line) -> Entry:
    """What the timeline says: nobody answered, and what came of the line."""
    after = decision.order.line(line.id)
    detail = {
        "event": "replacement_expired",
        "line_id": str(line.id),
        "becomes": str(after.state) if after else None,
    }
    return Entry("decision", "hub", decision.order.trace_id, detail)


def _waits(line: Line) -> bool:
    return line.state is LineState.PROPOSED and line.replaces is None and line.decide_by is not None
