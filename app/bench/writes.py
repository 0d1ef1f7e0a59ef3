"""Pickers' writes through nginx at a fixed rate, with thousands of open orders about."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from statistics import median
from typing import Any, Final

from app.bench.handheld import Handheld
from app.bench.load import Act, Tally, at_rate
from app.bench.shop import LINES, OPEN, PICKERS, Person, furnish
from app.bench.stack import Stack

RATE: Final = 100
ROUNDS: Final = 4
SECONDS: Final = 12.0
#: Of the yardsticks in between: the same gateway and workers, with no database and with one read.
QUIET_SECONDS: Final = 4.0
#: Handhelds that work at once while the crew gets going.
WARMING: Final = 8


async def measure(stack: Stack) -> dict[str, Any]:
    """Rounds of writes, each beside the same rate of requests that ask nothing of the database."""
    people = await furnish(stack)
    async with _crew(stack, people) as crew:
        await _get_going(crew)
        writes, nothing, reads = Tally(), [], []
        ratios = []
        for _ in range(ROUNDS):
            nothing.append(await _all_of(crew, f"{stack.base_url}/livez"))
            reads.append(await _all_of(crew, f"{stack.base_url}/picker/v1/orders?scope=mine"))
            round_ = await at_rate(_each_in_turn(crew, Handheld.write), RATE, SECONDS)
            writes.seconds += round_.seconds
            writes.errors += round_.errors
            ratios.append(median(round_.seconds) / median(nothing[-1].seconds))
        done = sum((handheld.done for handheld in crew), Counter())
        refused = sum((handheld.refused for handheld in crew), Counter())
    return {
        "per_second": RATE,
        "open_orders": OPEN,
        "lines_of_an_order": LINES,
        "handhelds": PICKERS,
        "writes": len(writes.seconds),
        "milliseconds": writes.milliseconds(),
        "errors": writes.errors.total(),
        "errors_by_status": dict(writes.errors),
        "refusals": dict(refused.most_common()),
        "verbs": dict(done.most_common()),
        "livez_milliseconds": _together(nothing).milliseconds(),
        "own_orders_milliseconds": _together(reads).milliseconds(),
        "p50_over_livez": round(median(ratios), 2),
    }


@asynccontextmanager
async def _crew(stack: Stack, people: Sequence[Person]) -> AsyncIterator[list[Handheld]]:
    crew = [Handheld(stack.base_url, stack.hook.trust, one) for one in people]
    await asyncio.gather(*(one.open() for one in crew))
    try:
        yield crew
    finally:
        for one in crew:
            await one.close()


async def _get_going(crew: Sequence[Handheld]) -> None:
    """Everybody is somewhere else in an order when the clock starts."""
    few = asyncio.Semaphore(WARMING)

    async def begin(one: Handheld, writes: int) -> None:
        for _ in range(writes):
            async with few:
                await one.write()

    await asyncio.gather(*(begin(one, n % 20) for n, one in enumerate(crew)))


def _each_in_turn(crew: Sequence[Handheld], work: Any) -> Act:
    """Whoever has waited longest does the next thing; a handheld does one at a time."""
    idle: asyncio.Queue[Handheld] = asyncio.Queue()
    for one in crew:
        idle.put_nowait(one)

    async def act() -> int:
        one = await idle.get()
        try:
            return int(await work(one))
        finally:
            idle.put_nowait(one)

    return act


async def _all_of(crew: Sequence[Handheld], url: str) -> Tally:
    return await at_rate(_each_in_turn(crew, lambda one: one.read(url)), RATE, QUIET_SECONDS)


def _together(tallies: Sequence[Tally]) -> Tally:
    return Tally([second for tally in tallies for second in tally.seconds])
