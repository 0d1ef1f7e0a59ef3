"""A day that runs: each minute the shops go on, monitoring looks, people hear and act."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from asyncpg import Record

from app.actions.alarm import alarm
from app.actions.count import count
from app.actions.drain import drain
from app.actions.incidents import acknowledge
from app.actions.tell import tell
from app.actions.watch import watch
from app.db.queue import Queue
from app.errors import RemoteUnavailable
from app.hub import Hub
from app.ports import Alarm, Saying
from tests.conftest import quick
from tests.monitoring.day.minute import issue_documents, pass_minute
from tests.monitoring.day.orders import BEGIN, at
from tests.monitoring.day.world import named
from tests.monitoring.scene import LEISURE
from tests.stories import RecordingChat

#: Minutes after which somebody takes care of what is critical, unless a trouble says otherwise.
USUALLY: Final = 8
#: The database's clock is far ahead of the day's: what was written just now was written then.
_MOVED: Final = """
WITH queued AS (
    UPDATE queue_item SET created_at = $1 WHERE queue = 'telegram_outbox' AND created_at > $1
)
UPDATE incident_post SET shown_at = $1 WHERE shown_at > $1
"""


class Chat(RecordingChat):
    """A chat that can be cut off; it remembers when each thing was said."""

    def __init__(self) -> None:
        super().__init__()
        self.down = False
        self.now = BEGIN
        self.times: list[datetime] = []

    async def tell(self, saying: Saying) -> int:
        if self.down:
            raise RemoteUnavailable("no answer")
        self.times.append(self.now)
        return await super().tell(saying)


class Letters:
    """The second way out as a list."""

    name = "email"

    def __init__(self) -> None:
        self.sent: list[Alarm] = []

    async def send(self, letter: Alarm) -> str:
        self.sent.append(letter)
        return "taken"


@dataclass
class Day:
    """The clock and what stands otherwise than usual. `acts`: what happens at a minute, in order;
    `takes`: minutes after which somebody takes care, by rule and label; None: nobody does."""

    hub: Hub
    acts: Mapping[datetime, Sequence[Callable[[Day], Awaitable[None]]]]
    takes: Mapping[tuple[str, str], float | None] = field(default_factory=dict)
    now: datetime = BEGIN
    chat: Chat = field(default_factory=Chat)
    letters: Letters = field(default_factory=Letters)
    refusing: set[str] = field(default_factory=set)
    silent: set[str] = field(default_factory=set)
    watching: bool = True
    documents: bool = True

    def __post_init__(self) -> None:
        self.hub = quick(
            self.hub, chat=self.chat, ways={"email": self.letters}, clock=lambda: self.now,
            rule_patience=LEISURE,
        )  # fmt: skip

    async def sql(self, statement: str, *values: Any) -> list[Record]:
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetch(statement, *values)

    async def run(self, until: str = "24:00", every: int = 1) -> None:
        """The day until then; monitoring looks every so many minutes."""
        while self.now < at(until):
            before, self.now = self.now, self.now + timedelta(minutes=every)
            await self._shops(before)
            for moment in (before + timedelta(minutes=n + 1) for n in range(every)):
                for act in self.acts.get(moment, ()):
                    await act(self)
            await self._monitoring()
            await self._people()

    async def _shops(self, before: datetime) -> None:
        refusing = [named(code) for code in self.refusing]
        async with self.hub.pools.drains.acquire() as conn, conn.transaction():
            await pass_minute(conn, self.now, before, refusing=refusing, silent=sorted(self.silent))
            if self.now.minute < before.minute and self.documents:
                await issue_documents(conn)
        if self.now.minute % 4 == 0:
            await count(self.hub)

    async def _monitoring(self) -> None:
        self.chat.now = self.now
        if not self.watching:  # a web worker sees that nobody looks; nobody sends to Telegram
            await watch(self.hub, [self.hub.rules["monitor_late"]], self.now)
            await alarm(self.hub, self.now)
            return
        await watch(self.hub, tuple(self.hub.rules.values()), self.now)
        await self.sql(
            "UPDATE tick SET due_at = $1, finished_at = $1 WHERE job = 'monitoring'", self.now
        )
        await self.sql(_MOVED, self.now)
        while await drain(self.hub, Queue.TELEGRAM, tell, asyncio.Event()):
            pass
        await self.sql(_MOVED, self.now)
        await alarm(self.hub, self.now)

    async def _people(self) -> None:
        """Those who read the chat take care of what is critical."""
        found = await self.sql(
            "SELECT incident.* FROM incident JOIN incident_post AS post ON post.incident_id = id"
            " WHERE state = 'firing' AND level = 'critical' AND parent_id IS NULL"
            " AND silenced_by IS NULL AND muted_until IS NULL AND post.telegram_id IS NOT NULL"
        )
        for one in found:
            keys = [(one["rule"], label) for label in labels(one)]
            takes = next((self.takes[key] for key in keys if key in self.takes), USUALLY)
            if takes is not None and self.now - one["told_at"] >= timedelta(minutes=takes):
                await acknowledge(self.hub, one["id"], "telegram:1", now=self.now)


def labels(incident: Record) -> list[str]:
    """What a trouble may call an incident by, the closest first."""
    facts = incident["facts"]
    names = [facts.get(name) for name in ("number", "store", "account", "group")]
    return [name for name in (*names, incident["subject"]) if name]
