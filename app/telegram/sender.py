"""Carry messages to Telegram, with Telegram's errors told as ours."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape
from typing import Final

from telegram import (
    Bot,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    LinkPreviewOptions,
    Message,
    ReplyParameters,
)
from telegram.constants import ParseMode
from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import HTTPXRequest

from app.errors import (
    ChatLost,
    ChatMoved,
    HubError,
    RemoteBusy,
    RemoteRefused,
    RemoteUnavailable,
    TokenUnknown,
)
from app.ports import Keyboard, Saying

_TAG: Final = re.compile(r"<[^>]+>")
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
#: Seconds to leave a bot alone whose token Telegram does not know.
_TOKEN_PAUSE: Final = 300.0
#: UTF-16 units of a text, and of a picture's caption.
_TEXT, _CAPTION = 4096, 1024
#: What Telegram says of a chat that no message will ever reach.
_LOST: Final = (
    "chat not found", "peer_id_invalid", "chat_write_forbidden", "chat_restricted",
    "not enough rights to send text messages", "have no rights to send a message",
    "group chat was deactivated", "bot is not a member",
)  # fmt: skip
_GONE: Final = ("message to edit not found", "message can't be edited", "message_id_invalid")
_NO_TOPIC: Final = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
#: Of pictures: the chat takes none from us, or Telegram does not take this one.
_NO_PICTURE: Final = ("send photos", "send_photos", "send_media", "photo_", "image_process")
#: Ways around a refusal for one message: as new, without its topic, without its picture, as plain
#: text, cut, without addresses.
_MOST_TRIES: Final = 7


class TelegramSender:
    """Sends as one bot."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def tell(self, saying: Saying) -> int:
        """Send HTML, or edit an earlier message; the message's id.

        What Telegram refuses for its form is said in a plainer one. Raises ChatLost, ChatMoved,
        RemoteRefused, RemoteBusy (429, with the seconds to wait), TokenUnknown, RemoteUnavailable.
        """
        mode: str | None = ParseMode.HTML
        for _ in range(_MOST_TRIES):
            try:
                return await self._say(saying, mode)
            except BadRequest as error:  # a NetworkError to the library, a refusal to us
                said = error.message.lower()
                if "not modified" in said and saying.edit is not None:
                    return saying.edit
                mended = _mended(said, saying, mode)
                if mended is None:
                    raise _refusal(error) from error
                saying, mode = mended
            except TelegramError as error:
                raise _ours(error) from error
        raise RemoteRefused("Telegram takes this message in no form")

    async def _say(self, saying: Saying, mode: str | None) -> int:
        if saying.edit is None:
            return (await self._send(saying, mode)).message_id
        await self._bot.edit_message_text(
            saying.text, saying.chat_id, saying.edit, parse_mode=mode,
            link_preview_options=_NO_PREVIEW, reply_markup=_markup(saying.keyboard),
        )  # fmt: skip
        return saying.edit

    async def _send(self, saying: Saying, mode: str | None) -> Message:
        reply = None
        if saying.reply_to is not None:
            reply = ReplyParameters(saying.reply_to, allow_sending_without_reply=True)
        if saying.photo is not None:
            return await self._bot.send_photo(
                saying.chat_id, saying.photo, caption=saying.text, parse_mode=mode,
                disable_notification=saying.silent, message_thread_id=saying.thread_id,
                reply_parameters=reply, reply_markup=_markup(saying.keyboard),
            )  # fmt: skip
        return await self._bot.send_message(
            saying.chat_id, saying.text, parse_mode=mode, disable_notification=saying.silent,
            message_thread_id=saying.thread_id, link_preview_options=_NO_PREVIEW,
            reply_parameters=reply, reply_markup=_markup(saying.keyboard),
        )  # fmt: skip


def _markup(keyboard: Keyboard) -> InlineKeyboardMarkup | None:
    if not keyboard:
        return None
    return InlineKeyboardMarkup([[_button(*button) for button in row] for row in keyboard])


def _button(text: str, gives: str) -> InlineKeyboardButton:
    if gives.startswith(("https://", "http://")):
        return InlineKeyboardButton(text, url=gives)
    return InlineKeyboardButton(text, callback_data=gives)


def _mended(said: str, saying: Saying, mode: str | None) -> tuple[Saying, str | None] | None:
    """The same in a form that Telegram may take, None when there is none."""
    less = _less(said, saying)
    if less is not None:
        return less, mode
    if mode is not None and "can't parse entities" in said:
        return replace(saying, text=_plain(saying.text)), None
    if "too long" in said.replace("_", " "):
        text = _plain(saying.text) if mode else saying.text
        cut = _cut(text, _CAPTION if saying.photo is not None else _TEXT)
        return None if cut == saying.text else (replace(saying, text=cut), None)
    return None


def _less(said: str, saying: Saying) -> Saying | None:
    """The same without what Telegram does not take here: the message it was to replace, its topic,
    its picture, addresses behind buttons. None when none of that is refused."""
    if saying.edit is not None and any(words in said for words in _GONE):
        return replace(saying, edit=None)
    if saying.thread_id is not None and any(words in said for words in _NO_TOPIC):
        return replace(saying, thread_id=None, edit=None)  # in a closed one nothing can be edited
    if saying.photo is not None and any(words in said for words in _NO_PICTURE):
        return replace(saying, photo=None)
    if saying.keyboard and "button_url_invalid" in said:
        rows = tuple(tuple(one for one in row if "://" not in one[1]) for row in saying.keyboard)
        return replace(saying, keyboard=tuple(row for row in rows if row))
    return None


def _plain(text: str) -> str:
    return unescape(_TAG.sub("", text))


def _cut(text: str, most: int) -> str:
    """At most so many UTF-16 units, with a mark where it was cut."""
    units = text.encode("utf-16-le", "replace")
    if len(units) <= 2 * most:
        return text
    return units[: 2 * (most - 1)].decode("utf-16-le", "ignore") + "…"


def _refusal(error: BadRequest) -> RemoteRefused:
    said = error.message.lower()
    return (ChatLost if any(words in said for words in _LOST) else RemoteRefused)(error.message)


def _ours(error: TelegramError) -> HubError:
    """BadRequest and TimedOut are NetworkErrors, so the order of these lines matters."""
    if isinstance(error, RetryAfter):
        waits = error._retry_after  # noqa: SLF001 - `retry_after` warns that it will be a timedelta
        return RemoteBusy(after=waits.total_seconds())
    if isinstance(error, InvalidToken):
        return TokenUnknown(after=_TOKEN_PAUSE)
    if isinstance(error, ChatMigrated):
        return ChatMoved(error.new_chat_id)
    if isinstance(error, Forbidden):
        return ChatLost(error.message)
    if isinstance(error, NetworkError):
        return RemoteUnavailable(error.message, ambiguous=isinstance(error, TimedOut))
    return RemoteUnavailable(error.message, ambiguous=True)


@asynccontextmanager
async def sender(token: str, api: str, patience: float = 10) -> AsyncIterator[TelegramSender]:
    """A sender while the block lasts; `patience`: seconds for an answer. Not `async with Bot(...)`:
    that calls getMe, and we must start while Telegram is away."""
    half = patience / 2
    async with HTTPXRequest(
        connect_timeout=half, read_timeout=patience, write_timeout=half
    ) as request:
        yield TelegramSender(
            Bot(token, base_url=f"{api}/bot", request=request, get_updates_request=request)
        )
