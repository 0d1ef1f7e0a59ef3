"""What Telegram pushes is let in by two secrets, stored as it came, once, and answered 200."""

import asyncio
import json

import pytest

from app.db import telegram_updates

PATH, TOKEN = "p" * 43, "t" * 43
HEADER = {"X-Telegram-Bot-Api-Secret-Token": TOKEN}


@pytest.fixture
async def hooked(pool):
    async with pool.acquire() as conn:
        post = await telegram_updates.take(conn, 77, "test", 30)
        await telegram_updates.prepare_hook(conn, post, PATH, TOKEN)
    return pool


async def push(api, content, path=PATH, headers=HEADER):
    return await api.post(f"/telegram/{path}", content=content, headers=headers)


async def stored(pool):
    rows = await pool.fetch("SELECT bot_id, update_id, body FROM telegram_update ORDER BY 2")
    return [(row["bot_id"], row["update_id"], bytes(row["body"])) for row in rows]


async def test_an_update_is_stored_as_it_came_and_once(api, hooked):
    body = b'{"update_id": 5,  "message": {"text": "\\u0000\\ud800"}}'
    for _ in range(3):
        answer = await push(api, body)
        assert (answer.status_code, answer.content) == (200, b"")
    assert await stored(hooked) == [(77, 5, body)]


async def test_many_at_once_are_all_kept(api, hooked):
    bodies = [json.dumps({"update_id": number}).encode() for number in range(30)]
    answers = await asyncio.gather(*(push(api, body) for body in bodies * 2))
    assert {answer.status_code for answer in answers} == {200}
    assert [row[1] for row in await stored(hooked)] == list(range(30))


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        ("x" * 43, HEADER),
        (PATH, {}),
        (PATH, {"X-Telegram-Bot-Api-Secret-Token": ""}),
        (PATH, {"X-Telegram-Bot-Api-Secret-Token": "x" * 43}),
        (PATH, {"X-Telegram-Bot-Api-Secret-Token": b"\xff\xfe"}),
        (PATH.upper(), HEADER),
        (TOKEN, {"X-Telegram-Bot-Api-Secret-Token": PATH}),
        ("%00", HEADER),
        ("%ED%A0%80", HEADER),
    ],
    ids=repr,
)
async def test_who_does_not_know_both_secrets_finds_nothing_here(api, hooked, path, headers):
    answer = await push(api, b'{"update_id": 5}', path, headers)
    assert answer.status_code == 404
    assert await stored(hooked) == []


async def test_without_a_webhook_there_is_nothing_here(api, pool):
    assert (await push(api, b'{"update_id": 5}')).status_code == 404


@pytest.mark.parametrize(
    "body",
    [b"", b"\xff", b"[]", b"{}", b'{"update_id": -1}', b'{"update_id": "5"}', b"1e999",
     b'{"update_id": 9223372036854775808}', b"[" * 100_000, b'{"update_id": null}'],
    ids=lambda body: repr(body[:30]),
)  # fmt: skip
async def test_what_is_no_update_is_not_kept_and_not_sent_again(api, hooked, body):
    assert (await push(api, body)).status_code == 200
    assert await stored(hooked) == []


async def test_a_body_that_is_too_large_is_refused(api, hooked):
    assert (await push(api, b"x" * 300_000)).status_code == 413
