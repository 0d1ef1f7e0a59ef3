"""How fast one may speak: GCRA, a leaky bucket that is one moment (its theoretical arrival). Pure.

A limit's `arrival` is when the next message would come if all had come evenly; a message may go
while that moment is less than the burst ahead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

_SECOND: Final = 1_000_000
#: How long before its moment a message may be promised one of the bot's: its sender waits for it.
AHEAD: Final = timedelta(seconds=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """So many a second for ever, and so many at once."""

    rate: float
    burst: int

    @property
    def interval(self) -> timedelta:
        """The time one message uses up, rounded to the safe side."""
        return timedelta(microseconds=math.ceil(_SECOND / self.rate))

    def earliest(self, arrival: datetime, now: datetime) -> datetime:
        """When the next one may go, from now on. An arrival that lies farther ahead than it ever
        can was written before the clock was put back: it is not believed."""
        held = min(arrival, now + self.burst * self.interval + AHEAD)
        return max(now, held - (self.burst - 1) * self.interval)

    def after(self, arrival: datetime, going: datetime) -> datetime:
        """The arrival once one goes at the moment that `earliest` gave, or later."""
        full = going + (self.burst - 1) * self.interval
        return max(going, min(arrival, full)) + self.interval


@dataclass(frozen=True, slots=True)
class Paces:
    """What a bot may send: in all, to one chat, to one group (their ids are negative); and how
    often a message may be edited while nobody asks for it."""

    overall: Limit
    chat: Limit
    group: Limit
    edits: timedelta = timedelta(0)


#: Telegram's rates. The bursts are smaller than it would take: what went out evenly arrives in
#: bunches when the way takes now a tenth of a second and now a whole one.
TELEGRAM: Final = Paces(
    overall=Limit(30.0, 5), chat=Limit(1.0, 2), group=Limit(20 / 60, 18),
    edits=timedelta(seconds=15),
)  # fmt: skip
#: For ways out without limits.
FREE: Final = Paces(Limit(1e6, 1000), Limit(1e6, 1000), Limit(1e6, 1000))


@dataclass(frozen=True, slots=True)
class Standing:
    """How one chat stands, or (for chat 0) the bot as a whole: see sql/migrations/0028."""

    arrival: datetime
    group_arrival: datetime
    closed_at: datetime | None = None
    closed_until: datetime | None = None

    def opens(self, now: datetime) -> datetime:
        """When what Telegram asked for is over; asked at a moment that is yet to come, it was
        before the clock was put back, and is not believed."""
        if self.closed_at is None or self.closed_until is None or self.closed_at > now:
            return now
        return max(now, self.closed_until)


@dataclass(frozen=True, slots=True)
class Turn:
    """A message's turn. `taken`: it goes `at` that moment, at most AHEAD from now, and these are
    the new arrivals (overall, the chat's, the group's); None: nothing is taken, ask again then."""

    at: datetime
    taken: tuple[datetime, datetime, datetime] | None = None


def turn(paces: Paces, chat_id: int, bot: Standing, chat: Standing, now: datetime) -> Turn:
    """When a message to this chat may go. Only for the bot's own limit a moment to come is
    promised: a chat's would keep the moments before it from the other chats."""
    group = chat_id < 0
    free = max(chat.opens(now), paces.chat.earliest(chat.arrival, now))
    if group:
        free = max(free, paces.group.earliest(chat.group_arrival, now))
    if free > now:
        return Turn(free)
    at = max(bot.opens(now), paces.overall.earliest(bot.arrival, now))
    if at > now + AHEAD:
        return Turn(at)
    after = paces.group.after(chat.group_arrival, at) if group else chat.group_arrival
    return Turn(
        at, (paces.overall.after(bot.arrival, at), paces.chat.after(chat.arrival, at), after)
    )
