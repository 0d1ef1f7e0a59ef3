"""The real python-telegram-bot works against the stand-in, and meets Telegram's refusals there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx
import pytest
from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    ReplyParameters,
    Update,
)
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
)
from telegram.request import HTTPXRequest

from app.sandbox.credentials import CHAT_ID
from app.sandbox.telegram.limits import Limits
from tests.sandbox.conftest import QUICK, Bench, bench_of, serving, until

FREE = Limits(per_chat=1e6, chat_burst=10**6, per_group=1e6, group_burst=10**6)
KEYS = InlineKeyboardMarkup([[InlineKeyboardButton("Принять", callback_data="a:1:1")]])


class Line:
    """A bench with its Telegram on a real socket, and python-telegram-bot connected to it."""

    def __init__(self, bench: Bench, url: str, bot: Bot) -> None:
        self.bench, self.url, self.bot = bench, url, bot

    async def set(self, **order: Any) -> None:
        answer = await self.bench.http.post("/telegram/_control", json=order)
        assert answer.status_code == 200, answer.text

    async def chat(self, chat_id: int = CHAT_ID) -> dict[str, Any]:
        state = (await self.bench.http.get("/telegram/_state")).json()
        return next(row for row in state["chats"] if row["id"] == chat_id)

    async def polling(self) -> asyncio.Task[tuple[Update, ...]]:
        """The bot asks for updates, and waits for some."""
        updates = self.bench.app.state.bot.updates
        before = updates._poll
        asking = asyncio.create_task(self.bot.get_updates(timeout=45))
        await until(lambda: updates._poll > before)
        return asking

    async def press(self, message_id: int, column: int = 0) -> httpx.Response:
        where = {"chat_id": str(CHAT_ID), "message_id": message_id, "row": 0, "column": column}
        return await self.bench.http.post("/telegram/_press", json=where)


@pytest.fixture(autouse=True)
def _seconds_as_timedelta(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask the library for what its next version does, instead of a warning."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")


def patient(token: str, api: str) -> Bot:
    """A bot that waits for answers: only the stand-in's own words matter here."""
    asking, polling = (
        HTTPXRequest(connect_timeout=60, read_timeout=60, write_timeout=60, pool_timeout=60)
        for _ in range(2)
    )
    return Bot(token, base_url=api, request=asking, get_updates_request=polling)


@pytest.fixture
async def line() -> AsyncIterator[Line]:
    settings = replace(QUICK, limits=FREE)
    async with bench_of(settings) as bench, serving(bench.app) as url:
        token = bench.credentials["telegram"]["token"]
        async with patient(token, f"{url}/telegram/bot") as bot:
            yield Line(bench, url, bot)


async def test_the_bot_knows_itself(line: Line):
    assert line.bot.username == "order_hub_test_bot"


async def test_a_message_arrives_with_its_markup_keyboard_thread_and_silence(line: Line):
    await line.set(topics=[{"chat_id": CHAT_ID, "thread_id": 7, "title": "Качество"}])
    sent = await line.bot.send_message(
        CHAT_ID,
        "🔴 <b>Заказ</b> опаздывает",
        parse_mode="HTML",
        reply_markup=KEYS,
        message_thread_id=7,
        disable_notification=True,
    )
    assert sent.text == "🔴 Заказ опаздывает"
    assert sent.entities[0].type == "bold"
    assert sent.parse_entity(sent.entities[0]) == "Заказ"
    assert sent.reply_markup == KEYS
    message = (await line.chat())["messages"][0]
    assert message["raw"] == "🔴 <b>Заказ</b> опаздывает"
    assert (message["thread"], message["silent"]) == (7, True)


async def test_a_message_is_edited_in_place_and_loses_its_keyboard(line: Line):
    sent = await line.bot.send_message(CHAT_ID, "🔴 горит", reply_markup=KEYS)
    edited = await sent.edit_text("🟢 решено")
    assert edited.reply_markup is None
    message = (await line.chat())["messages"][0]
    assert (message["text"], message["earlier"]) == ("🟢 решено", ["🔴 горит"])
    with pytest.raises(BadRequest, match="Message is not modified"):
        await sent.edit_text("🟢 решено")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("<b>x", "Can't parse entities: can't find end tag"),
        ("a < b", "Can't parse entities"),
        ("", "Message text is empty"),
        (" \n", "Message text is empty"),
        ("<b></b>", "Message text is empty"),
        ("я" * 4097, "Message is too long"),
        ("😀" * 2049, "Message is too long"),
    ],
)
async def test_a_bad_text_is_refused(line: Line, text: str, words: str):
    with pytest.raises(BadRequest, match=words):
        await line.bot.send_message(CHAT_ID, text, parse_mode="HTML")


async def test_the_longest_text_is_counted_without_its_markup(line: Line):
    sent = await line.bot.send_message(CHAT_ID, "<b>" + "я" * 4096 + "</b>", parse_mode="HTML")
    assert len(sent.text or "") == 4096


async def test_an_unknown_chat_message_or_token_is_refused(line: Line):
    with pytest.raises(BadRequest, match="Chat not found"):
        await line.bot.send_message(12345, "x")
    with pytest.raises(BadRequest, match="Message to edit not found"):
        await line.bot.edit_message_text("x", CHAT_ID, 1)
    with pytest.raises(BadRequest, match="Message to be replied not found"):
        await line.bot.send_message(CHAT_ID, "x", reply_parameters=ReplyParameters(1))
    stranger = patient("1234567890:wrong", f"{line.url}/telegram/bot")
    with pytest.raises(InvalidToken):
        async with stranger:
            pass


