"""Do finished work again under a new id: history stays, and what was done already stays done."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from app.actions import replays
from app.actions.replay_plan import plan
from app.db import replays as runs
from app.db.conn import Conn
from app.db.queue import Queue
from app.domain.replay import FEW, Bounds, Wanted
from app.identifiers import new_id

#: Queues whose work may be done again. What people were told is not told again.
QUEUES: Final = (Queue.INBOX, Queue.OUTBOX, Queue.ERP)


async def replay(conn: Conn, name: Queue, old: UUID, who: str, why: str = "") -> UUID | None:
    """Queue a done, dead or superseded row's work again; None when there is no such row, or when
    nothing may be done with it."""
    made = await plan(conn, Wanted(name, ids=(old,)))
    if made.matched == 0:
        return None
    run = await replays.begin(conn, made, Bounds(who, 1, reason=why), new_id().hex)
    done = await runs.newest(conn, run, 1)
    return done[0][1] if done else None


async def replay_dead(conn: Conn, name: Queue, limit: int, who: str, why: str = "") -> int:
    """Replay the buried rows nobody has replayed yet, at once; how many."""
    made = await plan(conn, Wanted(name, ("dead",)))
    if made.matched == 0:
        return 0
    run = await replays.begin(conn, made, Bounds(who, limit, reason=why), new_id().hex)
    if min(made.matched, limit) > FEW:
        await replays.hurry(conn, run, limit)
    replayed: int = (await replays.one(conn, run))["replayed"]
    return replayed
