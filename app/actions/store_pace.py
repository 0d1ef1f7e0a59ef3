"""Every hour: how fast each store picks as a rule, for what is measured against it every minute."""

from __future__ import annotations

from datetime import datetime

from app.db import health, store_pace
from app.hub import Hub


async def pace(hub: Hub, now: datetime | None = None) -> str:
    """Count anew; one line on it. `now`: the database's clock, unless a test moves it."""
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        stores = await store_pace.count(conn, now or await health.clock(conn))
    return f"{stores} stores"
