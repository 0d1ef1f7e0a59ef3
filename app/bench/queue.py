"""The queue and the feed with a thousand finished orders, and with a million: side by side."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median
from typing import Any, Final

import msgspec

from app.bench.cost import Cost, costs
from app.bench.load import Connection, request
from app.bench.shop import OPEN, Person, database, furnish
from app.bench.stack import Stack
from app.db import rehearsal

FEW: Final = 1_000
MANY: Final = 1_000_000
REPEATS: Final = 150
#: Orders that changed since the cursor.
NEWS: Final = 50


class _Page(msgspec.Struct):
    cursor: str
    more: bool


@dataclass(slots=True)
class _Side:
    """One of the two hubs, and what is asked of it."""

    stack: Stack
    people: list[Person]
    paths: dict[str, str] = field(default_factory=dict)
    seconds: dict[str, list[float]] = field(default_factory=dict)
    sql: dict[str, Cost] = field(default_factory=dict)

    @property
    def shop(self) -> list[Person]:
        """The people of one store."""
        return [one for one in self.people if one.store_id == self.people[0].store_id]


async def measure(few: Stack, many: Stack) -> dict[str, Any]:
    """Every question in turn of one hub and the other; the ratio of their medians."""
    sides = [
        _Side(few, await furnish(few, finished=FEW)),
        _Side(many, await furnish(many, finished=MANY)),
    ]
    for side in sides:
        await _look(side)
    async with (
        Connection(few.base_url, few.hook.trust) as one,
        Connection(many.base_url, many.hook.trust) as other,
    ):
        for number in range(-10, REPEATS):
            for side, connection in zip(sides, (one, other), strict=True):
                await _ask_all(side, connection, number)
    return {
        "open_orders": OPEN,
        "finished_orders": [FEW, MANY],
        "milliseconds": {name: _medians(sides, name) for name in sides[0].paths},
        "worst_ratio": max(_ratio(sides, name) for name in sides[0].paths),
        "sql": {
            name: {
                "pages": [side.sql[name].pages for side in sides],
                "milliseconds": [side.sql[name].milliseconds for side in sides],
            }
            for name in sides[0].sql
        },
        "worst_ratio_of_pages": max(
            round(sides[1].sql[name].pages / sides[0].sql[name].pages, 3) for name in sides[0].sql
        ),
    }


def _ratio(sides: Sequence[_Side], name: str) -> float:
    """The median of the ratios of neighbours: what disturbs one mostly disturbs the other."""
    pairs = zip(sides[1].seconds[name], sides[0].seconds[name], strict=True)
    return round(median(many / few for many, few in pairs), 3)


def _medians(sides: Sequence[_Side], name: str) -> dict[str, float]:
    few, many = (round(1000 * median(side.seconds[name]), 2) for side in sides)
    return {"few": few, "many": many, "ratio": _ratio(sides, name)}


async def _look(side: _Side) -> None:
    """What will be asked: the queue, the whole feed, the feed with some news and with none."""
    api = f"{side.stack.base_url}/picker/v1"
    async with Connection(side.stack.base_url, side.stack.hook.trust) as connection:
        before = await _cursor(side, connection, f"{api}/changes")
        async with database(side.stack) as conn:
            await rehearsal.touch(conn, side.shop[0].orders[:NEWS])
            side.sql = await costs(conn, side.shop[0].token, before)
        after = await _cursor(side, connection, f"{api}/changes?since={before}")
    side.paths = {
        "queue open": f"{api}/orders?scope=open",
        "queue store": f"{api}/orders?scope=store",
        "queue mine": f"{api}/orders?scope=mine",
        "changes whole": f"{api}/changes",
        "changes some": f"{api}/changes?since={before}",
        "changes none": f"{api}/changes?since={after}",
    }
    side.seconds = {name: [] for name in side.paths}


async def _cursor(side: _Side, connection: Connection, url: str) -> str:
    """Read to the end; where the reader stands then."""
    more, at = True, url
    page = _Page("", more=True)
    while more:
        status, body = await connection.send(_get(at, side.shop[0]))
        assert status == 200, body
        page = msgspec.json.decode(body, type=_Page)
        more, at = page.more, f"{url.partition('?')[0]}?since={page.cursor}"
    return page.cursor


async def _ask_all(side: _Side, connection: Connection, number: int) -> None:
    for name, path in side.paths.items():
        who = side.shop[number % len(side.shop)]
        asked = _get(path, who)
        started = time.perf_counter()
        status, body = await connection.send(asked)
        seconds = time.perf_counter() - started
        assert status == 200, body
        if number >= 0:
            side.seconds[name].append(seconds)


def _get(url: str, who: Person) -> bytes:
    return request("GET", url, (("Authorization", f"Bearer {who.token}"),))
