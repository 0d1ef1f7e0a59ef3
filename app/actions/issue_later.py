"""What follows sales: a document of every return and every correction, in the order in which they
happened."""

from __future__ import annotations

from typing import Final

import structlog

from app.actions.hand_on import hand_on
from app.db import changed_sales
from app.db.queue import Queue
from app.hub import Hub
from app.identifiers import new_id

log = structlog.get_logger()
#: Changes in one transaction.
BATCH: Final = 100
#: Who issues documents by itself.
ACTOR: Final = "hub"


async def changes(hub: Hub) -> int:
    """Returns and corrections of all sales that have their documents; how many were issued. Each
    round takes one change of an order, so the next one of it finds the ledger as it is then."""
    total = 0
    while True:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            trace_id = new_id().hex
            issued = await changed_sales.issue_changes(conn, BATCH, ACTOR, trace_id)
            await hand_on(conn, issued, trace_id)
        if not issued:
            break
        total += len(issued)
    if total:
        hub.wakes[Queue.ERP].set()
    log.info("changes of sales issued", count=total)
    return total
