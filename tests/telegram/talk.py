"""A duty chat as people use it: the stand-in, the real library, a hub that listens and answers."""

from __future__ import annotations

import asyncio
import re
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import httpx

from app.actions.chat_listen import Listener, Way
from app.actions.chat_work import Desk
from app.actions.tell import speak
from app.db import telegram_updates
from app.domain.pace import Limit, Paces
from app.hub import Hub
from app.sandbox.server import create_app
from app.sandbox.settings import SandboxSettings
from app.sandbox.telegram.limits import Limits
from app.telegram.desk import TelegramDesk, desk
from app.telegram.sender import sender
from tests.conftest import CREDENTIALS, PATIENCE, quick
from tests.sandbox.conftest import serving

GROUP = CREDENTIALS["telegram"]["chat_id"]
TOKEN = CREDENTIALS["telegram"]["token"]
BOT = int(TOKEN.partition(":")[0])
ANNA, BORIS, VIKTOR = 700000001, 700000002, 700000003
FREE = Limits(per_chat=1e6, chat_burst=10**6, per_group=1e6, group_burst=10**6, overall=1e6,
              overall_burst=10**6)  # fmt: skip
#: As fast as the stand-in can, and edits at once: tests wait for nobody.
FAST = Paces(Limit(1e6, 1000), Limit(1e6, 1000), Limit(1e6, 1000), timedelta(0))


@dataclass
class Talk:
    """A chat with a hub behind it. Nothing is handled until `turn`."""

    hub: Hub
    http: httpx.AsyncClient
    desk: TelegramDesk
    api: str
    wake: asyncio.Event

    async def sql(self, statement: str, *values: Any) -> list[Any]:
        async with self.hub.pools.picking.acquire() as conn:
            return await conn.fetch(statement, *values)

    async def control(self, **order: Any) -> None:
        answer = await self.http.post("/_control", json=order)
        assert answer.status_code == 200, answer.text

    async def write(
        self, text: str, *, chat: int = GROUP, who: int = ANNA, thread: int | None = None
    ) -> int:
        """Somebody writes into a chat; the message's id."""
        said = {"chat_id": str(chat), "text": text, "person": who - ANNA, "thread": thread}
        answer = await self.http.post("/_write", json=said)
        assert answer.status_code == 200, answer.text
        return answer.json()["message_id"]

    async def press(
        self, message_id: int, row: int = 0, column: int = 0, *, chat: int = GROUP, who: int = ANNA
    ) -> str:
        """Somebody presses a button; the press's id."""
        where = {"chat_id": str(chat), "message_id": message_id, "row": row, "column": column}
        answer = await self.http.post("/_press", json={**where, "person": who - ANNA})
        assert answer.status_code == 200, answer.text
        return answer.json()["query_id"]

    async def fetch(self) -> int:
        """What waits at Telegram is stored; how much of it is new."""
        async with self.hub.pools.drains.acquire() as conn:
            offset = await telegram_updates.offset(conn, BOT)
        updates = await self.desk.fetch(offset, 0)
        async with self.hub.pools.drains.acquire() as conn:
            return await telegram_updates.store(conn, BOT, updates)

    async def work(self, hub: Hub | None = None) -> int:
        """What is stored is handled and answered; how many updates."""
        worker, count = Desk(hub or self.hub, self.desk, self.wake), 0
        while await worker.next():
            count += 1
        await worker.settle()
        return count

    async def turn(self) -> None:
        """Everything that people did is fetched, handled, answered."""
        await self.fetch()
        await self.work()
        await speak(self.hub, asyncio.Event())

    async def ask(self, text: str, **where: Any) -> str | None:
        """What a command is answered, None when nothing is."""
        id_ = await self.write(text, **where)
        await self.turn()
        messages = await self.messages(where.get("chat", GROUP))
        return next((one["text"] for one in messages if one.get("reply_to") == id_), None)

    async def pressed(self, message_id: int, row: int = 0, column: int = 0, **who: Any) -> str:
        """What a press is answered."""
        query_id = await self.press(message_id, row, column, **who)
        await self.turn()
        return await self.answer(query_id)

    async def answer(self, query_id: str) -> str:
        presses = (await self.http.get("/_state")).json()["presses"]
        found = next(one for one in presses if one["id"] == query_id)
        assert found["answered"]
        return found["text"]

    async def messages(self, chat: int = GROUP) -> list[dict[str, Any]]:
        chats = (await self.http.get("/_state")).json()["chats"]
        return next((one["messages"] for one in chats if one["id"] == chat), [])

    async def link(
        self, who: int = ANNA, role: str = "duty", *, store: str | None = None, name: str = ""
    ) -> None:
        """Somebody may ask and press."""
        await self.sql(
            "INSERT INTO telegram_person (user_id, merchant_id, store_id, name, role)"
            " SELECT $1, merchant.id, (SELECT id FROM store WHERE code = $4), $2, $3 FROM merchant"
            " LIMIT 1",
            who, name or {ANNA: "Анна", BORIS: "Борис"}.get(who, "Виктор"), role, store,
        )  # fmt: skip

    async def audit(self) -> list[tuple[str, str, str]]:
        """What was noted, oldest first: kind, what, outcome."""
        rows = await self.sql("SELECT kind, what, outcome FROM telegram_audit ORDER BY at, id")
        return [tuple(row) for row in rows]

    def listener(self, way: Way = Way.POLLING, hub: Hub | None = None) -> Listener:
        return Listener(hub or self.hub, self.desk, way, self.wake)


@asynccontextmanager
async def talking(hub: Hub, transport: httpx.AsyncBaseTransport | None = None):
    """A stand-in on a port of its own, and a hub that is connected to it."""
    nobody = httpx.MockTransport(lambda _request: httpx.Response(503))
    app = create_app(CREDENTIALS, SandboxSettings(rate=0.0, limits=FREE), transport or nobody)
    async with (
        serving(app) as url,
        httpx.AsyncClient(base_url=f"{url}/telegram", timeout=PATIENCE) as http,
        sender(TOKEN, f"{url}/telegram", PATIENCE) as chat,
        desk(TOKEN, f"{url}/telegram", PATIENCE) as front,
    ):
        async with hub.pools.picking.acquire() as conn:
            await conn.execute("DELETE FROM telegram_person")  # everybody is a stranger at first
        yield Talk(
            replace(quick(hub, chat=chat), paces=FAST), http, front, f"{url}/telegram",
            asyncio.Event(),
        )  # fmt: skip


def keys(message: dict[str, Any]) -> list[list[str]]:
    """What a message's buttons say."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [[re.sub(r"\s+", " ", key["text"]) for key in row] for row in rows]
