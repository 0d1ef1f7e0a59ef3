"""What people write and press in Telegram: fetched or pushed, read, answered."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from telegram import Bot, BotCommand
from telegram.error import BadRequest, Conflict, Forbidden, InvalidToken, RetryAfter, TelegramError
from telegram.request import HTTPXRequest

from app.domain.chat import Deed
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from app.ports import RawUpdate
from app.telegram.reading import read_update

#: What we ask Telegram for: nothing of it that we do not use.
WANTED: Final = ("message", "callback_query", "my_chat_member")
#: Seconds beyond those that Telegram was asked to wait.
_ROOM: Final = 6.0
#: Seconds to leave a bot alone whose token Telegram does not know.
_TOKEN_PAUSE: Final = 300.0
#: Seconds after which another that fetches the same bot's updates may be gone.
_CONFLICT_PAUSE: Final = 5.0
#: Eight people are answered at once, and the long question for news has one all the time. The
#: library waits a second for a free one, and gives a call up after that.
_CONNECTIONS: Final = 16
#: Not `getUpdates`: the library would read all of them at once, and fail with the worst.
_FETCH: Final = "getupdates"


class TelegramDesk:
    """The desk of one bot."""

    def __init__(self, bot: Bot) -> None:
        self._bot = bot
        self.bot_id = bot_id(bot.token)

    def read(self, body: bytes) -> Deed:
        """What an update says; Nothing for one that says nothing to us."""
        return read_update(body)

    async def username(self) -> str:
        """What the bot is called, without @."""
        return (await _told(self._bot.get_me())).username or ""

    async def fetch(self, offset: int, seconds: float) -> Sequence[RawUpdate]:
        """Confirm everything before `offset`, wait so long for more, and return what is there."""
        wish = {"offset": offset, "timeout": int(seconds), "allowed_updates": list(WANTED)}
        found: Any = await _told(
            self._bot.do_api_request(_FETCH, wish, read_timeout=seconds + _ROOM)
        )
        return [
            RawUpdate(one["update_id"], json.dumps(one).encode())
            for one in found
            if isinstance(one, dict) and isinstance(one.get("update_id"), int)
        ]

    async def hook_url(self) -> str:
        """Where Telegram pushes updates to; "" for nowhere."""
        return str((await _told(self._bot.get_webhook_info())).url)

    async def set_hook(self, url: str, token: str) -> None:
        """Have updates pushed there, with the token in a header; "" for nowhere."""
        if not url:
            await _told(self._bot.delete_webhook())
            return
        await _told(
            self._bot.set_webhook(
                url, secret_token=token, allowed_updates=WANTED, max_connections=1
            )
        )

    async def set_menu(self, commands: Mapping[str, str], language: str) -> None:
        """The commands people are shown, and what they do; language "" is everybody else's."""
        menu = [BotCommand(name, what) for name, what in commands.items()]
        await _told(self._bot.set_my_commands(menu, language_code=language or None))

    async def answer(self, query_id: str, text: str) -> None:
        """Show a text (at most 200 characters) to who pressed."""
        await _told(self._bot.answer_callback_query(query_id, text))

    async def unkey(self, chat_id: int, message_id: int) -> None:
        """Take the buttons off a message."""
        await _told(self._bot.edit_message_reply_markup(chat_id, message_id))


def bot_id(token: str) -> int:
    """The bot that a token belongs to; 0 when it is no token."""
    number = token.partition(":")[0]
    return int(number) if number.isdecimal() else 0


async def _told(call: Any) -> Any:
    """The call's answer, its errors as ours."""
    try:
        return await call
    except RetryAfter as error:
        raise RemoteBusy(after=_seconds(error)) from error
    except InvalidToken as error:
        text = "Telegram does not know this bot's token"
        raise RemoteUnavailable(text, after=_TOKEN_PAUSE) from error
    except Conflict as error:  # another fetches, or a webhook is set
        raise RemoteUnavailable(error.message, after=_CONFLICT_PAUSE) from error
    except (BadRequest, Forbidden) as error:
        raise RemoteRefused(error.message) from error
    except TelegramError as error:
        raise RemoteUnavailable(error.message, ambiguous=True) from error


def _seconds(error: RetryAfter) -> float:
    waits = error._retry_after  # noqa: SLF001 - `retry_after` warns that it will be a timedelta
    return waits.total_seconds()


@asynccontextmanager
async def desk(token: str, api: str, patience: float = 10) -> AsyncIterator[TelegramDesk]:
    """A desk while the block lasts; `patience`: seconds for an answer. It asks Telegram nothing at
    the start: we start while Telegram is away."""
    half = patience / 2
    async with HTTPXRequest(
        _CONNECTIONS, connect_timeout=half, read_timeout=patience, write_timeout=half
    ) as request:
        yield TelegramDesk(
            Bot(token, base_url=f"{api}/bot", request=request, get_updates_request=request)
        )
