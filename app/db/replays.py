"""Runs that do finished work again, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import msgspec
from asyncpg import Record

from app.db.conn import Conn
from app.db.finished import START, Spot
from app.db.queries import load
from app.db.queue import Queue
from app.domain.replay import Bounds, Wanted

_SQL = load("replays")


@dataclass(frozen=True, slots=True)
class Taken:
    """A run that somebody works on, locked. `allowed`: rows that its rate permits now."""

    id: UUID
    wanted: Wanted
    ids: tuple[UUID, ...] | None
    bounds: Bounds
    trace_id: str
    goal: int
    whom: UUID | None
    spot: Spot
    place: int
    replayed: int
    skipped: Mapping[str, int]
    allowed: int


async def start(  # noqa: PLR0913 - a run's columns
    conn: Conn,
    id_: UUID,
    wanted: Wanted,
    bounds: Bounds,
    *,
    ids: Sequence[UUID] | None,
    matched: int,
    goal: int,
    skipped: Mapping[str, int],
    trace_id: str,
) -> None:
    """Write a run down; whoever works on runs will find it."""
    said = msgspec.to_builtins(replace(wanted, ids=()))
    await conn.execute(
        _SQL["start"],
        id_,
        wanted.queue,
        said,
        None if ids is None else list(ids),
        bounds.most,
        bounds.rate,
        bounds.actor,
        bounds.reason,
        trace_id,
        matched,
        goal,
        dict(skipped),
    )


async def take(conn: Conn, only: UUID | None, but: Sequence[UUID]) -> Taken | None:
    """Lock the run that has waited longest, in the caller's transaction."""
    row = await conn.fetchrow(_SQL["take"], only, list(but))
    if row is None:
        return None
    return Taken(
        id=row["id"],
        wanted=msgspec.convert(row["wanted"], Wanted),
        ids=None if row["ids"] is None else tuple(row["ids"]),
        bounds=Bounds(row["actor"], row["most"], row["rate"], row["reason"]),
        trace_id=row["trace_id"],
        goal=row["goal"],
        whom=row["whom"],
        spot=START if row["at"] is None else Spot(row["at"], row["seq"]),
        place=row["place"],
        replayed=row["replayed"],
        skipped=row["skipped"],
        allowed=row["allowed"],
    )


async def alone(conn: Conn, queue: str) -> None:
    """Nobody else queues replays of a queue until the caller's transaction ends."""
    await conn.execute(_SQL["alone"], queue)


async def on_the_way(conn: Conn, queue: str, whom: UUID | None) -> int:
    """Replays of a queue that a worker may take at once, or has taken, and those that wait for
    `whom`, an account or a destination, though it is paused or away."""
    found: int = await conn.fetchval(_SQL["on_the_way"], queue, whom)
    return found


async def add(conn: Conn, run: Taken, rows: Sequence[tuple[UUID, UUID]]) -> None:
    """Queue (old, new) ids with copies of their payloads, in this order."""
    if not rows:
        return
    old, new = (list(ids) for ids in zip(*rows, strict=True))
    queue, bounds = run.wanted.queue, run.bounds
    await conn.execute(_SQL["queue_rows"], queue, old, new, run.trace_id)
    if queue == Queue.INBOX:
        await conn.execute(_SQL["copy_inbox"], old, new)
    elif queue == Queue.OUTBOX:
        await conn.execute(_SQL["copy_outbox"], old, new)
    else:
        await conn.execute(_SQL["copy_erp_outbox"], old, new, bounds.actor, bounds.reason)
    await conn.execute(_SQL["keep"], run.id, old, new)


async def advance(conn: Conn, run: Taken, replayed: int, *, over: bool) -> None:
    """Write down how far a run is now, `replayed` rows further."""
    await conn.execute(
        _SQL["advance"],
        run.id,
        run.whom,
        run.spot.at,
        run.spot.seq,
        run.place,
        replayed,
        dict(run.skipped),
        over,
    )


async def cancel(conn: Conn, id_: UUID, who: str) -> bool:
    """Stop a run before its next batch; False for one that is not running."""
    return await conn.fetchval(_SQL["cancel"], id_, who) is not None


async def latest(conn: Conn, limit: int, only: UUID | None = None) -> list[Record]:
    """Runs, the latest first."""
    rows: list[Record] = await conn.fetch(_SQL["latest"], only, limit)
    return rows


async def became(conn: Conn, id_: UUID) -> dict[str, int]:
    """Rows that a run made, by what became of them."""
    return {row["state"]: row["rows"] for row in await conn.fetch(_SQL["became"], id_)}


async def newest(conn: Conn, id_: UUID, limit: int) -> list[tuple[UUID, UUID]]:
    """(old, new) ids of rows that a run made, the first ones."""
    rows = await conn.fetch(_SQL["newest"], id_, limit)
    return [(row["old_id"], row["new_id"]) for row in rows]
