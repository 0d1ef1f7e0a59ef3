"""Before monitoring begins: every rule's query is proven against the database it will be asked."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

import structlog

from app.db.conn import FAULTS
from app.db.rules import prove
from app.domain.rule import Rule
from app.hub import Hub

log = structlog.get_logger()
#: Seconds between looks for a database that is away.
PAUSE: Final = 2.0


async def proven(hub: Hub, rules: Sequence[Rule], stop: asyncio.Event) -> bool:
    """Wait for the database, and prove the rules at its first answer. False when it is time to
    stop; raises SettingsInvalid with the names of rules the database does not take."""
    proof = asyncio.create_task(_prove(hub, rules))
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait({proof, stopping}, return_when=asyncio.FIRST_COMPLETED)
        if stopping.done():
            return False
        await proof
    finally:
        proof.cancel()
        stopping.cancel()
    return True


async def _prove(hub: Hub, rules: Sequence[Rule]) -> None:
    while True:
        try:
            async with hub.pools.drains.acquire() as conn:
                return await prove(conn, rules)
        except FAULTS as error:
            log.warning("rules not proven yet", error=repr(error)[:300])
        await asyncio.sleep(PAUSE)
