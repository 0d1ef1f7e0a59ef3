"""One mechanism for all queues: claim, finish, fail; a write under a lease names its epoch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.retry import Verdict
from app.errors import LeaseLost

_SQL = load("queue")

#: Seconds until a silent worker's rows are anybody's again.
LEASE = 45.0


class Queue(StrEnum):
    """Marketplace to us, us to marketplace, us to people, documents to ERPs, events to a retailer's
    own systems. What goes out has lanes, so that an ERP that is away slows no notification."""

    INBOX = "inbox"
    OUTBOX = "outbox"
    TELEGRAM = "telegram_outbox"
    ERP = "erp_outbox"
    EVENTS = "event_outbox"


@dataclass(frozen=True, slots=True)
class Item:
    """A claimed row. `unsure`: an earlier try may have reached the other side. `first_id`,
    `first_seq`: of a replay, the row that was the first of all, and its place in the queue."""

    queue: Queue
    id: UUID
    account_id: UUID | None
    fifo_key: str
    attempts: int
    epoch: int
    unsure: bool
    trace_id: str
    created_at: datetime
    first_id: UUID | None = None
    first_seq: int | None = None


@dataclass(frozen=True, slots=True)
class Hands:
    """What a worker can take: rows of accounts with these adapters (None: with any), `most` of one
    account with those of it that are `held` already, and so many `retries`."""

    adapters: Sequence[str] | None = None
    held: Mapping[UUID, int] = field(default_factory=dict)
    most: int = 20
    retries: int = 20


#: Those of a worker that has nothing to do and knows every marketplace.
EMPTY: Final = Hands()
#: Lanes whose rows are accounts'.
FAIR: Final = frozenset({Queue.INBOX, Queue.OUTBOX})


@dataclass(frozen=True, slots=True)
class Depth:
    """How much is unfinished, how old the oldest due row is (seconds), how much is buried."""

    unfinished: int
    oldest_due: float
    dead: int


async def claim(  # noqa: PLR0913 - whose rows, how many, for how long
    conn: Conn,
    queue: Queue,
    worker: str,
    limit: int,
    lease: float = LEASE,
    *,
    destination: UUID | None = None,
    hands: Hands = EMPTY,
) -> list[Item]:
    """Lease due rows, oldest first; at most one per fifo key. `destination`: for this ERP alone,
    and none while it is paused or rests. In the lanes of accounts, they take turns, and `hands` say
    what this worker can still take; no row of an account that is paused or, going out, shut."""
    if queue in FAIR:
        room = (hands.adapters, list(hands.held), list(hands.held.values()), hands.most)
        limits = (worker, limit, lease)
        rows = await conn.fetch(_SQL["claim_fair"], queue, *limits, *room, hands.retries)
    elif destination is None:
        rows = await conn.fetch(_SQL["claim"], queue, worker, limit, lease)
    else:
        rows = await conn.fetch(_SQL["claim_for"], queue, worker, limit, lease, destination)
    return [Item(queue, **row) for row in rows]


async def add(  # noqa: PLR0913 - a row's columns
    conn: Conn,
    queue: Queue,
    id_: UUID,
    *,
    account_id: UUID | None,
    fifo_key: str,
    trace_id: str,
    head_start: float = 0.0,
) -> None:
    """Queue a row whose payload the caller writes in the same transaction. `head_start`: seconds it
    counts as having waited already: it goes before others, and nothing starves."""
    await conn.execute(_SQL["add"], queue, id_, account_id, fifo_key, trace_id, head_start)


async def add_all(
    conn: Conn, queue: Queue, rows: Sequence[tuple[UUID, str, float]], trace_id: str
) -> None:
    """Queue many rows of (id, fifo_key, head_start), in this order; see `add`."""
    ids, keys, starts = zip(*rows, strict=True) if rows else ((), (), ())
    await conn.execute(_SQL["add_all"], queue, list(ids), list(keys), list(starts), trace_id)


async def next_due(conn: Conn, queue: Queue, since: float) -> float | None:
    """Seconds until a row that waits falls due, None when none does. `since`: how many seconds ago
    somebody began to claim; what fell due after that may have been missed, and counts. (What was
    due before and is not claimed waits for an older one of its key.)"""
    seconds: float | None = await conn.fetchval(_SQL["next_due"], queue, since)
    return seconds


async def finish(conn: Conn, item: Item, reason: str | None = None) -> None:
    """Mark as done; raises LeaseLost when somebody else holds the row now."""
    if await conn.fetchval(_SQL["finish"], item.queue, item.id, item.epoch, reason) is None:
        raise LeaseLost


async def fail(conn: Conn, item: Item, verdict: Verdict) -> str | None:
    """Put off, park or bury as the verdict says; the row's new state, None if it is not ours."""
    state: str | None = await conn.fetchval(
        _SQL["fail"],
        item.queue,
        item.id,
        item.epoch,
        verdict.reason,
        verdict.error,
        verdict.delay,
        verdict.parked,
        verdict.unsure,
        verdict.counted,
    )
    return state


async def remove(conn: Conn, item: Item) -> None:
    """Take a finished row out of the queue; raises LeaseLost when it is not ours any more."""
    if await conn.fetchval(_SQL["remove"], item.queue, item.id, item.epoch) is None:
        raise LeaseLost


async def release(conn: Conn, queue: Queue, ids: Sequence[UUID], worker: str) -> None:
    """Give back rows that a stopping worker did not begin."""
    await conn.execute(_SQL["release"], queue, list(ids), worker)


async def wake(conn: Conn, queue: Queue, fifo_key: str) -> None:
    """Make rows due that waited for what has just happened."""
    await conn.execute(_SQL["wake"], queue, fifo_key)


async def supersede(conn: Conn, queue: Queue, fifo_key: str) -> None:
    """Unsent messages of a key no longer apply."""
    await conn.execute(_SQL["supersede"], queue, fifo_key)


async def drop_removed(conn: Conn) -> int:
    """Documents and events that wait for nobody any more are superseded; how many."""
    return len(await conn.fetch(_SQL["drop_removed"]))


async def depths(conn: Conn) -> dict[str, Depth]:
    """Every queue's depth; a queue with nothing in it is there with zeros."""
    found = {
        row["queue"]: Depth(row["unfinished"], row["oldest_due"], row["dead"])
        for row in await conn.fetch(_SQL["depths"])
    }
    return {str(queue): found.get(queue, Depth(0, 0.0, 0)) for queue in Queue}


async def browse(conn: Conn, queue: Queue, state: str | None, limit: int) -> list[Record]:
    """The newest rows of one queue, for an operator."""
    rows: list[Record] = await conn.fetch(_SQL["browse"], queue, state, limit)
    return rows


async def replay(conn: Conn, queue: Queue, old: UUID, new: UUID, trace_id: str) -> bool:
    """Queue a finished row's work again under a new id; False for one that is not finished."""
    return await conn.fetchval(_SQL["replay"], queue, old, new, trace_id) is not None
