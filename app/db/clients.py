"""Picking applications that speak the original's protocol, and what their tokens open."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.people import Picker
from app.db.queries import load

_SQL = load("clients")


@dataclass(frozen=True, slots=True)
class Client:
    """One application of one merchant."""

    id: UUID
    merchant_id: UUID
    name: str


async def by_token(conn: Conn, token_hash: bytes) -> Client | None:
    """The application with this token; none when it is unknown or revoked."""
    row = await conn.fetchrow(_SQL["by_token"], token_hash)
    return Client(**row) if row else None


async def save(conn: Conn, id_: UUID, merchant_id: UUID, name: str, token_hash: bytes) -> None:
    """Admit an application, or give it another token."""
    await conn.execute(_SQL["save"], id_, merchant_id, name, token_hash)


async def revoke(conn: Conn, merchant_id: UUID, name: str) -> bool:
    """Shut an application of a merchant out at once; False when there is no such one."""
    return await conn.fetchval(_SQL["revoke"], merchant_id, name) is not None


async def overview(conn: Conn) -> list[Record]:
    """Every application in one line; never a token."""
    rows: list[Record] = await conn.fetch(_SQL["overview"])
    return rows


async def merchant(conn: Conn, name: str | None) -> UUID | None:
    """The merchant with this name, or the only one there is."""
    found = await conn.fetch(_SQL["merchants"], name)
    return found[0]["id"] if len(found) == 1 else None


async def order_ids(conn: Conn, picker: Picker, text: str) -> list[UUID]:
    """The order with this name: one of the person's store, else one of the merchant's. Several
    when accounts, or an account and the hub, call different orders by the same name."""
    try:
        id_ = UUID(text)
    except ValueError:
        id_ = None
    rows = await conn.fetch(_SQL["order_ids"], picker.merchant_id, text, id_, picker.store_id)
    here = [row["id"] for row in rows if row["here"]]
    return here or [row["id"] for row in rows]
