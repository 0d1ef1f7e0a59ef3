"""The page of the chats: its languages, its feed, and what must not get into it."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from app.sandbox.credentials import CHAT_ID
from tests.sandbox.conftest import Bench


async def send(bench: Bench, text: str, **more: Any) -> dict[str, Any]:
    token = bench.credentials["telegram"]["token"]
    call = {"chat_id": CHAT_ID, "text": text, "parse_mode": "HTML", **more}
    answer = await bench.http.post(f"/telegram/bot{token}/sendMessage", json=call)
    assert answer.status_code == 200, answer.text
    return dict(answer.json()["result"])


@pytest.mark.parametrize(
    ("accepted", "language", "words"),
    [
        ("ru-RU,ru;q=0.9,en;q=0.8", "ru", "Чаты"),
        ("en-US,en;q=0.9", "en", "Chats"),
        ("de-DE,ru;q=0.5", "ru", "Чаты"),
        ("", "en", "Chats"),
    ],
)
async def test_the_page_speaks_the_readers_language(
    bench: Bench, accepted: str, language: str, words: str
):
    answer = await bench.http.get("/telegram/", headers={"Accept-Language": accepted})
    assert answer.status_code == 200
    assert f'<html lang="{language}">' in answer.text
    assert f"<h1>{words}</h1>" in answer.text
    assert "default-src 'self'" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", ["_page.css", "_page.js"])
async def test_the_pages_files_are_served(bench: Bench, name: str):
    assert (await bench.http.get(f"/telegram/{name}")).status_code == 200


async def test_the_feed_shows_messages_with_safe_markup_and_buttons(bench: Bench):
    keys = {"inline_keyboard": [[{"text": "Принять", "callback_data": "a"}]]}
    await send(bench, "<b>1 &lt; 2</b> &lt;script&gt;", reply_markup=keys)
    chat = (await bench.http.get("/telegram/_feed")).json()["chats"][0]
    message = chat["messages"][0]
    assert message["html"] == "<b>1 &lt; 2</b> &lt;script&gt;"
    assert message["keyboard"] == [[{"text": "Принять", "url": None}]]
    assert (message["bot"], message["edited"]) == (True, None)


async def test_the_feed_answers_as_soon_as_there_is_news(bench: Bench):
    version = (await bench.http.get("/telegram/_feed")).json()["version"]
    waiting = asyncio.create_task(bench.http.get(f"/telegram/_feed?after={version}"))
    await asyncio.sleep(0.02)
    assert not waiting.done()
    await send(bench, "news")
    assert (await waiting).json()["chats"][0]["messages"][0]["preview"] == "news"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("_press", {"chat_id": str(CHAT_ID), "message_id": 1, "row": 0, "column": 0}),
        ("_press", {"chat_id": "1", "message_id": 1, "row": 0, "column": 0}),
        ("_press", {}),
        ("_write", {"chat_id": str(CHAT_ID), "text": "  "}),
        ("_write", {"chat_id": str(CHAT_ID), "text": "x", "person": 9}),
        ("_write", []),
    ],
)
async def test_an_impossible_gesture_is_answered_400(bench: Bench, path: str, body: Any):
    assert (await bench.http.post(f"/telegram/{path}", json=body)).status_code == 400


async def test_a_press_on_a_button_that_is_gone_is_answered_400(bench: Bench):
    sent = await send(bench, "no buttons")
    where = {"chat_id": str(CHAT_ID), "message_id": sent["message_id"], "row": 0, "column": 0}
    assert (await bench.http.post("/telegram/_press", json=where)).status_code == 400


async def test_a_long_chat_forgets_its_oldest_messages(bench: Bench):
    switches = {"switches": {"unlimited": True}}
    await bench.http.post("/telegram/_control", json=switches)
    for number in range(510):
        await send(bench, f"{number}")
    state = (await bench.http.get("/telegram/_state")).json()
    texts = [row["text"] for row in state["chats"][0]["messages"]]
    assert texts == [str(number) for number in range(10, 510)]
