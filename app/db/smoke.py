"""The smoke order of a deploy in the database: its order, its people, what earlier runs left."""

from __future__ import annotations

from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("smoke")


async def order(conn: Conn, account_id: UUID, external_id: str) -> tuple[UUID, str] | None:
    """The order's id and state; None while nobody has placed it."""
    row = await conn.fetchrow(_SQL["order"], account_id, external_id)
    return None if row is None else (row["id"], row["state"])


async def delivery(conn: Conn, account_id: UUID, external_id: str) -> Record | None:
    """What became of what was told last about an order: state, reason, last_error."""
    return await conn.fetchrow(_SQL["delivery"], account_id, f"{account_id}:{external_id}")


async def leftovers(conn: Conn, account_id: UUID, longest: float) -> list[str]:
    """Orders of runs that did not come to their end, by the shop's ids."""
    rows = await conn.fetch(_SQL["leftovers"], account_id, longest)
    return [row["external_id"] for row in rows]


async def idle(conn: Conn, store_id: UUID) -> UUID | None:
    """A picker whom no run has; nobody else gets this one until the transaction ends."""
    id_: UUID | None = await conn.fetchval(_SQL["idle"], store_id)
    return id_


async def forgotten(conn: Conn, store_id: UUID, longest: float) -> list[UUID]:
    """Pickers whom a run did not send home."""
    return [row["id"] for row in await conn.fetch(_SQL["forgotten"], store_id, longest)]


async def shop(conn: Conn, account: str) -> tuple[UUID, UUID]:
    """The account with this code, and its store."""
    row = await conn.fetchrow(_SQL["shop"], account)
    assert row is not None  # the caller has just made sure
    return row["id"], row["store_id"]
