"""What requests, drains and jobs need, in one frozen bag. Built by wiring."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from secrets import token_bytes
from typing import Final

from app.db.accounts import AccountBook
from app.db.conn import Pool
from app.db.queue import Queue
from app.db.rules import PATIENCE
from app.db.shops import ShopBook
from app.domain.answer_times import HookCounts
from app.domain.budget import Budget
from app.domain.link import Links
from app.domain.pace import TELEGRAM, Paces
from app.domain.refusals import Code, Refused
from app.domain.rule import Rule
from app.domain.running import Running
from app.erp.way import ErpWay
from app.plugin import Marketplace
from app.ports import AlarmWay, ChatSender, MarkChecker, Place, Press
from app.render.aside import AsidePress

#: Seconds: a sender or a handheld that is told to come again does so, one that hangs is lost.
REQUEST_PATIENCE: Final = 1.9


@dataclass(frozen=True, slots=True)
class Pools:
    """Separate pools, so that a flood of one kind never starves another."""

    hooks: Pool
    picking: Pool
    drains: Pool

    def all(self) -> tuple[Pool, ...]:
        """For opening and closing."""
        return self.hooks, self.picking, self.drains


class Turnstile:
    """For work that is slow on purpose: few at once, some waiting, the rest turned away."""

    def __init__(self, at_once: int = 2, waiting: int = 60) -> None:
        self._slots = asyncio.Semaphore(at_once)
        self._room = at_once + waiting

    @asynccontextmanager
    async def enter(self) -> AsyncIterator[None]:
        """Wait for one's turn; Refused at once when too many wait already."""
        if self._room == 0:
            raise Refused(Code.TOO_MANY_REQUESTS, seconds=1)
        self._room -= 1
        try:
            async with self._slots:
                yield
        finally:
            self._room += 1


def _wakes() -> Mapping[Queue, asyncio.Event]:
    return {queue: asyncio.Event() for queue in Queue}


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Hub:
    """The hub's collaborators. `spread` gives the jitter, from 0 to 1."""

    pools: Pools
    accounts: AccountBook
    marketplaces: Mapping[str, Marketplace]
    worker: str
    spread: Callable[[], float]
    shops: ShopBook = field(default_factory=ShopBook)
    chat: ChatSender | None = None
    paces: Paces = TELEGRAM  #: what the way to people can take
    public_url: str | None = None  #: where people open the portal; None: no link to it
    rules: Mapping[str, Rule] = field(default_factory=dict)  #: monitoring rules by name
    rule_patience: int = PATIENCE  #: milliseconds that one of them may take
    marking: MarkChecker | None = None
    ways: Mapping[str, AlarmWay] = field(default_factory=dict)  #: out beside Telegram, by name
    erp: Mapping[str, ErpWay] = field(default_factory=dict)  #: to ERPs, by destination's way
    press: Press = field(default_factory=AsidePress)  #: makes documents and reports into files
    files: Place | None = None  #: where files are kept
    #: Links to files. A key that nobody else has: what this process links, only it believes.
    links: Links = field(default_factory=lambda: Links((token_bytes(32),)))
    clock: Callable[[], datetime] = _now
    language: str = "ru"
    #: Seconds for a request whose endpoint does not mind the time itself.
    patience: float = REQUEST_PATIENCE
    under_test: bool = False  #: a database that may forget is good enough
    original_account: str | None = None  #: the account behind the original's own hook URL
    minimum_client: tuple[int, ...] = ()  #: older handhelds must update; empty: any will do
    #: Where PINs and passwords are checked: argon2 must not take all threads of a worker.
    door: Turnstile = field(default_factory=Turnstile)
    #: The same for operators' passwords: who guesses at them keeps no picker from signing in.
    desk: Turnstile = field(default_factory=lambda: Turnstile(1, 20))
    #: Where labels and picking lists are drawn: it takes a processor, which writes need more.
    easel: Turnstile = field(default_factory=lambda: Turnstile(1, 8))
    drawer: Executor = field(default_factory=lambda: ThreadPoolExecutor(1, "drawer"))
    #: For reports: one reads much for seconds, and the drains need their connections too.
    reports: Turnstile = field(default_factory=lambda: Turnstile(1, 8))
    #: Where files are read to be sent: each is in memory meanwhile.
    shelves: Turnstile = field(default_factory=lambda: Turnstile(2, 30))
    #: Refused deliveries that leave a log line and a row; the rest are only counted.
    refusals: Budget = field(default_factory=lambda: Budget(60))
    #: How webhooks were answered since this process last wrote it down.
    hooks: HookCounts = field(default_factory=HookCounts)
    running: Running = field(default_factory=Running)  #: this process
    #: Set when this process has queued something; a hint only, the sweep finds it anyway.
    wakes: Mapping[Queue, asyncio.Event] = field(default_factory=_wakes)
