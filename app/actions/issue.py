"""Delivered orders to documents: exactly one sale each, in batches, however late; then what follows
sales."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

import structlog

from app.actions import issue_later
from app.actions.hand_on import hand_on
from app.db import sales as due
from app.db.conn import Conn
from app.db.queue import Queue
from app.hub import Hub
from app.identifiers import new_id
from app.log import where

log = structlog.get_logger()
#: Orders in one transaction, and lines of all of them, which take 20 ms on a quiet machine: locks
#: stay short, and a crash loses at most this much work.
BATCH: Final = (60, 1500)
#: Who issues documents by itself.
ACTOR: Final = "hub"


@dataclass(slots=True)
class _Run:
    """When it began, by the database's clock; what it did; its longest transaction in seconds."""

    began: datetime
    issued: int = 0
    held: int = 0
    longest: float = 0.0


async def issue(hub: Hub) -> int:
    """Issue all documents that are due; how many there were. Any number of runs may go on at once,
    and end anywhere: what they committed is done, the rest is still due."""
    return sum([await step(hub) for step in STEPS])


async def sales(hub: Hub) -> int:
    """Sales of all orders delivered without one; how many were issued. What must not be issued is
    looked at once, and held."""
    async with hub.pools.drains.acquire() as conn:
        run = _Run(await due.begin(conn))
    while await _pass(hub, run):
        pass  # what others had in hand may be free now
    if run.issued:
        hub.wakes[Queue.ERP].set()
    longest = round(1000 * run.longest)
    log.info("sales documents issued", count=run.issued, held=run.held, longest_ms=longest)
    return run.issued


async def _pass(hub: Hub, run: _Run) -> bool:
    """Go through all that is due, once; False when there was nothing to look at."""
    last = due.START
    while picked := await _batch(hub, run, last):
        last = picked[-1]
    return last is not due.START


async def _batch(hub: Hub, run: _Run, last: due.Place) -> list[due.Place]:
    """The next orders after this one; where one of them breaks, the next one alone."""
    try:
        return await _together(hub, run, last)
    except due.BROKEN:
        return await _alone(hub, run, last)


async def _together(hub: Hub, run: _Run, last: due.Place) -> list[due.Place]:
    """A batch of orders in a transaction of their own."""
    async with hub.pools.drains.acquire() as conn:
        async with conn.transaction():
            await due.take_turn(conn)
            started = time.perf_counter()
            picked = await due.pick(conn, BATCH, last, run.began)
            issued = await _settle(conn, picked)
        run.longest = max(run.longest, time.perf_counter() - started)
    run.issued += issued
    run.held += len(picked) - issued
    return picked


async def _alone(hub: Hub, run: _Run, last: due.Place) -> list[due.Place]:
    """One order, held when it cannot be issued as it is. It stays in hand while its documents are
    taken back: it is this order that is held, whatever other runs do meanwhile."""
    issued = 0
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await due.take_turn(conn)
        picked = await due.pick(conn, (1, 1), last, run.began)
        try:
            async with conn.transaction():
                issued = await _settle(conn, picked)
        except due.BROKEN as error:
            await _hold(conn, picked[0].id, error)
    run.issued += issued
    run.held += len(picked) - issued
    return picked


async def _hold(conn: Conn, order: UUID, error: Exception) -> None:
    log.error("a sale cannot be issued", order_id=str(order), where=where(error))
    await due.hold(conn, order, error)


async def _settle(conn: Conn, picked: Sequence[due.Place]) -> int:
    """Issue those of these orders that nothing holds back, and hand them on."""
    if not picked:
        return 0
    trace_id = new_id().hex
    documents = await due.issue(conn, [order.id for order in picked], ACTOR, trace_id)
    await hand_on(conn, documents, trace_id)
    return len(documents)


#: What a run does, in this order: a later step speaks of documents of the ones before.
STEPS: Final[tuple[Callable[[Hub], Awaitable[int]], ...]] = (
    sales, issue_later.changes, issue_later.receipts,
)  # fmt: skip
