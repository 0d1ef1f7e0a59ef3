"""Which row a worker begins next. Half of its slots are nobody's: one account, hanging or not,
takes no more than the others, and neither do retries; so what is new always finds a slot soon."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final
from uuid import UUID

from app.db.queue import Hands, Item

#: Rows worked on side by side, and rows in hand: these and those that wait for a slot.
SIDE_BY_SIDE: Final = 8
HELD: Final = 40


@dataclass(slots=True)
class Slots:
    """The rows a worker has in hand."""

    width: int = SIDE_BY_SIDE
    held: int = HELD
    _waiting: list[tuple[float, Item]] = field(default_factory=list)
    _at_work: dict[UUID, Item] = field(default_factory=dict)

    @property
    def waits(self) -> bool:
        """Whether rows wait for a slot."""
        return bool(self._waiting)

    def room(self) -> int:
        """How many more rows may be taken in hand; none while something waits that can begin, or
        all slots are at work."""
        if len(self._at_work) >= self.width or any(self._may(item) for _, item in self._waiting):
            return 0
        return self.held - len(self._at_work) - len(self._waiting)

    def hands(self, adapters: Sequence[str] | None) -> Hands:
        """What of whom may be taken in hand."""
        rows = [*self._at_work.values(), *(item for _, item in self._waiting)]
        most = self.held // 2
        counted = Counter(item.account_id for item in rows if item.account_id is not None)
        return Hands(adapters, counted, most, max(0, most - sum(map(_again, rows))))

    def take_in(self, items: Sequence[Item], begin_until: float) -> None:
        """Rows that were claimed; after `begin_until` their leases could end under them."""
        self._waiting += [(begin_until, item) for item in items]

    def begin(self) -> Item | None:
        """The next row, now at work; None when nothing that waits may begin."""
        if len(self._at_work) >= self.width:
            return None
        for place, (_, item) in enumerate(self._waiting):
            if self._may(item):
                del self._waiting[place]
                self._at_work[item.id] = item
                return item
        return None

    def end(self, item: Item) -> None:
        """It is done, whatever came of it."""
        del self._at_work[item.id]

    def give_back(self, now: float) -> list[Item]:
        """Rows that nothing was begun of in time; they are in hand no more."""
        late = [item for until, item in self._waiting if until <= now]
        self._waiting = [(until, item) for until, item in self._waiting if until > now]
        return late

    def _may(self, item: Item) -> bool:
        half = max(1, self.width // 2)
        rows = self._at_work.values()
        if _again(item) and sum(map(_again, rows)) >= half:
            return False
        same = sum(row.account_id == item.account_id for row in rows)
        return item.account_id is None or same < half


def _again(item: Item) -> bool:
    return item.attempts > 1
