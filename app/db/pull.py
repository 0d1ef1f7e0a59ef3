"""The list of an ERP that fetches, and what ERPs say of documents they have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("pull")
#: So many new deliveries get their places at once.
PLACED = 5000
#: So many lines of documents make a page full, however few documents they are.
LINES = 1000


@dataclass(frozen=True, slots=True)
class Said:
    """What an ERP says of one document: it is there, under this number if any; or why it is not."""

    id: UUID
    number: str | None = None
    error: str | None = None


async def place(conn: Conn, destination_id: UUID) -> None:
    """Give what is committed its places in the list; in a transaction of its own."""
    if not await conn.fetchval(_SQL["unplaced"], destination_id):
        return
    async with conn.transaction():
        last = await conn.fetchval(_SQL["lock"], destination_id)
        await conn.execute(_SQL["place"], destination_id, last, PLACED)


async def at(conn: Conn, destination_id: UUID, position: int) -> UUID | None:
    """The delivery at a place."""
    found: UUID | None = await conn.fetchval(_SQL["at"], destination_id, position)
    return found


async def first_unacknowledged(conn: Conn, destination_id: UUID) -> int | None:
    """The first place of a document the ERP has not acknowledged."""
    position: int | None = await conn.fetchval(_SQL["first_unacknowledged"], destination_id)
    return position


async def page(
    conn: Conn, destination_id: UUID, after: int, limit: int, *, unacknowledged: bool
) -> list[Record]:
    """Deliveries behind a place; at least one if there is any."""
    name = "unacknowledged" if unacknowledged else "page"
    rows: list[Record] = await conn.fetch(_SQL[name], destination_id, after, limit, LINES)
    return rows


async def handed(conn: Conn, destination_id: UUID, document_id: UUID) -> bool:
    """Whether a document was ever for this destination."""
    found: bool = await conn.fetchval(_SQL["handed"], destination_id, document_id)
    return found


async def acknowledge(
    conn: Conn, destination_id: UUID, said: Sequence[Said], trace_id: str
) -> list[UUID]:
    """Write down what an ERP says; ids of documents that were never for it."""
    ids = [each.id for each in said]
    numbers, errors = [each.number for each in said], [each.error for each in said]
    rows = await conn.fetch(_SQL["acknowledge"], destination_id, ids, numbers, errors, trace_id)
    return [row["id"] for row in rows]
