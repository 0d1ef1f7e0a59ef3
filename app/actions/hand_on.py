"""Issued documents are handed on to the ERPs, and told to whoever wants to know: queued in the
transaction that issues them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.actions.note_events import note_documents
from app.db import hand_on as deliveries
from app.db.conn import Conn


async def hand_on(conn: Conn, ids: Sequence[UUID], trace_id: str) -> None:
    """Queue documents, in this order, for every destination of their merchants that takes their
    kind. Call it where they are issued, with the same connection and inside the transaction; then
    set `hub.wakes[Queue.ERP]` once that has committed. A repeat changes nothing."""
    if ids:
        await deliveries.hand_on(conn, ids, trace_id)
        await note_documents(conn, ids, trace_id)
