"""Pictures and topics of the Bot API, through the real python-telegram-bot."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from PIL import Image
from telegram import ReplyParameters
from telegram.error import BadRequest, Forbidden

from app.sandbox.credentials import CHAT_ID
from tests.sandbox.test_bot_api import KEYS, Line
from tests.sandbox.test_bot_api import line as line  # noqa: PLC0414 - a fixture


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 30)) -> bytes:
    made = io.BytesIO()
    Image.effect_noise(size, 50).save(made, kind)  # noise: every byte that a form could hurt
    return made.getvalue()


def only_head(width: int, height: int) -> bytes:
    chunk = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    sum_ = struct.pack(">I", zlib.crc32(chunk))
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + sum_


async def only_chat(line: Line):
    return (await line.bench.http.get("/telegram/_feed")).json()["chats"][0]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_a_picture_arrives_byte_for_byte_with_caption_keyboard_and_topic(line, kind):
    await line.set(topics=[{"chat_id": CHAT_ID, "thread_id": 5, "title": "Итоги дня"}])
    sent_bytes = picture(kind)
    first = await line.bot.send_message(CHAT_ID, "x", message_thread_id=5)
    sent = await line.bot.send_photo(
        CHAT_ID,
        sent_bytes,
        caption="<b>День</b> &amp; ночь",
        parse_mode="HTML",
        reply_markup=KEYS,
        message_thread_id=5,
        disable_notification=True,
        reply_parameters=ReplyParameters(first.message_id),
    )
    assert (sent.caption, sent.text) == ("День & ночь", None)
    assert sent.caption_entities[0].type == "bold"
    assert (sent.photo[0].width, sent.photo[0].height) == (40, 30)
    assert sent.photo[0].file_size == len(sent_bytes)
    chat = await only_chat(line)
    shown = chat["messages"][1]
    assert shown["html"] == "<b>День</b> &amp; ночь"
    assert (shown["topic"], shown["silent"], shown["reply"]) == ("Итоги дня", True, "x")
    assert shown["photo"] == {"width": 40, "height": 30, "gone": False}
    got = await line.bench.http.get(f"/telegram/_photo/{CHAT_ID}/{sent.message_id}")
    assert got.content == sent_bytes
    assert got.headers["Content-Type"] == f"image/{kind.lower()}"


async def test_a_caption_is_edited_and_a_pictures_text_is_not(line):
    sent = await line.bot.send_photo(CHAT_ID, picture(), caption="one")
    assert (await sent.edit_caption("two")).caption == "two"
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_caption("two")
    with pytest.raises(BadRequest, match="There is no text in the message to edit"):
        await line.bot.edit_message_text("three", CHAT_ID, sent.message_id)
    said = await line.bot.send_message(CHAT_ID, "words")
    with pytest.raises(BadRequest, match="There is no caption in the message to edit"):
        await said.edit_caption("no")


async def test_a_caption_has_1024_characters_without_its_markup(line):
    await line.bot.send_photo(CHAT_ID, picture(), caption=f"<i>{'я' * 1024}</i>", parse_mode="HTML")
    with pytest.raises(BadRequest, match="Message caption is too long"):
        await line.bot.send_photo(CHAT_ID, picture(), caption="я" * 1025)
    with pytest.raises(BadRequest, match="Can't parse entities"):
        await line.bot.send_photo(CHAT_ID, picture(), caption="<b>", parse_mode="HTML")
    assert (await line.bot.send_photo(CHAT_ID, picture())).caption is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not a picture", "Image_process_failed"),
        (picture()[:20], "Image_process_failed"),
        (picture("JPEG")[:10], "Image_process_failed"),
        (only_head(0, 5), "Image_process_failed"),
        (only_head(2100, 100), "Photo_invalid_dimensions"),
        (only_head(9000, 1001), "Photo_invalid_dimensions"),
        ("AgACAgIAAxkBAAIB", "Wrong remote file id"),
    ],
)
async def test_what_is_no_picture_is_refused(line, content, words):
    with pytest.raises(BadRequest, match=words):
        await line.bot.send_photo(CHAT_ID, content)


async def test_a_form_that_cannot_be_read_is_refused(line):
    url = f"/telegram/bot{line.bot.token}/sendPhoto"
    for kind in ("multipart/form-data", "multipart/form-data; boundary=x"):
        answer = await line.bench.http.post(url, content=b"--", headers={"Content-Type": kind})
        assert answer.status_code == 400


async def test_old_pictures_are_not_kept_for_ever(line):
    sent = [await line.bot.send_photo(CHAT_ID, picture()) for _ in range(31)]
    shown = [message["photo"]["gone"] for message in (await only_chat(line))["messages"]]
    assert shown == [True] + [False] * 30
    assert sent[0].photo[0].width == 40


async def test_a_topic_that_is_not_there_or_closed_takes_no_message(line):
    with pytest.raises(BadRequest, match="Message thread not found"):
        await line.bot.send_message(CHAT_ID, "x", message_thread_id=7)
    await line.set(topics=[{"chat_id": CHAT_ID, "thread_id": 7, "title": "Склад"}])
    sent = await line.bot.send_message(CHAT_ID, "x", message_thread_id=7)
    assert (sent.message_thread_id, sent.is_topic_message, sent.chat.is_forum) == (7, True, True)
    await line.set(topics=[{"chat_id": CHAT_ID, "thread_id": 7, "title": "Склад", "closed": True}])
    with pytest.raises(BadRequest, match="Topic_closed"):
        await line.bot.send_message(CHAT_ID, "x", message_thread_id=7)
    await line.set(topics=[{"chat_id": CHAT_ID, "thread_id": 7, "deleted": True}])
    with pytest.raises(BadRequest, match="Message thread not found"):
        await line.bot.send_message(CHAT_ID, "x", message_thread_id=7)


async def test_the_bot_opens_a_topic_in_a_forum_only(line):
    with pytest.raises(BadRequest, match="The chat is not a forum"):
        await line.bot.create_forum_topic(CHAT_ID, "Ночь")
    await line.set(topics=[{"chat_id": CHAT_ID, "thread_id": 7, "title": "День"}])
    made = await line.bot.create_forum_topic(CHAT_ID, "Ночь")
    await line.bot.send_message(CHAT_ID, "x", message_thread_id=made.message_thread_id)
    assert (await only_chat(line))["messages"][0]["topic"] == "Ночь"


async def test_a_picture_for_a_chat_that_blocked_the_bot_is_forbidden(line):
    await line.set(block=[CHAT_ID])
    with pytest.raises(Forbidden):
        await line.bot.send_photo(CHAT_ID, picture())


async def test_the_menu_of_commands_is_kept_by_language(line):
    await line.bot.set_my_commands([("status", "Что происходит")], language_code="ru")
    with pytest.raises(BadRequest, match="Bot_command_invalid"):
        await line.bot.set_my_commands([("Status!", "x")])


async def test_a_bot_is_added_to_a_group_sent_away_and_told_when_it_moves(line):
    await line.set(join=[{"id": -7, "title": "Новая"}])
    await line.bot.send_message(-7, "x")
    await line.set(leave=[-7], migrate=[{"chat_id": CHAT_ID, "to": -1002}])
    with pytest.raises(Forbidden):
        await line.bot.send_message(-7, "x")
    came, moved, left = await line.bot.get_updates()
    assert came.my_chat_member.new_chat_member.status == "member"
    assert left.my_chat_member.new_chat_member.status == "left"
    assert (moved.message.chat.id, moved.message.migrate_to_chat_id) == (CHAT_ID, -1002)


async def test_in_a_private_chat_it_is_always_its_person_who_writes_and_presses(line):
    await line.set(add=[{"id": 700000002, "title": "Борис"}, {"id": 55, "title": "Никто"}])
    for chat_id in (700000002, 55):
        said = {"chat_id": str(chat_id), "text": "/start", "person": 0}
        await line.bench.http.post("/telegram/_write", json=said)
    updates = await line.bot.get_updates()
    assert [one.message.from_user.id for one in updates] == [700000002, 55]


async def test_a_person_writes_into_a_topic_and_anything_can_be_sent_to_the_bot(line):
    await line.set(topics=[{"chat_id": CHAT_ID, "thread_id": 7, "title": "Смена"}])
    said = {"chat_id": str(CHAT_ID), "text": "/status", "person": 0, "thread": 7}
    await line.bench.http.post("/telegram/_write", json=said)
    await line.set(updates=[{"unheard_of": 1}])
    first, second = await line.bot.get_updates()
    assert (first.message.message_thread_id, first.message.is_topic_message) == (7, True)
    assert second.update_id == first.update_id + 1