async def test_a_wrong_token_hears_what_telegram_says(line: Line):
    answer = await line.bench.http.get("/telegram/bot1:x/getMe")
    assert answer.status_code == 401
    assert answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}


async def test_a_blocked_bot_is_forbidden_and_a_moved_group_says_where_to(line: Line):
    await line.set(add=[{"id": 42, "title": "Анна"}], block=[42])
    with pytest.raises(Forbidden, match="blocked by the user"):
        await line.bot.send_message(42, "x")
    await line.set(unblock=[42], migrate=[{"chat_id": CHAT_ID, "to": -1002}])
    await line.bot.send_message(42, "x")
    with pytest.raises(ChatMigrated) as moved:
        await line.bot.send_message(CHAT_ID, "x")
    assert moved.value.new_chat_id == -1002
    await line.bot.send_message(-1002, "x")


async def test_buttons_have_telegrams_limits(line: Line):
    for data in ("", "x" * 65):
        answer = await line.bench.http.post(
            f"/telegram/bot{line.bot.token}/sendMessage",
            json={
                "chat_id": CHAT_ID,
                "text": "x",
                "reply_markup": {"inline_keyboard": [[{"text": "k", "callback_data": data}]]},
            },
        )
        assert answer.json()["description"] == "Bad Request: BUTTON_DATA_INVALID"


async def test_too_many_messages_are_put_off_with_the_seconds_to_wait():
    async with bench_of(QUICK) as bench, serving(bench.app) as url:
        token = bench.credentials["telegram"]["token"]
        bench.app.state.bot.gate.clock = lambda: 1.0  # all of it within one moment
        async with patient(token, f"{url}/telegram/bot") as bot:
            for _ in range(3):
                await bot.send_message(CHAT_ID, "x")
            with pytest.raises(RetryAfter) as put_off:
                await bot.send_message(CHAT_ID, "x")
            assert put_off.value.retry_after == timedelta(seconds=1)
            answer = await bench.http.post(
                f"/telegram/bot{token}/sendMessage", data={"chat_id": CHAT_ID, "text": "x"}
            )
            assert answer.status_code == 429
            assert answer.json()["parameters"] == {"retry_after": 1}


async def test_faults_are_switched_on_for_the_next_few_calls(line: Line):
    await line.set(switches={"fail_next": {"count": 1, "status": 502}})
    with pytest.raises(NetworkError):
        await line.bot.send_message(CHAT_ID, "x")
    await line.set(switches={"fail_next": {"count": 1, "status": 429, "retry_after": 5}})
    with pytest.raises(RetryAfter):
        await line.bot.send_message(CHAT_ID, "x")
    await line.set(switches={"lose_next": 1})
    with pytest.raises(NetworkError):
        await line.bot.send_message(CHAT_ID, "lost and found")
    assert [row["text"] for row in (await line.chat())["messages"]] == ["lost and found"]
    answer = await line.bench.http.post("/telegram/_control", json={"switches": {"x": 1}})
    assert answer.status_code == 400


async def test_a_press_reaches_the_bot_by_polling_and_its_answer_the_page(line: Line):
    sent = await line.bot.send_message(CHAT_ID, "x", reply_markup=KEYS)
    polling = await line.polling()
    query_id = (await line.press(sent.message_id)).json()["query_id"]
    update = (await polling)[0]
    assert update.callback_query is not None
    assert update.callback_query.data == "a:1:1"
    assert update.callback_query.from_user.username == "anna_duty"
    await update.callback_query.answer("Принято")
    feed = (await line.bench.http.get("/telegram/_feed")).json()
    assert feed["presses"] == {query_id: {"text": "Принято", "alert": False}}
    with pytest.raises(BadRequest, match="Query is too old"):
        await update.callback_query.answer("ещё раз")
    assert await line.bot.get_updates(offset=update.update_id + 1) == ()


async def test_what_a_person_writes_reaches_the_bot_as_a_command(line: Line):
    written = {"chat_id": str(CHAT_ID), "text": "/status сейчас", "person": 1}
    await line.bench.http.post("/telegram/_write", json=written)
    update = (await line.bot.get_updates())[0]
    assert update.message is not None
    assert update.message.text == "/status сейчас"
    assert update.message.parse_entity(update.message.entities[0]) == "/status"
    assert update.message.from_user is not None
    assert update.message.from_user.username == "boris_senior"


async def test_two_pollers_find_out_about_each_other(line: Line):
    first = await line.polling()
    async with patient(line.bot.token, f"{line.url}/telegram/bot") as other:
        await other.get_updates(timeout=0)
    with pytest.raises(Conflict):
        await first


async def test_updates_are_pushed_to_the_webhook_with_its_secret(line: Line):
    hook = "https://hub.test/hooks/telegram"
    assert await line.bot.set_webhook(hook, secret_token="s3cret")
    with pytest.raises(Conflict):
        await line.bot.get_updates()
    written = {"chat_id": str(CHAT_ID), "text": "/status"}
    await line.bench.http.post("/telegram/_write", json=written)
    update = await line.bench.hub.next_update()
    assert update["message"]["text"] == "/status"
    assert line.bench.hub.secrets == ["s3cret"]
    assert await line.bot.delete_webhook()
    with pytest.raises(BadRequest, match="https url"):
        await line.bot.set_webhook("http://hub.test/")
