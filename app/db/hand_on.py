"""Issued documents become deliveries to the books of whoever sells."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("hand_on")


async def hand_on(conn: Conn, ids: Sequence[UUID], trace_id: str) -> None:
    """Queue documents for every destination that takes their kind, in this order; once, however
    often it is asked."""
    await conn.execute(_SQL["hand_on"], list(ids), trace_id)
