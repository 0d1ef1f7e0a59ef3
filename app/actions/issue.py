"""Delivered orders to documents: exactly one sale each, in batches, however late; then what follows
sales."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final

import structlog

from app.actions.hand_on import hand_on
from app.db import sales as due
from app.db.conn import Conn
from app.db.queue import Queue
from app.hub import Hub
from app.identifiers import new_id

log = structlog.get_logger()
#: Orders in one transaction, of 20 lines each 100 ms or so: locks stay short, and a crash loses at
#: most this much work.
BATCH: Final = 100
#: Who issues documents by itself.
ACTOR: Final = "hub"


async def issue(hub: Hub) -> int:
    """Issue all documents that are due; how many there were. Any number of runs may go on at once,
    and end anywhere: what they committed is done, the rest is still due."""
    return sum([await step(hub) for step in STEPS])


async def sales(hub: Hub) -> int:
    """Sales of all orders delivered without one; how many were issued. What must not be issued is
    looked at once, and held."""
    async with hub.pools.drains.acquire() as conn:
        began = await due.begin(conn)
    issued, after, looked = 0, due.START, 0
    while True:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            picked = await due.pick(conn, BATCH, after, began)
            done = await _settle(conn, picked)
        issued += done
        looked += len(picked)
        if picked:
            after = picked[-1]
        elif looked:  # what others had in hand may be free now
            after, looked = due.START, 0
        else:
            break
    if issued:
        hub.wakes[Queue.ERP].set()
    log.info("sales documents issued", count=issued)
    return issued


async def _settle(conn: Conn, picked: list[due.Place]) -> int:
    """Issue those of these orders that nothing holds back, and hand them on."""
    ready = await due.examine(conn, [order.id for order in picked]) if picked else []
    if not ready:
        return 0
    trace_id = new_id().hex
    documents = await due.issue(conn, ready, ACTOR, trace_id)
    await hand_on(conn, documents, trace_id)
    return len(documents)


#: What a run does, in this order: a later step speaks of documents of the ones before.
STEPS: Final[tuple[Callable[[Hub], Awaitable[int]], ...]] = (sales,)
