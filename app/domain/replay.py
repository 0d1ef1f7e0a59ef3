"""Doing finished work again: which rows a person means, how many of them, how fast."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

#: States of rows that may be worked through again.
FINISHED: Final = ("done", "dead", "superseded")
#: Rows that one run replays at most, and that one selection names at most.
MOST: Final = 1_000_000
MOST_CHOSEN: Final = 10_000
#: Rows a second: the least, the most, and what nobody has to think about.
SLOWEST: Final = 0.01
FASTEST: Final = 1000.0
USUAL: Final = 50.0
#: So few are replayed at once, as whoever asks waits for it.
FEW: Final = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which finished rows of a queue: all of these words must be true of a row, None is any.
    `account`: a code, for documents the code of their destination; `kind`: an event or a kind of
    message or document; `whoms`, `stores`: what the codes mean; `until`: before then."""

    queue: str
    states: tuple[str, ...] = FINISHED
    account: str | None = None
    kind: str | None = None
    store: str | None = None
    order: str | None = None
    reason: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    ids: tuple[UUID, ...] = ()
    whoms: tuple[UUID, ...] | None = None
    stores: tuple[UUID, ...] | None = None


@dataclass(frozen=True, slots=True)
class Bounds:
    """At most so many rows, so many a second; who asks, and why."""

    actor: str
    most: int = 10_000
    rate: float = USUAL
    reason: str = ""
