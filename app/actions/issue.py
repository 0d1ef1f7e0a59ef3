"""Delivered orders to sales documents: exactly one each, in batches, however late."""

from __future__ import annotations

from typing import Final

import structlog

from app.db import documents
from app.hub import Hub
from app.identifiers import new_id

log = structlog.get_logger()
#: Orders in one transaction: locks stay short, and a crash loses at most this much work.
BATCH: Final = 200


async def issue(hub: Hub) -> int:
    """Issue all sales documents that are due; how many there were."""
    total = 0
    while True:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            issued = await documents.issue_sales(conn, BATCH, "hub", new_id().hex)
        total += issued
        if issued == 0:
            log.info("sales documents issued", count=total)
            return total
