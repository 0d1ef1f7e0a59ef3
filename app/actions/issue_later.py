"""What follows sales: a document of every return and every correction, in the order in which they
happened, and the data of fiscal receipts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, TypeAlias
from uuid import UUID

import structlog

from app.actions.hand_on import hand_on
from app.db import changed_sales
from app.db import receipts as due_receipts
from app.db.conn import Conn
from app.db.queue import Queue
from app.hub import Hub
from app.identifiers import new_id

log = structlog.get_logger()
#: Documents in one transaction, 100 ms or less of them: locks stay short.
BATCH: Final = 50
RECEIPTS: Final = 20
#: Who issues documents by itself.
ACTOR: Final = "hub"
_Issue: TypeAlias = Callable[[Conn, int, str, str], Awaitable[list[UUID]]]


async def changes(hub: Hub) -> int:
    """Returns and corrections of all sales that have their documents; how many were issued. Each
    round takes one change of an order, so the next one of it finds the ledger as it is then."""
    return await _until_none(hub, changed_sales.issue_changes, BATCH, "changes of sales issued")


async def receipts(hub: Hub) -> int:
    """Data of all fiscal receipts that merchants have to make; how many were issued."""
    return await _until_none(hub, due_receipts.issue, RECEIPTS, "receipts issued")


async def _until_none(hub: Hub, issue: _Issue, limit: int, done: str) -> int:
    """Batch after batch, each in a transaction of its own."""
    total = 0
    while True:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            trace_id = new_id().hex
            issued = await issue(conn, limit, ACTOR, trace_id)
            await hand_on(conn, issued, trace_id)
        if not issued:
            break
        total += len(issued)
    if total:
        hub.wakes[Queue.ERP].set()
    log.info(done, count=total)
    return total
