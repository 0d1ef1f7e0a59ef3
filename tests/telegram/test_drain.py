"""Two hubs, one bot: the real library, the stand-in with Telegram's limits, PostgreSQL's paces."""

import asyncio
from dataclasses import replace

import httpx
import pytest

from app.actions.tell import speak
from app.db import telegram as outbox
from app.db.telegram import ChatMessage
from app.domain.pace import TELEGRAM, Limit
from app.sandbox.server import create_app
from app.sandbox.settings import SandboxSettings
from app.sandbox.telegram.limits import Limits
from app.telegram.sender import sender
from tests.conftest import CREDENTIALS, PATIENCE, quick
from tests.sandbox.conftest import serving

TOKEN = CREDENTIALS["telegram"]["token"]
GROUP = CREDENTIALS["telegram"]["chat_id"]
#: Seconds ahead of time that turns are waited for: as long as it takes to say everything.
ALL = 600.0


@pytest.fixture
async def stand_in():
    """Telegram, with its limits, on a port of its own: the bot, and where it is."""
    nobody = httpx.MockTransport(lambda _request: httpx.Response(503))
    app = create_app(CREDENTIALS, SandboxSettings(rate=0.0, limits=Limits()), nobody)
    async with serving(app) as url:
        yield app.state.bot, f"{url}/telegram"


@pytest.fixture
def bot(stand_in):
    return stand_in[0]


@pytest.fixture
async def hubs(hub, stand_in):
    """The hubs of two schedulers."""
    api = stand_in[1]
    async with sender(TOKEN, api, PATIENCE) as one, sender(TOKEN, api, PATIENCE) as two:
        yield [
            quick(hub, chat=way, paces=TELEGRAM, worker=f"scheduler-{number}")
            for number, way in enumerate((one, two))
        ]


async def say(hub, messages):
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        for chat_id, text in messages:
            await outbox.add(conn, ChatMessage(chat_id, "notice", text), "trace")


async def test_who_has_nothing_left_to_say_waits_for_nothing(hubs, bot):
    await say(hubs[0], [(GROUP, "one"), (GROUP, "two"), (GROUP, "three")])
    assert await asyncio.wait_for(speak(hubs[0], asyncio.Event(), 36_000), 300) >= 3
    assert len(bot.chats.find(GROUP).messages) == 3


async def test_two_at_once_say_everything_once_and_telegram_never_has_to_ask(hubs, bot):
    chats = range(1, 31)
    for chat_id in chats:
        bot.chats.add(chat_id, f"chat {chat_id}")
    wanted = [(chat_id, f"{chat_id}.{number}") for number in range(3) for chat_id in chats]
    await say(hubs[0], [*wanted, *((GROUP, f"g{number}") for number in range(4))])
    await asyncio.gather(*(speak(hub, asyncio.Event(), ALL) for hub in hubs))
    for chat_id in chats:
        texts = [message.raw for message in bot.chats.find(chat_id).messages.values()]
        assert texts == [f"{chat_id}.{number}" for number in range(3)]
    assert len(bot.chats.find(GROUP).messages) == 4
    assert bot.counts["refused_429"] == 0


async def test_who_goes_faster_than_telegram_takes_is_told_and_waits_and_loses_nothing(hubs, bot):
    bot.chats.add(5, "five")
    # Telegram's time goes on only by what it has refused: however slowly we speak, it is too fast.
    bot.gate.clock = lambda: 10.0 * bot.counts["refused_429"]
    fast = replace(TELEGRAM, chat=Limit(100.0, 50))
    await say(hubs[0], [(5, f"{number}") for number in range(5)])
    await asyncio.gather(*(speak(quick(hub, paces=fast), asyncio.Event(), ALL) for hub in hubs))
    assert [one.raw for one in bot.chats.find(5).messages.values()] == ["0", "1", "2", "3", "4"]
    assert 1 <= bot.counts["refused_429"] <= 5
