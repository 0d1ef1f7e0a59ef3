"""Refusals, what is buried and replays as typed values; OpenAPI is generated from these types."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

from app.actions.verbs.shape import TEXT
from app.domain.replay import FASTEST, MOST, MOST_CHOSEN, SLOWEST, USUAL

Name = Literal["inbox", "outbox", "erp_outbox"]
Word = Annotated[str, Meta(min_length=1, max_length=200, pattern=TEXT)]
Moment = Annotated[datetime, Meta(tz=True)]


class RefusedDelivery(msgspec.Struct):
    """A delivery that was not let in. `word`: what exactly, where it is known; never its body."""

    id: UUID
    at: datetime
    account: str
    reason: str
    word: str
    size: int
    peer: str
    headers: dict[str, str]
    trace_id: str


class RefusedDeliveries(msgspec.Struct):
    """The newest first; `next` is the cursor of the next page."""

    refused: list[RefusedDelivery]
    next: str | None


class BuriedGroup(msgspec.Struct):
    """Rows that died of the same: `cause` is what was said without names and numbers. `account`:
    for documents the ERP; `examples`: the latest rows."""

    queue: str
    account: str
    reason: str
    cause: str
    rows: int
    first_at: datetime
    last_at: datetime
    examples: list[UUID]


class Buried(msgspec.Struct):
    """What is buried and not replayed, the largest group first."""

    groups: list[BuriedGroup]


class ReplayWish(msgspec.Struct):
    """Which finished rows: these `ids`, or all of which every word is true. Unless `dry_run` is
    false they are only counted."""

    queue: Name
    ids: Annotated[list[UUID], Meta(max_length=MOST_CHOSEN)] = []
    states: Annotated[list[Literal["done", "dead", "superseded"]], Meta(max_length=3)] = []
    account: Word | None = None
    kind: Word | None = None
    store: Word | None = None
    order: Word | None = None
    reason: Word | None = None
    since: Moment | None = None
    until: Moment | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST)] = 10_000
    rate: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] = USUAL
    why: Annotated[str, Meta(max_length=300, pattern=TEXT)] = ""
    dry_run: bool = True


class ReplayExample(msgspec.Struct):
    """One of the rows that are meant."""

    id: UUID
    kind: str | None
    number: str | None
    state: str
    reason: str | None


class Replay(msgspec.Struct):
    """How far a replay is. `skipped`: rows that were not replayed, by why; `became`: those that
    were, by what became of them."""

    id: UUID
    queue: str
    wanted: dict[str, Any]
    actor: str
    why: str
    state: str
    matched: int
    limit: int
    rate: float
    replayed: int
    skipped: dict[str, int]
    became: dict[str, int]
    created_at: datetime
    finished_at: datetime | None
    cancelled_by: str | None
    seconds_left: float | None


class ReplayAnswer(msgspec.Struct):
    """How many rows are meant, the first and the last of them, how many of that time are not
    finished; `replay`: what was begun, none for a dry run or where nothing is meant."""

    matched: int
    unfinished: int
    first_at: datetime | None
    last_at: datetime | None
    examples: list[ReplayExample]
    replay: Replay | None


class ReplayList(msgspec.Struct):
    """The latest first."""

    replays: list[Replay]
