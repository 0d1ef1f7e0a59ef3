"""A shop, its marketplace and its duty chat, with a clock that can be moved."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from asyncpg import Record

from app.actions.drain import drain
from app.actions.tell import tell
from app.actions.watch import watch
from app.db.queue import Queue
from app.hub import Hub
from tests.stories import RecordingChat

#: Milliseconds a rule may take here: what a busy machine does slowly is not wrong.
LEISURE = 600_000


@dataclass
class Scene:
    """What a way to an incident works with. `now` is what monitoring takes the time for."""

    api: httpx.AsyncClient
    hub: Hub
    now: datetime = field(default_factory=lambda: datetime.now(UTC))

    def later(self, **some: float) -> None:
        """Move the clock of monitoring: minutes=11."""
        self.now += timedelta(**some)

    def catch_up(self) -> None:
        """What was really done up to here is in the past of monitoring's clock as well."""
        self.now = max(self.now, datetime.now(UTC))

    async def sql(self, statement: str, *values: Any) -> list[Record]:
        """What no outside can bring about: the passing of time in rows."""
        async with self.hub.pools.picking.acquire() as conn:
            return await conn.fetch(statement, *values)

    async def look(self) -> list[Record]:
        """One minute of monitoring and one drain of Telegram; the incidents people know of."""
        await watch(self.hub, tuple(self.hub.rules.values()), self.now)
        while await drain(self.hub, Queue.TELEGRAM, tell, asyncio.Event()):
            pass
        return await self.sql(
            "SELECT * FROM incident WHERE fired_at IS NOT NULL AND state <> 'resolved' ORDER BY id"
        )

    @property
    def chat(self) -> RecordingChat:
        """Everything that was said."""
        assert isinstance(self.hub.chat, RecordingChat)
        return self.hub.chat
