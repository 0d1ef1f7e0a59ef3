"""Judge every few seconds which marketplaces are called, by what calls to them came to."""

from __future__ import annotations

import structlog

from app.db import gates
from app.hub import Hub

log = structlog.get_logger()


async def sample_gates(hub: Hub) -> int:
    """How many accounts stand otherwise than before; workers see it in their next claim."""
    async with hub.pools.drains.acquire() as conn:
        changed = await gates.sample(conn)
    for code, state in changed:
        log.warning("gate", account=code, state=state)
    return len(changed)
