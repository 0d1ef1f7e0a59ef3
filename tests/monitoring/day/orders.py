"""Orders of a day as they are going to happen: every moment known before, so that a day repeats."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final

#: The simulated day begins at midnight in Moscow, when every store is closed.
BEGIN: Final = datetime.fromisoformat("2025-03-04T00:00:00+03:00")
#: Time zones and how many hours their clocks are ahead of Moscow's.
ZONES: Final = {
    "KGD": ("Europe/Kaliningrad", -1), "MSK": ("Europe/Moscow", 0), "SAM": ("Europe/Samara", 1),
    "EKB": ("Asia/Yekaterinburg", 2), "NSK": ("Asia/Novosibirsk", 4),
    "VVO": ("Asia/Vladivostok", 7),
}  # fmt: skip
#: Most orders of a store come through its region's account, one in four through the third.
REGIONS: Final = {
    "KGD": "west", "MSK": "west", "SAM": "west", "EKB": "east", "NSK": "east", "VVO": "east"
}  # fmt: skip
ALL: Final = "all"
ACCOUNTS: Final = ("west", "east", ALL)
#: Orders come in these hours of a store's day, more of them at noon and in the evening.
_HOURS: Final = {hour: 2 if hour in (11, 12, 13, 17, 18, 19) else 1 for hour in range(8, 21)}
#: Seconds a line takes as a rule.
LINE_SECONDS: Final = 60
#: Of so many lines of a store one is not found, one replaced, one found in part.
_FAILS: Final = {37: "dropped", 73: "replaced", 111: "short"}
_MOMENTS: Final = (
    "accepted", "claimed", "picking", "picked", "ready", "assigned", "arrived", "handed_over",
    "delivered", "ended",
)  # fmt: skip


def at(clock: str) -> datetime:
    """A moment of the day by Moscow's clock: "07:05" or "07:05:30"."""
    hours, minutes, *seconds = map(int, clock.split(":"))
    return BEGIN + timedelta(hours=hours, minutes=minutes, seconds=sum(seconds))


@dataclass(frozen=True, slots=True)
class Store:
    """A store: `code` is its zone and a number in it."""

    code: str

    @property
    def zone(self) -> str:
        return self.code[:3]

    @property
    def id(self) -> uuid.UUID:
        return uuid.uuid5(uuid.NAMESPACE_URL, self.code)

    def moment(self, hour: float) -> datetime:
        """When it is that hour of its own clock."""
        return BEGIN + timedelta(hours=hour - ZONES[self.zone][1])


@dataclass(frozen=True, slots=True)
class Step:
    """What becomes of a line, and when."""

    line: int
    at: datetime
    state: str
    reason: str | None = None
    decide_by: datetime | None = None


@dataclass(slots=True)
class Order:
    """One order with all its moments; None: that does not happen to it."""

    number: str
    store: Store
    account: str
    received: datetime
    due: datetime
    promised: datetime
    lines: int
    accepted: datetime
    claimed: datetime | None = None
    picking: datetime | None = None
    picked: datetime | None = None
    ready: datetime | None = None
    assigned: datetime | None = None
    arrived: datetime | None = None
    handed_over: datetime | None = None
    delivered: datetime | None = None
    ended: datetime | None = None
    by: str | None = None
    reason: str | None = None
    implied: bool = False
    steps: list[Step] = field(default_factory=list)

    @property
    def id(self) -> uuid.UUID:
        return uuid.uuid5(uuid.NAMESPACE_URL, self.number)

    def delay(self, since: datetime | None, by: timedelta) -> None:
        """Everything from a moment on happens so much later; what was promised stays."""
        if since is None:
            return
        for name in _MOMENTS:
            moment = getattr(self, name)
            if moment is not None and moment >= since:
                setattr(self, name, moment + by)
        self.steps = [
            replace(one, at=one.at + by) if one.at >= since else one for one in self.steps
        ]

    def call_off(self, when: datetime, by: str, reason: str) -> None:
        """Nothing happens to it any more."""
        self.ended, self.by, self.reason = when, by, reason
        for name in _MOMENTS[:-1]:
            moment = getattr(self, name)
            if moment is not None and moment >= when:
                setattr(self, name, None)
        self.steps = [one for one in self.steps if one.at < when]


def day(stores: list[Store], seed: int) -> list[Order]:
    """All orders of a day on which nothing goes wrong."""
    return [order for store in stores for order in _of_store(store, Random(f"{seed} {store.code}"))]


def _of_store(store: Store, chance: Random) -> Iterator[Order]:
    hours = chance.choices(list(_HOURS), list(_HOURS.values()), k=chance.randint(30, 40))
    seconds = sorted(hour * 3600 + chance.uniform(0, 3600 if hour < 20 else 2700) for hour in hours)
    lines = 0
    for n, second in enumerate(seconds):
        made = order(store, f"{store.code}-{n:02}", store.moment(second / 3600), chance)
        for step in made.steps:
            lines += 1
            if (state := _FAILS.get(lines % 120)) is not None:
                made.steps[step.line] = replace(step, state=state, reason="out_of_stock")
        if n % 50 == 31:
            made.call_off(made.accepted + timedelta(seconds=40), "customer", "changed_mind")
        yield made


def order(
    store: Store, number: str, received: datetime, chance: Random, pace: float = 1.0
) -> Order:
    """An order that goes well; `pace`: times as long as usual a line takes."""

    def later(moment: datetime, least: float, most: float) -> datetime:
        return moment + timedelta(seconds=chance.uniform(least, most))

    planned = chance.random() < 0.1 and received < store.moment(15)
    due = received + timedelta(minutes=chance.choice((300, 330) if planned else (60, 75, 90)))
    accepted = later(received, 2, 20)
    picking = later(begun := max(accepted, due - timedelta(hours=2)), 60, 180)
    lines = chance.randint(3, 6)
    moment, steps = picking, []
    for n in range(lines):
        moment += timedelta(seconds=LINE_SECONDS * pace * chance.uniform(0.75, 1.25))
        steps.append(Step(n, moment, "picked"))
    ready = later(moment, 30, 90)
    arrived = later(ready, -300, 900)
    handed_over = later(max(ready, arrived), 30, 180)
    return Order(
        number, store, chance.choice((REGIONS[store.zone],) * 3 + (ALL,)), received, due,
        due + timedelta(hours=1), lines, accepted, claimed=later(begun, 30, 55), picking=picking,
        picked=moment + timedelta(seconds=5), ready=ready, assigned=later(accepted, 60, 200),
        arrived=arrived, handed_over=handed_over, delivered=later(handed_over, 900, 2400),
        steps=steps,
    )  # fmt: skip


def stores(count: int) -> list[Store]:
    """So many stores, alike in each zone."""
    zones = list(ZONES)
    return [Store(f"{zones[n % len(zones)]}-{100 + n // len(zones)}") for n in range(count)]
