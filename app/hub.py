"""What requests, drains and jobs need, in one frozen bag. Built by wiring."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.db.accounts import AccountBook
from app.db.conn import Pool
from app.db.queue import Queue
from app.domain.budget import Budget
from app.ports import ChatSender, Marketplace


@dataclass(frozen=True, slots=True)
class Pools:
    """Separate pools, so that a flood of one kind never starves another."""

    hooks: Pool
    picking: Pool
    drains: Pool

    def all(self) -> tuple[Pool, ...]:
        """For opening and closing."""
        return self.hooks, self.picking, self.drains


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
    chat: ChatSender | None = None
    clock: Callable[[], datetime] = _now
    language: str = "ru"
    under_test: bool = False  #: a database that may forget is good enough
    original_account: str | None = None  #: the account behind the original's own hook URL
    #: Refused deliveries that leave a log line and a row; the rest are only counted.
    refusals: Budget = field(default_factory=lambda: Budget(60))
    #: Set when this process has queued something; a hint only, the sweep finds it anyway.
    wakes: Mapping[Queue, asyncio.Event] = field(default_factory=_wakes)
