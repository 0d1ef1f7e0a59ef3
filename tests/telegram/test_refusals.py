"""Refusals that the stand-in does not know: what Telegram says of a chat's or a form's limits."""

import json

import pytest
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.errors import RemoteRefused
from app.ports import Saying
from app.sandbox.telegram import params
from app.telegram.sender import sender
from tests.conftest import CREDENTIALS, PATIENCE
from tests.sandbox.conftest import serving

GROUP = -1_000_000_000_321
TOKEN = CREDENTIALS["telegram"]["token"]


class Strict:
    """Telegram that refuses a method by what it is given: `said` answers with why, or None."""

    def __init__(self, said):
        self.said, self.calls = said, []

    async def answer(self, request):
        given = await params.read(request)
        method = request.path_params["method"]
        self.calls.append((method, given))
        why = self.said(method, given)
        if why is not None:
            body = {"ok": False, "error_code": 400, "description": f"Bad Request: {why}"}
            return JSONResponse(body, 400)
        chat = {"id": GROUP, "type": "supergroup", "title": "Group"}
        sent = {"message_id": 77, "date": 1, "chat": chat, "text": "x"}
        return JSONResponse({"ok": True, "result": sent})


async def tell(saying, said):
    """The id it was said under, and the calls that took."""
    strict = Strict(said)
    app = Starlette(routes=[Route("/{bot}/{method}", strict.answer, methods=["POST"])])
    async with serving(app) as url, sender(TOKEN, url, PATIENCE) as way:
        return await way.tell(saying), strict.calls


@pytest.mark.parametrize("why", ["TOPIC_CLOSED", "message thread not found"])
async def test_an_edit_in_a_closed_topic_is_said_anew_outside_of_it(why):
    """Otherwise nobody would ever read how the incident ended."""
    id_, calls = await tell(
        Saying(GROUP, "over", edit=5, thread_id=7),
        lambda method, given: why if method == "editMessageText" else None,
    )
    assert id_ == 77
    assert calls[-1][0] == "sendMessage"
    assert "message_thread_id" not in calls[-1][1]


@pytest.mark.parametrize(
    "why",
    [
        "not enough rights to send photos to the chat",
        "CHAT_SEND_PHOTOS_FORBIDDEN",
        "PHOTO_INVALID_DIMENSIONS",
        "IMAGE_PROCESS_FAILED",
    ],
)
async def test_where_no_picture_may_be_sent_its_words_are(why):
    id_, calls = await tell(
        Saying(GROUP, "<b>the day</b>", photo=b"\x89PNG"),
        lambda method, _given: why if method == "sendPhoto" else None,
    )
    assert id_ == 77
    assert (calls[-1][0], calls[-1][1]["text"]) == ("sendMessage", "<b>the day</b>")


@pytest.mark.parametrize("why", ["MESSAGE_TOO_LONG", "message is too long"])
async def test_an_edit_that_is_too_long_is_cut_however_telegram_puts_it(why):
    _, calls = await tell(
        Saying(GROUP, "🙂" * 3000, edit=5),
        lambda _method, given: why if len(given["text"].encode("utf-16-le")) > 8192 else None,
    )
    assert len(calls) == 2
    assert calls[-1][1]["text"].endswith("…")


async def test_a_caption_that_is_too_long_is_cut_however_telegram_puts_it():
    def said(_method, given):
        return "MEDIA_CAPTION_TOO_LONG" if len(given["caption"]) > 1024 else None

    _, calls = await tell(Saying(GROUP, "x" * 2000, photo=b"\x89PNG"), said)
    assert len(calls[-1][1]["caption"]) == 1024


async def test_a_button_whose_address_telegram_does_not_take_is_left_out():
    keyboard = ((("Ack", "a:00:1"), ("Open", "https://hub:8443/portal")),)

    def said(_method, given):
        return "BUTTON_URL_INVALID" if "https://" in given["reply_markup"] else None

    _, calls = await tell(Saying(GROUP, "x", keyboard=keyboard), said)
    rows = json.loads(calls[-1][1]["reply_markup"])["inline_keyboard"]
    assert [button["text"] for row in rows for button in row] == ["Ack"]


async def test_a_refusal_of_something_else_is_a_refusal():
    with pytest.raises(RemoteRefused, match=r"(?i)something new"):
        await tell(Saying(GROUP, "x"), lambda _method, _given: "something new")
