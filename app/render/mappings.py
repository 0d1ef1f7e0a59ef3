"""What marketplaces' words mean, as people's programs see it."""

from __future__ import annotations

from datetime import datetime

import msgspec


class MappingView(msgspec.Struct):
    """What one word means. Of stores that were set up nobody knows who said it."""

    kind: str
    theirs: str
    ours: str
    changed_at: datetime | None
    changed_by: str | None


class MappingList(msgspec.Struct):
    """Words of one account. `after`: what to ask with for more, null when that was all."""

    mappings: list[MappingView]
    after: str | None


class MappedView(msgspec.Struct):
    """How many words have a meaning now; how many deliveries go on because of it."""

    mapped: int
    woken: int


class WaitingWord(msgspec.Struct):
    """A word that nobody explained. `waiting`: deliveries; `example`: an order among them, by the
    marketplace's id."""

    account: str
    kind: str
    theirs: str
    first_seen: datetime
    waiting: int
    example: str


class WaitingWords(msgspec.Struct):
    """Words that deliveries wait for, the oldest first."""

    words: list[WaitingWord]
