"""What changed in a store since a reader last looked: the feed of the handhelds."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

import asyncpg
from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.cursor import Stand

_SQL = load("changes")


async def stand(conn: Conn) -> Stand:
    """Where the feed stands at this moment; a standby, which does not know, is away."""
    try:
        row = await conn.fetchrow(_SQL["stand"])
    except asyncpg.ObjectNotInPrerequisiteStateError as error:
        raise asyncpg.ReadOnlySQLTransactionError(str(error)) from error
    assert row is not None  # it reads no table
    return Stand(**row)


async def changed(
    conn: Conn, stores: Iterable[UUID], seen: tuple[str, str], after: UUID, limit: int
) -> list[Record]:
    """Orders that changed between two snapshots (earlier, later), in the order of their ids."""
    rows: list[Record] = await conn.fetch(_SQL["changed"], list(stores), *seen, after, limit)
    return rows


async def active(conn: Conn, store_id: UUID, after: UUID, limit: int) -> list[Record]:
    """Active orders of a store, in the order of their ids."""
    rows: list[Record] = await conn.fetch(_SQL["active"], store_id, after, limit)
    return rows
