"""Do finished work again under a new id: history stays, and what was done already stays done."""

from __future__ import annotations

from uuid import UUID

import structlog

from app.db import erp, inbox, outbox, queue
from app.db.conn import Conn
from app.db.queue import Queue
from app.identifiers import new_id

log = structlog.get_logger()

#: How each queue's payload gets its copy. What people were told is not told again.
COPIES = {
    Queue.INBOX: inbox.copy_delivery,
    Queue.OUTBOX: outbox.copy_message,
    Queue.ERP: erp.copy_delivery,
}


async def replay(conn: Conn, name: Queue, old: UUID, who: str) -> UUID | None:
    """Queue a done, dead or superseded row's work again; None when there is no such row."""
    new, trace_id = new_id(), new_id().hex
    async with conn.transaction():
        if not await queue.replay(conn, name, old, new, trace_id):
            return None
        await COPIES[name](conn, old, new)
    log.info("replayed", queue=name, old=str(old), new=str(new), who=who)
    return new


async def replay_dead(conn: Conn, name: Queue, limit: int, who: str) -> int:
    """Replay the buried rows nobody has replayed yet; how many."""
    dead = await queue.unreplayed(conn, name, limit)
    for id_ in dead:
        await replay(conn, name, id_, who)
    return len(dead)
