"""A day on which Telegram fails: the second way tells, and Telegram goes on where it stopped."""

import base64
import json

import httpx
import pytest

from app.actions.alarm import alarm
from app.alarm.address import Hook, Mailing, MailServer
from app.alarm.email import Email
from app.alarm.webhook import Webhook
from app.errors import RemoteUnavailable
from tests.alarm.post_office import post_office
from tests.conftest import quick
from tests.marketplaces.far import far, says
from tests.stories import make_ready, place


@pytest.fixture
async def office():
    async with post_office() as opened:
        yield opened


@pytest.fixture
def scene(scene, office):
    server = MailServer("127.0.0.1", office.port, tls=False)
    way = Email(Mailing(server, "hub@shop.test", ("anna@shop.test",)))
    scene.hub = quick(scene.hub, ways={"email": way}, language="en")
    return scene


async def minutes(scene, count):
    """So many minutes of monitoring, of Telegram's drain and of the second way."""
    for _ in range(count):
        scene.later(minutes=1)
        await scene.look()
        await alarm(scene.hub, scene.now)


async def critical(scene):
    """The rules of critical incidents that are on and told by themselves."""
    rows = await scene.sql(
        "SELECT rule FROM incident WHERE state = 'firing' AND level = 'critical'"
        " AND parent_id IS NULL AND silenced_by IS NULL"
    )
    return [row["rule"] for row in rows]


async def test_with_telegram_down_for_hours_there_is_a_mail_and_later_a_message_and_one_end(
    scene, office
):
    await place(scene.api, scene.hub, "H1")
    scene.later(hours=3)
    away = [RemoteUnavailable("no answer") for _ in range(1000)]
    scene.chat.fails = away
    await minutes(scene, 30)
    assert "order_not_taken" in await critical(scene)
    assert scene.chat.sayings == []
    told = len(office.letters)
    assert 1 <= told <= 4
    (about,) = [letter for letter in office.letters if "order H1" in letter.text]
    scene.chat.fails = []
    await scene.sql("UPDATE queue_item SET due_at = now() WHERE queue = 'telegram_outbox'")
    await minutes(scene, 5)
    assert len([one for one in scene.chat.sayings if one.edit is None]) >= 1
    assert not [letter for letter in office.letters[told:] if "order H1" in letter.text]
    await make_ready(scene.api, scene.hub)
    await minutes(scene, 20)
    ends = office.letters[told:]
    assert all("🟢" in letter.read["Subject"] for letter in ends)
    (end,) = [letter for letter in ends if "order H1" in letter.text]
    assert about.read["Message-ID"] in end.read["References"]


async def test_while_telegram_works_nobody_writes_mail(scene, office):
    await place(scene.api, scene.hub, "H1")
    scene.later(hours=3)
    await minutes(scene, 12)
    assert await critical(scene)
    assert office.letters == []


async def test_without_a_bot_and_a_chat_the_webhook_hears_with_a_signature(scene):
    await scene.sql("UPDATE telegram_chat SET disabled_at = now(), disabled_reason = 'x'")
    key = base64.b64decode("k" * 32)
    async with far(says(500), says(204, b"")) as side, httpx.AsyncClient() as http:
        hub = quick(scene.hub, chat=None, ways={"webhook": Webhook(http, Hook(side.url, key))})
        scene.hub = hub
        await place(scene.api, hub, "H1")
        scene.later(hours=3)
        await minutes(scene, 8)
        first, again = (side.headers(n)["webhook-id"] for n in (0, 1))
        assert first == again
        body = json.loads(side.body(1))
    assert "H1" in [begun["order"] for begun in body["data"]["began"]]
    assert len(side.requests) <= 4
