"""What became of an order or was issued is told to a retailer's own systems: written down in the
transaction that changes it, for each that wants to know; nothing where nobody does."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import msgspec

from app.db import events
from app.db.conn import Conn
from app.db.events import Happened
from app.domain.integrator import EventType, told
from app.domain.order import Order
from app.render.order_event import DocumentData, DocumentFacts, Names, envelope, order_event


async def note_events(conn: Conn, before: Order, after: Order, trace_id: str) -> None:
    """Queue what this change tells, in the caller's transaction and under the order's lock. Most
    changes tell nothing, and ask nothing."""
    found = told(before, after)
    if not found:
        return
    wanted = await events.wanted(
        conn, after.store_id, after.account_id, [type_ for type_, _ in found]
    )
    if not wanted:
        return
    names = Names(wanted[0]["marketplace"], wanted[0]["account"], wanted[0]["store"])
    at = wanted[0]["at"]
    happened = [
        Happened(type_, after.store_id, after.id, after.id, order_event(type_, at, then, names), to)
        for type_, then in found
        if (to := [row["id"] for row in wanted if not row["events"] or type_ in row["events"]])
    ]
    await events.add(conn, happened, trace_id)


async def note_documents(conn: Conn, ids: Sequence[UUID], trace_id: str) -> None:
    """Queue what is told of documents that are issued in the caller's transaction."""
    happened = []
    for row in await events.wanted_documents(conn, ids):
        facts = msgspec.convert(dict(row), DocumentFacts)
        body = envelope(EventType.DOCUMENT_ISSUED, row["at"], DocumentData(facts))
        about = row["order_id"] or row["id"]
        happened.append(
            Happened(
                EventType.DOCUMENT_ISSUED, row["store_id"], row["order_id"], about, body,
                row["integrators"],
            )
        )  # fmt: skip
    if happened:
        await events.add(conn, happened, trace_id)
