"""What people who ask in a chat are told: the numbers, not the words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from app.domain.rule import Level


@dataclass(frozen=True, slots=True)
class Trouble:
    """An incident that is on, or over, as one line shows it."""

    rule: str
    level: Level
    state: str
    facts: Mapping[str, Any]
    fired_at: datetime
    acknowledged_by: str | None
    muted_until: datetime | None
    explained: bool  #: another incident is its reason


@dataclass(frozen=True, slots=True)
class Source:
    """An account, and when it last sent us something; None: not within two days."""

    code: str
    active: bool
    last_at: datetime | None


@dataclass(frozen=True, slots=True)
class Backlog:
    """A queue: what is to do, how many seconds the oldest is overdue, what is buried."""

    queue: str
    unfinished: int
    oldest: float
    dead: int


@dataclass(frozen=True, slots=True)
class Status:
    """How things stand for one merchant or store. `watched_at`: when the rules were last run;
    `blind`: rules that fail. The counts are of all troubles, `troubles` are the worst of them."""

    now: datetime
    critical: int
    warning: int
    troubles: Sequence[Trouble]
    sources: Sequence[Source]
    backlogs: Sequence[Backlog]
    watched_at: datetime | None
    blind: Sequence[str]


@dataclass(frozen=True, slots=True)
class Today:
    """What a store's day has come to so far; seconds are medians, None when there are none."""

    orders: int
    picked: int
    ready: int
    ready_on_time: int
    lines: int
    found: int
    replaced: int
    delivered: int
    cancelled: int
    pick_seconds: float | None


@dataclass(frozen=True, slots=True)
class OnShift:
    """Somebody at work in a store."""

    name: str
    badge: str
    role: str
    started_at: datetime | None
    paused_at: datetime | None
    store: str = ""


@dataclass(frozen=True, slots=True)
class StoreReport:
    """One store: open orders by state, how many of them are late or due within half an hour and
    not ready, what is wrong, who is there, the day."""

    id: UUID
    code: str
    name: str
    timezone: str
    paused: bool
    states: Mapping[str, int]
    late: int
    soon: int
    troubles: Sequence[Trouble]
    team: Sequence[OnShift]
    today: Today


@dataclass(frozen=True, slots=True)
class StoreLine:
    """A store among others."""

    code: str
    name: str
    open: int
    late: int
    critical: int
    warning: int


@dataclass(frozen=True, slots=True)
class OrderReport:
    """One order, without a word about who ordered it."""

    id: UUID
    number: str
    external_id: str
    account: str
    store: str
    timezone: str
    state: str
    due_at: datetime
    received_at: datetime
    ready_at: datetime | None
    ended_at: datetime | None
    cancelled_by: str | None
    badges: Sequence[str]
    lines: int
    lines_done: int
    troubles: Sequence[Trouble] = ()


@dataclass(frozen=True, slots=True)
class Linked:
    """Somebody who may ask and press."""

    name: str
    role: str
    username: str
    store: str | None
