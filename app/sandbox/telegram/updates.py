"""Updates for the bot: kept until confirmed, fetched by long polling or pushed to its webhook."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import httpx

from app.sandbox.telegram.errors import ApiError

KEPT: Final = 5_000  #: unconfirmed updates; the oldest go first
LONGEST_POLL: Final = 50.0  #: seconds
FIRST_PAUSE: Final = 1.0
LONGEST_PAUSE: Final = 30.0


@dataclass(slots=True)
class Webhook:
    """Where updates are pushed; an empty URL means nowhere."""

    url: str = ""
    secret: str = ""
    last_error: str = ""
    delivered: int = 0


@dataclass(slots=True)
class Updates:
    """The queue of one bot; identifiers go on from the clock, so a restart repeats none."""

    next_id: int
    client: Callable[[], httpx.AsyncClient]
    webhook: Webhook = field(default_factory=Webhook)
    _waiting: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=KEPT))
    _arrived: asyncio.Event = field(default_factory=asyncio.Event)
    _poll: int = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def add(self, **content: object) -> int:
        """Queue one update, e.g. `message=…`; return its id."""
        update_id = self.next_id
        self.next_id += 1
        self._waiting.append({"update_id": update_id, **content})
        self._arrived.set()
        return update_id

    def drop_all(self) -> None:
        """Forget what waits (`drop_pending_updates`)."""
        self._waiting.clear()

    async def fetch(self, offset: int, limit: int, seconds: float) -> list[dict[str, Any]]:
        """Confirm everything below `offset` and return what waits, within so many seconds.

        A newer call ends an older one with 409, as two polling bots would find out.
        """
        if self.webhook.url:
            raise ApiError(409, "can't use getUpdates method while webhook is active")
        self._poll += 1
        mine = self._poll
        self._confirm(offset)
        self._arrived.set()  # wakes the older call, which then sees that it is not the newest
        self._arrived = asyncio.Event()
        if not self._waiting and seconds > 0:
            await _wait(self._arrived, min(seconds, LONGEST_POLL))
        if mine != self._poll:
            raise ApiError(409, "terminated by other getUpdates request")
        return list(self._waiting)[:limit]

    async def push(self) -> None:
        """Push updates to the webhook, one by one, for ever; back off while it refuses."""
        pause = FIRST_PAUSE
        while True:
            if not (self._waiting and self.webhook.url):
                self._arrived.clear()
                await _wait(self._arrived, FIRST_PAUSE)
                continue
            update = self._waiting[0]
            if await self._pushed(update):
                pause = FIRST_PAUSE
                self._confirm(update["update_id"] + 1)
                continue
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _pushed(self, update: dict[str, Any]) -> bool:
        secret = self.webhook.secret
        headers = {"X-Telegram-Bot-Api-Secret-Token": secret} if secret else {}
        try:
            answer = await self.client().post(self.webhook.url, json=update, headers=headers)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.webhook.last_error = repr(error)
            return False
        if answer.is_success:
            self.webhook.delivered += 1
            return True
        self.webhook.last_error = f"Wrong response from the webhook: {answer.status_code}"
        return False

    def _confirm(self, offset: int) -> None:
        if offset < 0:  # only the newest -offset updates are wanted
            while len(self._waiting) > -offset:
                self._waiting.popleft()
            return
        while self._waiting and self._waiting[0]["update_id"] < offset:
            self._waiting.popleft()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return
