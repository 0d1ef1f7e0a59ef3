"""Stores that live in another cell, or are on their way there."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("away")


async def where_to(conn: Conn, knock: bytes) -> str | None:
    """The address of the cell that somebody nobody knows here has gone to."""
    url: str | None = await conn.fetchval(_SQL["who_is_away"], knock)
    return url


async def state(conn: Conn, store_id: UUID) -> str | None:
    """How far away a store is; None: it is here, and stays."""
    found: str | None = await conn.fetchval(_SQL["store_is_away"], store_id)
    return found


async def account(conn: Conn, account_id: UUID) -> bool:
    """Whether an account is in another cell, or on its way there."""
    found: bool = await conn.fetchval(_SQL["account_is_away"], account_id)
    return found


async def documents(conn: Conn, ids: Sequence[UUID]) -> bool:
    """Whether some of these documents are on their way to another cell."""
    found: bool = await conn.fetchval(_SQL["documents_are_away"], ids)
    return found
