"""What a trouble is made of: changes of the plan, what happens at a minute, what is expected."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from tests.monitoring.day.expected import Expected
from tests.monitoring.day.orders import Order, Store, at, day, order
from tests.monitoring.day.simulation import Day

Act = Callable[[Day], Awaitable[None]]


class Shops:
    """The stores of a day and their orders, as they are going to be."""

    def __init__(self, stores: list[Store], seed: int) -> None:
        self.stores = {store.code: store for store in stores}
        self.orders = day(stores, seed)
        self._seed = seed

    def between(self, code: str, begin: str, end: str) -> list[Order]:
        """A store's orders that come in this time."""
        return [
            x for x in self.orders if x.store.code == code and at(begin) <= x.received < at(end)
        ]

    def empty(self, code: str, begin: str, end: str) -> None:
        """No orders come to a store in this time."""
        gone = {one.number for one in self.between(code, begin, end)}
        self.orders = [one for one in self.orders if one.number not in gone]

    def add(self, code: str, clock: str, number: str, pace: float = 1.0) -> Order:
        """One more order, not a planned one, through the region's account."""
        for attempt in range(100):
            chance = Random(f"{self._seed} {number} {attempt}")
            made = order(self.stores[code], number, at(clock), chance, pace)
            if made.account != "all" and made.due - made.received < timedelta(hours=2):
                break
        self.orders.append(made)
        return made

    def away(self, code: str, begin: str, end: str) -> None:
        """Nobody takes what comes to a store, until they are back."""
        for n, one in enumerate(self.orders):
            if one.store.code == code and one.claimed and at(begin) <= one.claimed < at(end):
                one.delay(one.claimed, at(end) + timedelta(seconds=5 + n % 40) - one.claimed)


@dataclass(frozen=True, slots=True)
class Trouble:
    """One row of the table. `takes`: minutes after which somebody takes care, by rule and label;
    None: nobody does."""

    what: str
    expected: Sequence[Expected]
    plan: Callable[[Shops], None] = lambda shops: None
    acts: Sequence[tuple[str, Act]] = ()
    takes: Mapping[tuple[str, str], float | None] = field(default_factory=dict)


def sql(statement: str, *values: Any) -> Act:
    """Write something; $1 is the time."""

    async def act(day: Day) -> None:
        await day.sql(statement, *((day.now,) if "$1" in statement else ()), *values)

    return act


def stand(name: str, value: object) -> Act:
    """Something of the day is otherwise from now on."""

    async def act(day: Day) -> None:
        setattr(day, name, value)

    return act


def telegram(*, down: bool) -> Act:
    """Telegram is cut off, or there again: what waits is tried at once."""

    async def act(day: Day) -> None:
        day.chat.down = down
        await day.sql(
            "UPDATE queue_item SET due_at = now()"
            " WHERE queue = 'telegram_outbox' AND state = 'waiting'"
        )

    return act


def by_minute(troubles: Iterable[Trouble]) -> dict[datetime, list[Act]]:
    """All acts by their minute."""
    acts: dict[datetime, list[Act]] = {}
    for trouble in troubles:
        for clock, act in trouble.acts:
            acts.setdefault(at(clock), []).append(act)
    return acts
