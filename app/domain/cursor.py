"""How far a handheld has read its store's changes: the cursor it is given and gives back."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final
from uuid import UUID

#: Seconds a cursor is good for; the rows it needs are kept for twice as long (prune.sql).
LIFETIME: Final = 3600
_LONGEST: Final = 6000
_SHAPE: Final = re.compile(
    r"([0-9a-f]{1,16}-[0-9A-F]{8})\.(\d{1,12})\.([\d:,]*)\.([\d:,]*)\.([0-9a-f]{32})"
)
_SNAPSHOT: Final = re.compile(r"(\d{1,18}):(\d{1,18}):((?:\d{1,18}(?:,\d{1,18})*)?)")
#: Before every order's id.
FIRST: Final = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Stand:
    """Where the feed of a database stands: `seen` is PostgreSQL's snapshot, `taken` in seconds."""

    place: str  #: which database, and which of its lives
    taken: int
    seen: str


@dataclass(frozen=True, slots=True)
class Cursor:
    """Everything in the snapshot `seen` is told. With a `goal`, the pages that lead from `seen` to
    it are being told, as far as the order `after`; `seen` is empty in the first answer's pages."""

    place: str
    taken: int
    seen: str
    goal: str = ""
    after: UUID = FIRST

    def __str__(self) -> str:
        return f"{self.place}.{self.taken}.{self.seen}.{self.goal}.{self.after.hex}"

    def good(self, now: Stand) -> bool:
        """Whether what this reader has not seen is all still there to be told."""
        return self.place == now.place and now.taken - LIFETIME <= self.taken <= now.taken + 60

    def page(self, now: Stand) -> tuple[str, str]:
        """The snapshots (earlier, later) between which the next page lies."""
        return self.seen, self.goal or now.seen

    def told(self, now: Stand, last: UUID | None) -> Cursor:
        """The cursor after a page; `last` is its last order if more pages follow."""
        goal = self.goal or now.seen
        if last is not None:
            return replace(self, goal=goal, after=last)
        return Cursor(now.place, self.taken if self.goal else now.taken, goal)


def begin(now: Stand) -> Cursor:
    """The cursor of a reader that knows nothing."""
    return Cursor(now.place, now.taken, "", now.seen)


def read(text: str) -> Cursor | None:
    """The cursor in a text; None when no cursor of ours looks like it."""
    match = _SHAPE.fullmatch(text) if len(text) <= _LONGEST else None
    if match is None:
        return None
    place, taken, seen, goal, after = match.groups()
    paged = bool(goal)
    if not all(_possible(each) for each in (seen, goal) if each) or not (seen or paged):
        return None
    return Cursor(place, int(taken), seen, goal, UUID(after))


def _possible(snapshot: str) -> bool:
    """Whether PostgreSQL would read it: `xmin:xmax:running,…`, the running ones in order."""
    match = _SNAPSHOT.fullmatch(snapshot)
    if match is None:
        return False
    least, end = int(match[1]), int(match[2])
    running = [int(each) for each in match[3].split(",") if each]
    in_order = all(one < other for one, other in pairwise(running))
    return 0 < least <= end and in_order and all(least <= each < end for each in running)
