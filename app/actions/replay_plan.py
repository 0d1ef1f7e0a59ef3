"""What a replay would do, counted before anything is done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db import finished
from app.db.conn import Conn
from app.db.finished import OVER, START, Spot
from app.domain.refusals import Code, Refused
from app.domain.replay import Wanted

_EXAMPLES: Final = 3


@dataclass(frozen=True, slots=True)
class Plan:
    """What a run would do. `ids`: the rows it is about where they are known one by one;
    `unfinished`: rows of the same time that are not meant; `examples`: the first ones."""

    wanted: Wanted
    ids: tuple[UUID, ...] | None
    goal: int
    matched: int
    first_at: datetime | None
    last_at: datetime | None
    unfinished: int
    examples: tuple[Record, ...]


async def plan(conn: Conn, asked: Wanted) -> Plan:
    """Count what is meant. Refused for a code that nobody has."""
    async with conn.transaction():
        await finished.own_plans(conn)
        wanted = await _meant(conn, asked)
        goal = await finished.goal(conn)
        if wanted.ids or wanted.order is not None:
            return await _plan_of_chosen(conn, wanted, goal)
        counted = await finished.count(conn, wanted, goal)
        examples = await _examples(conn, wanted, goal) if counted["matched"] else ()
        unfinished = await finished.unfinished(conn, wanted)
    return Plan(
        wanted,
        None,
        goal,
        counted["matched"],
        counted["first_at"],
        counted["last_at"],
        unfinished,
        tuple(examples),
    )


async def _meant(conn: Conn, asked: Wanted) -> Wanted:
    wanted = await finished.meaning(conn, asked)
    for field, found in (("account", wanted.whoms), ("store", wanted.stores)):
        if found == ():
            raise Refused(Code.INVALID_BODY, field=field, given=getattr(asked, field))
    return wanted


async def _plan_of_chosen(conn: Conn, wanted: Wanted, goal: int) -> Plan:
    """A selection: these ids, or all rows of an order."""
    if wanted.ids:
        ids = await finished.in_order(conn, wanted.queue, wanted.ids)
    else:
        ids = await finished.of_order(conn, wanted)
    rows = await finished.chosen(conn, wanted.queue, ids, 0, len(ids))
    good = [row for row in rows if row["verdict"] is None]
    at = [row["created_at"] for row in good]
    unfinished = sum(row["verdict"] == "unfinished" for row in rows)
    first, last = min(at, default=None), max(at, default=None)
    examples = tuple(good[:_EXAMPLES])
    return Plan(wanted, tuple(ids), goal, len(good), first, last, unfinished, examples)


async def _examples(conn: Conn, wanted: Wanted, goal: int) -> list[Record]:
    whoms = wanted.whoms or await finished.whoms(conn, wanted.queue)
    after = START if wanted.since is None else Spot(wanted.since, 0)
    for whom in whoms:
        rows = await finished.page(
            conn, wanted, whom, after=after, until=OVER, goal=goal, limit=_EXAMPLES
        )
        if rows:
            return rows
    return []
