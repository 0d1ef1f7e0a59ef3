"""What the queue's and the feed's queries cost the database: pages touched, free of any noise."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from statistics import median
from typing import Any, cast

from asyncpg import Record

from app.db import changes, people, picks, rehearsal, shop_queue
from app.db.conn import Conn
from app.db.shop_queue import Filters
from app.domain.cursor import FIRST, read

#: Rows of a page, as the API asks for.
_PAGE = 200
_TIMES = 5


@dataclass(frozen=True, slots=True)
class Cost:
    """Pages touched by the last of some runs, and the median of their milliseconds."""

    pages: int
    milliseconds: float


class _Noted:
    """Stands in for a connection, to learn which query a function of ours asks."""

    def __init__(self) -> None:
        self.asked: tuple[str, tuple[Any, ...]] = ("", ())

    async def fetch(self, sql: str, *values: Any) -> list[Record]:
        """Note it, and find nothing."""
        self.asked = (sql, values)
        return []


async def costs(conn: Conn, token: str, cursor: str) -> dict[str, Cost]:
    """Every query of the queue and of the feed, as the holder of this token asks it."""
    signed = await people.by_session(conn, hashlib.sha256(token.encode()).digest(), "")
    since = read(cursor)
    assert signed is not None
    assert since is not None
    who, here = signed.picker, [signed.picker.store_id]
    now = (await changes.stand(conn)).seen
    asked: dict[str, Callable[[Conn], Awaitable[object]]] = {
        "queue open": lambda on: shop_queue.page(on, who, Filters("open"), None, _PAGE),
        "queue store": lambda on: shop_queue.page(on, who, Filters("store"), None, _PAGE),
        "queue mine": lambda on: shop_queue.page(on, who, Filters("mine"), None, _PAGE),
        "next": lambda on: picks.next_orders(on, who, "", 1),
        "changes whole": lambda on: changes.active(on, who.store_id, FIRST, _PAGE),
        "changes some": lambda on: changes.changed(on, here, (since.seen, now), FIRST, _PAGE),
        "changes none": lambda on: changes.changed(on, here, (now, now), FIRST, _PAGE),
    }
    return {name: await _cost(conn, ask) for name, ask in asked.items()}


async def _cost(conn: Conn, ask: Callable[[Conn], Awaitable[object]]) -> Cost:
    noted = _Noted()
    await ask(cast("Conn", noted))
    told = [await rehearsal.explain(conn, *noted.asked) for _ in range(_TIMES)]
    return Cost(told[-1][0], round(median(ms for _, ms in told), 3))
