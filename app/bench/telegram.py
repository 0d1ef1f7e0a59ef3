"""How fast people are told: two drains beside the scheduler's, against the stand-in's limits."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import httpx

from app.bench.shop import database
from app.bench.stack import Stack
from app.db import telegram
from app.db.rehearsal import told
from app.db.telegram import ChatMessage
from app.settings import Settings
from app.supervision.environment import of_running

CHATS: Final = 60
EACH: Final = 16  #: messages to a chat
SPEAKERS: Final = 2
#: What is left out of the rate: the burst at the beginning, the last ones at the end.
EDGE: Final = timedelta(seconds=3)
#: Ids that no chat of the set-up has.
FIRST: Final = 9_000_000


async def measure(stack: Stack) -> dict[str, Any]:
    """Messages to many chats at once: how many a second, and how often Telegram had to ask for
    patience."""
    settings = Settings.from_env(of_running({"HUB_DATA": str(stack.data)}))
    async with httpx.AsyncClient(base_url=settings.telegram_api, timeout=30) as bot:
        chats = [{"id": FIRST + number, "title": f"Chat {number}"} for number in range(CHATS)]
        (await bot.post("/_control", json={"add": chats})).raise_for_status()
        before = await _asked_for_patience(bot)
        await _queue(stack)
        await asyncio.gather(*(_speaker(stack) for _ in range(SPEAKERS)))
        asked = await _asked_for_patience(bot) - before
    async with database(stack) as conn:
        moments = await told(conn, FIRST)
    assert len(moments) == CHATS * EACH, f"{len(moments)} of {CHATS * EACH} told"
    return {
        "chats": CHATS,
        "messages": len(moments),
        "drains": SPEAKERS + 1,
        "seconds": round((moments[-1] - moments[0]).total_seconds(), 1),
        "per_second": _rate(moments),
        "too_many_requests": asked,
    }


async def _queue(stack: Stack) -> None:
    async with database(stack) as conn, conn.transaction():
        for number in range(CHATS * EACH):
            said = ChatMessage(FIRST + number % CHATS, "notice", f"№ {number // CHATS + 1}")
            await telegram.add(conn, said, "bench")


async def _speaker(stack: Stack) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.bench.speaker",
        env={**os.environ, "HUB_DATA": str(stack.data)},
    )  # fmt: skip
    assert await process.wait() == 0


async def _asked_for_patience(bot: httpx.AsyncClient) -> int:
    counts = (await bot.get("/_state")).json()["counts"]
    return int(counts.get("refused_429", 0))


def _rate(moments: Sequence[datetime]) -> float:
    """Messages a second, the edges left out."""
    begin, end = moments[0] + EDGE, moments[-1] - EDGE
    inner = [moment for moment in moments if begin <= moment < end]
    return round(len(inner) / (end - begin).total_seconds(), 2)
