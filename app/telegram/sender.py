"""Carry messages to Telegram, with Telegram's errors told as ours."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from html import unescape
from typing import Final

from telegram import Bot, LinkPreviewOptions
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

from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from app.ports import Saying

_TAG: Final = re.compile(r"<[^>]+>")
_NO_PREVIEW: Final = LinkPreviewOptions(is_disabled=True)
#: Seconds to leave a bot alone whose token Telegram does not know.
_TOKEN_PAUSE: Final = 300.0


class TelegramSender:
    """Sends as one bot."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot

    async def tell(self, saying: Saying) -> int:
        """Send HTML, or edit an earlier message; the message's id.

        Raises RemoteBusy (429, with the seconds to wait), RemoteUnavailable, RemoteRefused.
        """
        try:
            return await self._say(saying, ParseMode.HTML)
        except BadRequest as error:  # a NetworkError to the library, a refusal to us
            return await self._after_refusal(error, saying)
        except TelegramError as error:
            raise _ours(error) from error

    async def _after_refusal(self, error: BadRequest, saying: Saying) -> int:
        said = error.message.lower()
        try:
            if "not modified" in said and saying.edit is not None:
                return saying.edit
            if "message to edit not found" in said or "can't be edited" in said:
                return await self._say(replace(saying, edit=None), ParseMode.HTML)
            if "can't parse entities" in said:
                plain = unescape(_TAG.sub("", saying.text))
                return await self._say(replace(saying, text=plain), None)
        except TelegramError as again:
            raise _ours(again) from again
        raise RemoteRefused(error.message) from error

    async def _say(self, saying: Saying, mode: str | None) -> int:
        if saying.edit is None:
            message = await self._bot.send_message(
                saying.chat_id,
                saying.text,
                parse_mode=mode,
                disable_notification=saying.silent,
                message_thread_id=saying.thread_id,
                link_preview_options=_NO_PREVIEW,
            )
            return message.message_id
        await self._bot.edit_message_text(
            saying.text,
            saying.chat_id,
            saying.edit,
            parse_mode=mode,
            link_preview_options=_NO_PREVIEW,
        )
        return saying.edit


def _ours(error: TelegramError) -> RemoteRefused | RemoteUnavailable:
    """BadRequest and TimedOut are NetworkErrors, so the order of these lines matters."""
    if isinstance(error, RetryAfter):
        waits = error._retry_after  # noqa: SLF001 - `retry_after` warns that it will be a timedelta
        return RemoteBusy(after=waits.total_seconds())
    if isinstance(error, InvalidToken):
        return RemoteUnavailable("Telegram does not know this bot's token", after=_TOKEN_PAUSE)
    if isinstance(error, BadRequest | Forbidden):
        return RemoteRefused(error.message)
    if isinstance(error, ChatMigrated):
        return RemoteRefused(f"the chat is now {error.new_chat_id}: set it for the store")
    if isinstance(error, NetworkError):
        return RemoteUnavailable(error.message, ambiguous=isinstance(error, TimedOut))
    return RemoteUnavailable(error.message, ambiguous=True)


@asynccontextmanager
async def sender(token: str, api: str) -> AsyncIterator[TelegramSender]:
    """A sender while the block lasts. Not `async with Bot(...)`: that calls getMe, and we must
    start while Telegram is away."""
    async with HTTPXRequest(connect_timeout=5, read_timeout=10) as request:
        yield TelegramSender(
            Bot(token, base_url=f"{api}/bot", request=request, get_updates_request=request)
        )
