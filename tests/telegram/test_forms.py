"""Every form a message may take, by the real library, as the stand-in takes it."""

import struct
import zlib

import httpx
import pytest

from app.errors import ChatLost, ChatMoved, RemoteRefused, TokenUnknown
from app.ports import Saying
from app.sandbox.server import create_app
from app.sandbox.settings import SandboxSettings
from app.telegram.sender import sender
from tests.conftest import CREDENTIALS, PATIENCE
from tests.sandbox.conftest import serving

CHAT = CREDENTIALS["telegram"]["chat_id"]
TOKEN = CREDENTIALS["telegram"]["token"]
KEYBOARD = ((("Ack", "a:00:1"), ("Open", "https://hub.example/portal")), (("Mute", "m30:00:1"),))


def png(width=40, height=30):
    """A white picture."""

    def chunk(kind, data):
        body = kind + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    rows = (b"\x00" + b"\xff" * width) * height
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        [chunk(b"IHDR", head), chunk(b"IDAT", zlib.compress(rows)), chunk(b"IEND", b"")]
    )


@pytest.fixture
async def telegram():
    nobody = httpx.MockTransport(lambda _request: httpx.Response(503))
    app = create_app(CREDENTIALS, SandboxSettings(rate=0.0), nobody)
    async with (
        serving(app) as url,
        httpx.AsyncClient(base_url=f"{url}/telegram", timeout=PATIENCE) as client,
    ):
        await client.post("/_control", json={"switches": {"unlimited": True}})
        yield client


@pytest.fixture
async def way(telegram):
    async with sender(TOKEN, str(telegram.base_url).rstrip("/"), PATIENCE) as opened:
        yield opened


async def messages(telegram, chat_id=CHAT):
    chats = (await telegram.get("/_state")).json()["chats"]
    return next(chat["messages"] for chat in chats if chat["id"] == chat_id)


async def test_buttons_come_with_a_message_and_go_with_an_edit_that_has_none(telegram, way):
    id_ = await way.tell(Saying(CHAT, "one", keyboard=KEYBOARD))
    (shown,) = await messages(telegram)
    rows = shown["reply_markup"]["inline_keyboard"]
    assert [[button["text"] for button in row] for row in rows] == [["Ack", "Open"], ["Mute"]]
    assert rows[0][1]["url"] == "https://hub.example/portal"
    await way.tell(Saying(CHAT, "over", edit=id_))
    (shown,) = await messages(telegram)
    assert (shown["text"], shown["reply_markup"]) == ("over", None)


async def test_a_text_that_is_too_long_is_cut_as_plain_text_and_not_lost(telegram, way):
    await way.tell(Saying(CHAT, "<b>" + "🔴&amp;" * 3000 + "</b>"))
    (shown,) = await messages(telegram)
    assert shown["text"].startswith("🔴&🔴&")
    assert shown["text"].endswith("…")
    assert len(shown["text"].encode("utf-16-le")) <= 2 * 4096


async def test_an_edit_that_is_too_long_is_cut_as_well(telegram, way):
    id_ = await way.tell(Saying(CHAT, "short"))
    assert await way.tell(Saying(CHAT, "<i>" + "x" * 5000 + "</i>", edit=id_)) == id_
    (shown,) = await messages(telegram)
    assert len(shown["text"]) == 4096


async def test_a_picture_has_a_caption_and_a_caption_that_is_too_long_is_cut(telegram, way):
    await way.tell(Saying(CHAT, "<b>day</b>", photo=png(), silent=True))
    await way.tell(Saying(CHAT, "<b>" + "y" * 2000 + "</b>", photo=png()))
    first, second = await messages(telegram)
    assert first["text"] == "day"
    assert first["silent"]
    assert len(second["text"]) == 1024


async def test_a_reply_goes_to_its_message_and_is_said_also_when_that_is_gone(telegram, way):
    id_ = await way.tell(Saying(CHAT, "one"))
    await way.tell(Saying(CHAT, "two", reply_to=id_))
    await way.tell(Saying(CHAT, "three", reply_to=id_ + 1000))
    shown = await messages(telegram)
    assert [one["text"] for one in shown] == ["one", "two", "three"]
    assert shown[1]["reply_to"] == id_


async def test_what_was_for_a_topic_that_is_gone_is_said_without_one(telegram, way):
    forum = -1_000_000_000_321
    await telegram.post("/_control", json={"add": [{"id": forum, "title": "Forum"}]})
    await way.tell(Saying(forum, "here", thread_id=999))
    (shown,) = await messages(telegram, forum)
    assert shown["text"] == "here"
    assert "thread" not in shown


async def test_a_topic_that_is_there_gets_its_messages_and_a_closed_one_none(telegram, way):
    forum = -1_000_000_000_321
    topic = {"chat_id": forum, "thread_id": 7, "title": "Store"}
    add = {"add": [{"id": forum, "title": "Forum"}], "topics": [topic]}
    assert (await telegram.post("/_control", json=add)).status_code == 200
    await way.tell(Saying(forum, "here", thread_id=7))
    await telegram.post("/_control", json={"topics": [topic | {"closed": True}]})
    await way.tell(Saying(forum, "there", thread_id=7))
    shown = await messages(telegram, forum)
    said = [(one["text"], one.get("thread")) for one in shown if one["by_bot"] and one["text"]]
    assert said == [("here", 7), ("there", None)]


async def test_what_is_wrong_with_a_chat_is_told_by_kind(telegram, way):
    with pytest.raises(ChatLost, match="not found"):
        await way.tell(Saying(-42, "hello"))
    await telegram.post("/_control", json={"block": [CHAT]})
    with pytest.raises(ChatLost, match="kicked"):
        await way.tell(Saying(CHAT, "hello"))
    new = -1_000_000_000_999
    order = {"unblock": [CHAT], "migrate": [{"chat_id": CHAT, "to": new}]}
    await telegram.post("/_control", json=order)
    with pytest.raises(ChatMoved) as moved:
        await way.tell(Saying(CHAT, "hello"))
    assert moved.value.chat_id == new


async def test_a_form_that_nothing_mends_is_a_refusal(way):
    with pytest.raises(RemoteRefused, match="empty"):
        await way.tell(Saying(CHAT, "   "))
    with pytest.raises(RemoteRefused, match=r"(?i)button_data_invalid"):
        await way.tell(Saying(CHAT, "hello", keyboard=((("Ack", "x" * 65),),)))


async def test_an_unknown_token_is_nobodys_fault_and_asks_for_minutes(telegram):
    async with sender("1:wrong", str(telegram.base_url).rstrip("/"), PATIENCE) as way:
        with pytest.raises(TokenUnknown) as unknown:
            await way.tell(Saying(CHAT, "hello"))
    assert unknown.value.after >= 60
