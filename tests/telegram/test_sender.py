"""The real library against the stand-in that keeps Telegram's rules."""

import httpx
import pytest

from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from app.ports import Saying
from app.sandbox.server import create_app
from app.sandbox.settings import SandboxSettings
from app.sandbox.telegram.limits import Limits
from app.telegram.sender import sender
from tests.conftest import CREDENTIALS, PATIENCE
from tests.sandbox.conftest import serving

CHAT = CREDENTIALS["telegram"]["chat_id"]
TOKEN = CREDENTIALS["telegram"]["token"]


@pytest.fixture
async def telegram():
    """The stand-in on a port of its own; its limits are those of the real one."""
    nobody = httpx.MockTransport(lambda _request: httpx.Response(503))  # no hub is called here
    app = create_app(CREDENTIALS, SandboxSettings(rate=0.0, limits=Limits()), nobody)
    async with (
        serving(app) as url,
        httpx.AsyncClient(base_url=f"{url}/telegram", timeout=PATIENCE) as client,
    ):
        yield client


async def shown(telegram):
    (chat,) = (await telegram.get("/_state")).json()["chats"]
    return [message["text"] for message in chat["messages"]]


async def test_a_message_is_sent_then_edited_and_an_equal_edit_is_no_fault(telegram):
    async with sender(TOKEN, str(telegram.base_url).rstrip("/"), PATIENCE) as chat:
        id_ = await chat.tell(Saying(CHAT, "<b>one</b>", edit=None, silent=False))
        assert await chat.tell(Saying(CHAT, "two", edit=id_, silent=True)) == id_
        assert await chat.tell(Saying(CHAT, "two", edit=id_, silent=True)) == id_
    assert await shown(telegram) == ["two"]


async def test_broken_html_is_sent_as_plain_text(telegram):
    async with sender(TOKEN, str(telegram.base_url).rstrip("/"), PATIENCE) as chat:
        await chat.tell(Saying(CHAT, "<b>5 &lt; 6</u>", edit=None, silent=False))
    assert await shown(telegram) == ["5 < 6"]


async def test_a_vanished_message_is_sent_anew(telegram):
    async with sender(TOKEN, str(telegram.base_url).rstrip("/"), PATIENCE) as chat:
        assert await chat.tell(Saying(CHAT, "here", edit=12345, silent=False)) != 12345
    assert await shown(telegram) == ["here"]


async def shout(chat):
    for number in range(40):
        await chat.tell(Saying(CHAT, f"{number}", edit=None, silent=False))


async def test_too_many_messages_are_told_to_wait_with_the_seconds(telegram):
    async with sender(TOKEN, str(telegram.base_url).rstrip("/"), PATIENCE) as chat:
        with pytest.raises(RemoteBusy) as busy:
            await shout(chat)
    assert busy.value.after > 0


async def test_a_chat_that_blocked_the_bot_or_does_not_exist_is_a_refusal(telegram):
    async with sender(TOKEN, str(telegram.base_url).rstrip("/"), PATIENCE) as chat:
        with pytest.raises(RemoteRefused, match="not found"):
            await chat.tell(Saying(-42, "hello", edit=None, silent=False))
        await telegram.post("/_control", json={"block": [CHAT]})
        with pytest.raises(RemoteRefused):
            await chat.tell(Saying(CHAT, "hello", edit=None, silent=False))


async def test_a_wrong_token_and_a_dead_address_heal_and_say_no_secret(telegram):
    for token, api in (
        ("1:wrong", str(telegram.base_url).rstrip("/")),
        (TOKEN, "http://127.0.0.1:9"),
    ):
        async with sender(token, api, PATIENCE) as chat:
            with pytest.raises(RemoteUnavailable) as away:
                await chat.tell(Saying(CHAT, "hello", edit=None, silent=False))
        assert token not in str(away.value)
