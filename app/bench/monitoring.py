"""A look at all rules with 5,000 active orders: beside few finished orders, and beside two years of
them; then with a flood of troubles."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import Any, Final

from app import log
from app.actions.watch import watch
from app.bench.chain import ACTIVE, STORES
from app.db import rehearsal, rehearsal_watch, rules
from app.domain.rule import Rule
from app.hub import Hub
from app.settings import Settings
from app.wiring import open_hub

FEW: Final = 100_000
MANY: Final = 10_000_000
#: Looks that are not counted, and those that are.
WARMING: Final = 6
LOOKS: Final = 30
#: Orders that are in trouble all at once.
FLOOD: Final = 1_000
SLOWEST: Final = 10
#: A rule touches so many pages more, and so much more, when it grows with finished orders.
GROWN_PAGES: Final = 40
GROWN: Final = 1.2


def evening() -> datetime:
    """Six in the evening of the last full day in Moscow: a busy moment, whenever one measures."""
    today = datetime.now(UTC).replace(hour=15, minute=0, second=0, microsecond=0)
    return today - timedelta(days=1)


@dataclass(slots=True)
class _Side:
    """One of the two hubs, and how long its looks took."""

    hub: Hub
    now: datetime
    seconds: list[float] = field(default_factory=list)
    of_rule: dict[str, list[float]] = field(default_factory=dict)
    pages: dict[str, int] = field(default_factory=dict)
    said: str = ""  #: of the last look

    @property
    def rules(self) -> list[Rule]:
        """All of them, as the scheduler looks at them."""
        return list(self.hub.rules.values())

    async def look(self, number: int) -> float:
        """Seconds that one look at everything took, a second of the chain's later."""
        started = time.perf_counter()
        self.said = await watch(self.hub, self.rules, self.now + timedelta(seconds=number))
        seconds = time.perf_counter() - started
        assert self.said.startswith(f"{len(self.rules)} rules"), self.said
        assert "failed" not in self.said, self.said
        return seconds


async def measure(few: Settings, many: Settings, now: datetime) -> dict[str, Any]:
    """Looks at one chain and the other in turn, then at each rule alone, then the flood."""
    log.configure("bench", level=logging.WARNING)
    async with open_hub(few, "bench") as one, open_hub(many, "bench") as other:
        sides = [_Side(one, now), _Side(other, now)]
        await _looks(sides)
        for number in range(LOOKS):
            for side in sides if number % 2 else reversed(sides):
                await _each_rule(side, WARMING + LOOKS + number)
        for side in sides:
            await _explain(side)
        told = await _told(sides[1])
        return {
            "active_orders": ACTIVE,
            "stores": STORES,
            "rules": len(sides[0].rules),
            "troubles": told["incidents"],
            "milliseconds": _milliseconds(sides),
            "pages": _pages(sides),
            "slowest": _slowest(sides),
            "grown": _grown(sides),
            "flood": await _flood(sides[1]),
        }


async def _looks(sides: Sequence[_Side]) -> None:
    """Both in turn: what disturbs one mostly disturbs the other."""
    for number in range(WARMING + LOOKS):
        for side in sides if number % 2 else reversed(sides):
            seconds = await side.look(number)
            if number >= WARMING:
                side.seconds.append(seconds)


async def _each_rule(side: _Side, number: int) -> None:
    async with side.hub.pools.drains.acquire() as conn:
        for rule in side.rules:
            started = time.perf_counter()
            await rules.look(conn, rule, side.now + timedelta(seconds=number), ())
            side.of_rule.setdefault(rule.name, []).append(time.perf_counter() - started)


async def _explain(side: _Side) -> None:
    async with side.hub.pools.drains.acquire() as conn, conn.transaction():
        await rules.limit(conn)
        for rule in side.rules:
            sql, values = rules.asked(rule, side.now + timedelta(seconds=WARMING + LOOKS), ())
            side.pages[rule.name] = (await rehearsal.explain(conn, sql, values, "custom"))[0]


async def _told(side: _Side) -> dict[str, int]:
    async with side.hub.pools.drains.acquire() as conn:
        return dict(await rehearsal_watch.found(conn))


def _milliseconds(sides: Sequence[_Side]) -> dict[str, float]:
    few, many = (round(1000 * median(side.seconds), 1) for side in sides)
    pairs = zip(sides[1].seconds, sides[0].seconds, strict=True)
    ratio = round(median(after / before for after, before in pairs), 3)
    worst = round(1000 * max(sides[1].seconds), 1)
    return {"few": few, "many": many, "ratio": ratio, "worst_of_many": worst}


def _pages(sides: Sequence[_Side]) -> dict[str, float]:
    few, many = (sum(side.pages.values()) for side in sides)
    return {"few": few, "many": many, "ratio": round(many / few, 3)}


def _slowest(sides: Sequence[_Side]) -> dict[str, dict[str, float]]:
    """The rules that take longest beside many finished orders: median milliseconds, pages."""
    few, many = (
        {name: round(1000 * median(took), 2) for name, took in side.of_rule.items()}
        for side in sides
    )
    return {
        name: {
            "few": few[name],
            "many": many[name],
            "pages_few": sides[0].pages[name],
            "pages_many": sides[1].pages[name],
        }
        for name in sorted(many, key=lambda name: -many[name])[:SLOWEST]
    }


def _grown(sides: Sequence[_Side]) -> dict[str, list[int]]:
    """Rules that touch clearly more pages beside many finished orders: how many, and how many."""
    few, many = (side.pages for side in sides)
    return {
        name: [few[name], many[name]]
        for name in many
        if many[name] > GROWN * few[name] and many[name] - few[name] > GROWN_PAGES
    }


async def _flood(side: _Side) -> dict[str, Any]:
    """One look at many orders in trouble, and looks at them while they stay so."""
    before, start = await _told(side), WARMING + 2 * LOOKS
    async with side.hub.pools.drains.acquire() as conn:
        await rehearsal_watch.flood(conn, side.now + timedelta(seconds=start), FLOOD)
    first, said = await side.look(start), side.said
    after = await _told(side)
    later = [await side.look(start + number) for number in range(1, 6)]
    return {
        "orders": FLOOD,
        "milliseconds": round(1000 * first, 1),
        "milliseconds_later": round(1000 * median(later), 1),
        "incidents": after["incidents"] - before["incidents"],
        "said": said,
    }
