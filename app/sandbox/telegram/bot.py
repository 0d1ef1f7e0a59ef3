"""The stand-in as a whole: one bot, its chats, its updates, its limits and its faults."""

from __future__ import annotations

import asyncio
import time
from collections import Counter, OrderedDict
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

import httpx

from app.sandbox.credentials import Credentials
from app.sandbox.outward import client_to_hub
from app.sandbox.telegram.chats import Chat, Chats, Message
from app.sandbox.telegram.limits import Gate, Limits
from app.sandbox.telegram.markup import Parsed
from app.sandbox.telegram.switches import Switches
from app.sandbox.telegram.updates import Updates

GROUP_TITLE: Final = "Дежурная смена · тест"
USERNAME: Final = "order_hub_test_bot"
KEPT_PRESSES: Final = 500
EPOCH: Final = 1_700_000_000  #: message ids count seconds from here, so a restart repeats none


@dataclass(slots=True)
class Press:
    """One press of a button and what the bot answered."""

    query_id: str
    text: str = ""
    alert: bool = False
    answered: bool = False


@dataclass(slots=True)
class Bot:
    """Telegram in one object; `running` must be entered before webhooks can be pushed."""

    credentials: Credentials
    clock: Callable[[], datetime]
    limits: Limits
    transport: httpx.AsyncBaseTransport | None = None  #: instead of the network
    steady: Callable[[], float] = time.monotonic
    chats: Chats = field(default_factory=Chats)
    switches: Switches = field(default_factory=Switches)
    counts: Counter[str] = field(default_factory=Counter)
    presses: OrderedDict[str, Press] = field(default_factory=OrderedDict)
    #: Menus by scope and language: commands and what they do.
    commands: dict[tuple[str, str], dict[str, str]] = field(default_factory=dict)
    version: int = 0
    gate: Gate = field(init=False)
    updates: Updates = field(init=False)
    _next_message: int = field(init=False)
    _changed: asyncio.Event = field(default_factory=asyncio.Event)
    _client: httpx.AsyncClient | None = None

    def __post_init__(self) -> None:
        now = int(self.clock().timestamp())
        self._next_message = max(1, now - EPOCH)
        self.gate = Gate(self.limits, self.steady)
        self.updates = Updates(now, self.client)
        self.chats.add(self.credentials["telegram"]["chat_id"], GROUP_TITLE)

    @property
    def token(self) -> str:
        """The one token that is good."""
        return self.credentials["telegram"]["token"]

    @property
    def user(self) -> dict[str, Any]:
        """The bot as a user of Telegram."""
        bot_id = int(self.token.partition(":")[0])
        return {"id": bot_id, "is_bot": True, "first_name": "Order hub", "username": USERNAME}

    def client(self) -> httpx.AsyncClient:
        """Return the client webhooks are pushed with."""
        assert self._client is not None, "the stand-in is not running"
        return self._client

    def now(self) -> int:
        """Unix seconds."""
        return int(self.clock().timestamp())

    def post(
        self, chat: Chat, author: dict[str, Any], raw: str, parsed: Parsed, **options: Any
    ) -> Message:
        """Put a new message into a chat; `markup` is the keyboard, `photo` the picture above the
        text, the rest is shown as it is."""
        markup, photo = options.pop("markup", None), options.pop("photo", None)
        id_, now = self.next_message(), self.now()
        message = Message(id_, now, author, raw, parsed, options, markup, photo)
        chat.add(message)
        self.touch()
        return message

    def next_message(self) -> int:
        """Return the next message's id."""
        self._next_message += 1
        return self._next_message - 1

    def press(self, query_id: str) -> Press:
        """Remember a press that waits for the bot's answer."""
        press = self.presses[query_id] = Press(query_id)
        if len(self.presses) > KEPT_PRESSES:
            self.presses.popitem(last=False)
        return press

    def touch(self) -> None:
        """Something visible changed: let the pages know."""
        self.version += 1
        self._changed.set()
        self._changed = asyncio.Event()

    async def changed_since(self, version: int, seconds: float) -> None:
        """Return when there is something newer than `version`, or after so many seconds."""
        if version != self.version:
            return
        try:
            await asyncio.wait_for(self._changed.wait(), seconds)
        except TimeoutError:
            return

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Bot]:
        """Open the client and push updates to the webhook, if there is one."""
        client = client_to_hub(self.credentials, timeout=10.0, transport=self.transport)
        async with AsyncExitStack() as stack:
            self._client = await stack.enter_async_context(client)
            pusher = asyncio.create_task(self.updates.push())
            stack.callback(pusher.cancel)
            yield self
