"""What duties have in hand when the process stops."""

import asyncio
from dataclasses import replace

from app.actions.tick import Duty, tick
from app.db import telegram as outbox
from app.db import ticks
from app.db.telegram import ChatMessage
from scheduler.calendar import calendar
from scheduler.jobs import duties
from tests.conftest import PATIENCE
from tests.stories import RecordingChat

#: Seconds between due times of what is due once, whenever the test runs: 2001, 2033.
RARELY = 1e9


async def test_a_duty_under_way_is_brought_to_its_end(hub):
    stopping, begun = asyncio.Event(), asyncio.Event()

    async def run(_hub):
        begun.set()
        await stopping.wait()
        return "fine"

    async with calendar(hub, stopping, grace=PATIENCE) as running:
        running.add(Duty("test", RARELY, 600, run))
        await begun.wait()
    assert await latest(hub) == ("done", "fine")


async def test_a_duty_that_does_not_end_is_broken_off_and_anothers_at_once(hub, caplog):
    begun = asyncio.Event()

    async def run(_hub):
        begun.set()
        await asyncio.Event().wait()

    async with calendar(hub, asyncio.Event(), grace=0.05) as running:
        running.add(Duty("test", RARELY, 600, run))
        await begun.wait()
    assert await latest(hub) == ("failed", "broken off")
    assert [each.getMessage() for each in caplog.records if each.levelname == "ERROR"] == []
    assert await tick(replace(hub, worker="another"), Duty("test", RARELY, 600, fine))
    assert await latest(hub) == ("done", "fine")


async def test_a_message_that_telegram_takes_meanwhile_is_written_down_and_not_sent_again(hub):
    stopping, sent = asyncio.Event(), asyncio.Event()

    class Slow(RecordingChat):
        async def tell(self, saying):
            sent.set()
            await stopping.wait()
            return await super().tell(saying)

    chat = Slow()
    (duty,) = [each for each in duties((), 3600, stopping) if each.name == "telegram"]
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await outbox.add(conn, ChatMessage(1, "notice", "words"), "trace")
    async with calendar(replace(hub, chat=chat), stopping, grace=PATIENCE) as running:
        running.add(duty)
        await sent.wait()
    async with hub.pools.drains.acquire() as conn:
        left = await conn.fetchval("SELECT count(*) FROM telegram_message")
    assert (len(chat.said), left) == (1, 0)
    assert await latest(hub) == ("done", "1 messages")


async def fine(_hub):
    return "fine"


async def latest(hub):
    async with hub.pools.drains.acquire() as conn:
        (row,) = await ticks.latest(conn)
    return row["state"], row["result"]
