"""Finished work done again, much of it: count first, then batch by batch in its own pace.

A run's place is written with what it queued, in one transaction: whoever goes on with it after a
crash, or beside another, queues nothing twice."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.actions.replay_plan import Plan
from app.db import finished, replays
from app.db.conn import Conn
from app.db.finished import OVER, START, Spot
from app.db.queue import Queue
from app.db.replays import Taken
from app.domain.refusals import Code, Refused
from app.domain.replay import FEW, Bounds
from app.hub import Hub
from app.identifiers import new_id

#: Rows in one transaction; rows looked at in one, most of which a filter may not mean.
BATCH: Final = 500
LOOKED: Final = 5000
#: Replays of a queue that workers have before them at a time: fresh work waits for no more.
#: Of those of whoever is paused or away, its own next ones are kept back, and nobody else's.
ROOM: Final = {Queue.INBOX: 500, Queue.OUTBOX: 100, Queue.ERP: 100}
#: Batches that whoever asks waits for.
_AT_ONCE: Final = 20
#: Seconds that one turn of the duty takes, and between its looks when nothing may move.
TURN: Final = 9.0
LOOK: Final = 0.25


@dataclass(frozen=True, slots=True)
class Step:
    """One batch: of which run, rows replayed, whether it came further, whether it is at its end."""

    run: UUID
    replayed: int
    moved: bool
    over: bool


async def begin(conn: Conn, made: Plan, bounds: Bounds, trace_id: str) -> UUID:
    """Write a run down as it was planned; few rows are replayed at once, the others by the duty."""
    id_, skipped = new_id(), {"unfinished": made.unfinished} if made.unfinished else {}
    async with conn.transaction():
        await replays.start(
            conn,
            id_,
            made.wanted,
            bounds,
            ids=made.ids,
            matched=made.matched,
            goal=made.goal,
            skipped={} if made.ids is not None else skipped,
            trace_id=trace_id,
        )
    if min(made.matched, bounds.most) <= FEW:
        await hurry(conn, id_, _AT_ONCE)
    return id_


async def hurry(conn: Conn, id_: UUID, batches: int) -> None:
    """Work on a run at once, without minding its rate: so many batches at most."""
    for _ in range(batches):
        step = await batch(conn, only=id_, hurried=True)
        if step is None or step.over:
            return


async def cancel(conn: Conn, id_: UUID, who: str) -> Record:
    """Stop a run before its next batch; one that has ended stays as it is. Refused when unknown."""
    await replays.cancel(conn, id_, who)
    return await one(conn, id_)


async def one(conn: Conn, id_: UUID) -> Record:
    """A run as it stands; Refused when there is none."""
    found = await replays.latest(conn, 1, id_)
    if not found:
        raise Refused(Code.REPLAY_NOT_FOUND)
    return found[0]


async def work(hub: Hub, seconds: float = TURN) -> int:
    """Work on all runs for so many seconds, each in its own pace; how many rows were replayed."""
    until, total = time.monotonic() + seconds, 0
    while True:
        steps = await _round(hub)
        total += sum(step.replayed for step in steps)
        if not steps or time.monotonic() >= until:
            return total
        if not any(step.moved for step in steps):
            await asyncio.sleep(LOOK)


async def _round(hub: Hub) -> list[Step]:
    """One batch of every run that nobody else works on."""
    steps: list[Step] = []
    async with hub.pools.drains.acquire() as conn:
        while (step := await batch(conn, but=[each.run for each in steps])) is not None:
            steps.append(step)
    return steps


async def batch(
    conn: Conn, *, only: UUID | None = None, but: Sequence[UUID] = (), hurried: bool = False
) -> Step | None:
    """The next rows of the run that has waited longest, in one transaction; None for no run.
    As many as its rate and the queue's room allow; `hurried`: a whole batch."""
    async with conn.transaction():
        await finished.own_plans(conn)
        run = await replays.take(conn, only, but)
        if run is None:
            return None
        await replays.alone(conn, run.wanted.queue)
        left = run.bounds.most - run.replayed
        limit = min(BATCH, left, BATCH if hurried else await _allowed(conn, run))
        if limit <= 0 < left:
            return Step(run.id, 0, moved=False, over=False)
        further, rows, over = await _next(conn, run, limit) if left > 0 else (run, [], True)
        skipped = Counter(row["verdict"] for row in rows if row["verdict"] is not None)
        good = [row["id"] for row in rows if row["verdict"] is None]
        further = replace(further, skipped=Counter(run.skipped) + skipped)
        await replays.add(conn, run, [(id_, new_id()) for id_ in good])
        over = over or len(good) >= left
        await replays.advance(conn, further, len(good), over=over)
    return Step(run.id, len(good), moved=True, over=over)


async def _allowed(conn: Conn, run: Taken) -> int:
    if run.allowed <= 0:
        return 0
    queue = Queue(run.wanted.queue)
    return min(run.allowed, ROOM[queue] - await replays.on_the_way(conn, queue, run.whom))


async def _next(conn: Conn, run: Taken, limit: int) -> tuple[Taken, list[Record], bool]:
    """The next rows, the run as it is after them, and whether they were the last ones."""
    if run.ids is not None:
        rows = await finished.chosen(conn, run.wanted.queue, run.ids, run.place, limit)
        place = run.place + len(rows)
        return replace(run, place=place), rows, place >= len(run.ids)
    wanted = run.wanted
    known = wanted.whoms
    if known is None:
        known = tuple(await finished.whoms(conn, wanted.queue))
    begin_at = START if wanted.since is None else Spot(wanted.since, 0)
    whom = run.whom or next(iter(known), None)
    if whom is None:
        return run, [], True
    after = begin_at if run.whom is None or run.spot == START else run.spot
    rows, spot = await _page(conn, run, whom, after, limit)
    if spot != OVER:
        return replace(run, whom=whom, spot=spot), rows, False
    others = [each for each in known if each > whom]
    if not others:
        return replace(run, whom=whom, spot=OVER), rows, True
    return replace(run, whom=others[0], spot=START), rows, False


async def _page(
    conn: Conn, run: Taken, whom: UUID, after: Spot, limit: int
) -> tuple[list[Record], Spot]:
    """Rows of one account or destination, and up to where it was looked; OVER at its end. What is
    buried is found by itself, however much else there is."""
    wanted = run.wanted
    buried = wanted.states == ("dead",)
    until = OVER if buried else await finished.edge(conn, wanted, whom, after, LOOKED)
    rows = await finished.page(
        conn, wanted, whom, after=after, until=until, goal=run.goal, limit=limit
    )
    if len(rows) == limit:
        return rows, Spot(rows[-1]["created_at"], rows[-1]["seq"])
    return rows, until
