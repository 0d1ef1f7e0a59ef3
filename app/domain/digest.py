"""When a day of a store is over and told, and what its numbers say. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

#: A day begins at four: who closes at one in the night belongs to the evening before.
BEGINS: Final = time(4)
_FOUR: Final = timedelta(hours=4)
_DAY: Final = timedelta(days=1)
#: After the last shift's end: the next one may only be late.
SETTLED: Final = timedelta(minutes=15)
#: What could not be told for so long (the hub was away, quiet hours) is told no more.
FRESH: Final = timedelta(hours=14)
#: The same weekday of so many weeks is what is usual, if there were this many such days.
WEEKS: Final = 4
ENOUGH_DAYS: Final = 2
#: Below these counts a rate says nothing.
LEAST_READY: Final = 10
LEAST_LINES: Final = 50
LEAST_PICKS: Final = 5
LEAST_LONG: Final = 20


class Shift(NamedTuple):
    """From when until when somebody was at work; None: still is."""

    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Place:
    """A chat that hears of a store, or (no store) of a whole merchant. `zone` is the store's clock,
    `chat_zone` the readers'; `told`: days it has heard of."""

    chat_id: int
    thread_id: int | None
    merchant_id: UUID
    store_id: UUID | None
    title: str
    zone: str
    chat_zone: str
    language: str | None = None
    digest_at: time | None = None
    quiet: tuple[time, time] | None = None
    told: frozenset[date] = frozenset()
    shifts: tuple[Shift, ...] = ()

    @property
    def by_shifts(self) -> bool:
        """Whether its days end with shifts; a merchant's do when nobody has said a time."""
        return self.store_id is not None or self.digest_at is None


class Span(NamedTuple):
    """A day, or as much of it as there was, by a store's clock (without a zone)."""

    start: datetime
    end: datetime


def day_of(moment: datetime, zone: str) -> date:
    """The day a moment belongs to there."""
    return (_local(moment, zone) - _FOUR).date()


def span_of(day: date, zone: str, now: datetime) -> Span:
    """The day, until now if it is not over."""
    start = datetime.combine(day, BEGINS)
    return Span(start, min(start + _DAY, _local(now, zone)))


def moment_of(local: datetime, zone: str) -> datetime:
    """A time by a store's clock as a moment."""
    return local.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def due(place: Place, now: datetime) -> date | None:
    """The day to tell now, None when there is none."""
    if _is_quiet(place, now):
        return None
    for day, moment in _ends(place, now):
        if day not in place.told and moment <= now < moment + FRESH:
            return day
    return None


def _ends(place: Place, now: datetime) -> Iterable[tuple[date, datetime]]:
    """Days and when they are to be told, the earlier first."""
    today = day_of(now, place.zone)
    for day in (today - _DAY, today):
        if place.by_shifts and (at_work := _at_work(place, day)):
            yield day, _closed(place, day, at_work)
        elif place.digest_at is not None:
            yield day, _said(day, place.digest_at, place.chat_zone)


def _at_work(place: Place, day: date) -> list[Shift]:
    start = moment_of(datetime.combine(day, BEGINS), place.zone)
    end = moment_of(datetime.combine(day + _DAY, BEGINS), place.zone)
    return [
        one
        for one in place.shifts
        if one.started_at < end and (one.ended_at is None or one.ended_at > start)
    ]


def _closed(place: Place, day: date, at_work: Sequence[Shift]) -> datetime:
    """When the last one went home; who works round the clock has a day's end all the same."""
    end = moment_of(datetime.combine(day + _DAY, BEGINS), place.zone)
    ends = [one.ended_at for one in at_work if one.ended_at is not None]
    return min(end, max(ends) + SETTLED) if len(ends) == len(at_work) else end


def _said(day: date, at: time, zone: str) -> datetime:
    """A time of day within the day: half past midnight is the next morning's."""
    return moment_of(datetime.combine(day if at >= BEGINS else day + _DAY, at), zone)


def _is_quiet(place: Place, now: datetime) -> bool:
    if place.quiet is None:
        return False
    start, end = place.quiet
    clock = _local(now, place.chat_zone).time()
    return start <= clock < end if start < end else clock >= start or clock < end


def _local(moment: datetime, zone: str) -> datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


class Hour(NamedTuple):
    """One hour by the store's clock: orders that came, that got ready, in time, picked; seconds
    half of those took less than."""

    hour: datetime
    orders: int
    ready: int
    on_time: int
    picked: int
    pick_typical: float | None


@dataclass(frozen=True, slots=True)
class Totals:
    """A day's sums; seconds half of the picked orders took less than, and one in twenty more."""

    orders: int = 0
    delivered: int = 0
    cancelled: int = 0
    cancelled_by_store: int = 0
    ready: int = 0
    on_time: int = 0
    picked: int = 0
    lines: int = 0
    found: int = 0
    replaced: int = 0
    pick_typical: float | None = None
    pick_long: float | None = None

    @property
    def on_time_share(self) -> float | None:
        """Percent of what got ready, None when there is too little of it."""
        return _share(self.on_time, self.ready, LEAST_READY)

    @property
    def found_share(self) -> float | None:
        """Percent of the ordered lines that were picked in full."""
        return _share(self.found, self.lines, LEAST_LINES)

    @property
    def fill_share(self) -> float | None:
        """The same, with those that were replaced."""
        return _share(self.found + self.replaced, self.lines, LEAST_LINES)

    @property
    def usual_pick(self) -> float | None:
        """Seconds half of the orders took less than, None when there were too few."""
        return self.pick_typical if self.picked >= LEAST_PICKS else None

    @property
    def long_pick(self) -> float | None:
        """Seconds one order in twenty took more than, None when there were too few."""
        return self.pick_long if self.picked >= LEAST_LONG else None


def _share(part: int, whole: int, least: int) -> float | None:
    return 100 * part / whole if whole >= least else None


@dataclass(frozen=True, slots=True)
class Trouble:
    """One incident of the day."""

    rule: str
    level: str
    is_on: bool
    is_muted: bool
    seconds: float
    actors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Day:
    """Everything a digest tells. `until`: the clock it was made at, None when the day is over;
    `usual`: the same weekday's days before, those with any orders."""

    day: date
    totals: Totals
    hours: Sequence[Hour] = ()
    usual: Sequence[Totals] = ()
    troubles: Sequence[Trouble] = field(default=())

    @property
    def is_empty(self) -> bool:
        """Whether nothing came, and nothing happened."""
        return not (self.totals.orders or self.totals.picked or self.troubles)

    def usually(self, name: str) -> float | None:
        """The average of a number over the usual days that know it; None when too few do."""
        known = [value for one in self.usual if (value := getattr(one, name)) is not None]
        return sum(known) / len(known) if len(known) >= ENOUGH_DAYS else None
