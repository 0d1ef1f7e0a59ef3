"""Rows for queue tests, written straight into the table; `S` is the queue they are in."""

from __future__ import annotations

from app.db import queue
from app.db.queue import Queue
from app.identifiers import new_id

S = Queue.TELEGRAM
#: Seconds of a lease that ends when a test says so (`make_due`), however slow the machine is.
LONG = 3600.0


async def put(conn, key="k", *, n=1):
    """Ids of n new rows of one key, in order."""
    ids = [new_id() for _ in range(n)]
    for id_ in ids:
        await queue.add(conn, S, id_, account_id=None, fifo_key=key, trace_id="trace")
    return ids


async def row(conn, id_):
    return await conn.fetchrow("SELECT * FROM queue_item WHERE id = $1", id_)


async def states(conn, ids):
    return [(await row(conn, id_))["state"] for id_ in ids]


async def make_due(conn):
    """What was put off is due now, every lease has run out, and whoever was away may be asked."""
    await conn.execute("UPDATE queue_item SET due_at = now() - interval '1 second'")
    await conn.execute(
        "UPDATE account_gate SET rest_until = 'epoch', open_until = 'epoch', free_at = 'epoch',"
        " probe_until = 'epoch'"
    )


async def claim(conn, worker="w1", limit=20, lease=LONG):
    """Claimed rows in the order they were put in."""
    items = await queue.claim(conn, S, worker, limit, lease)
    return sorted(items, key=lambda item: item.created_at)
