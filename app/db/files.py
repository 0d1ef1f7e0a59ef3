"""What is kept in the file store, and which file says a document in which form."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("files")


@dataclass(frozen=True, slots=True)
class Stored:
    """One content in the store; bytes."""

    sha256: str
    size: int
    media_type: str


@dataclass(frozen=True, slots=True)
class Saying:
    """One document in one form and language."""

    document_id: UUID
    form: str
    language: str


async def note(conn: Conn, stored: Stored) -> None:
    """Remember a content that is in its place; once is enough."""
    await conn.execute(_SQL["note"], stored.sha256, stored.size, stored.media_type)


async def find(conn: Conn, sha256: str) -> Stored | None:
    """A content by its digest."""
    return _stored(await conn.fetchrow(_SQL["stored"], sha256))


async def of_document(conn: Conn, saying: Saying) -> Stored | None:
    """The file that was made of a document; None: none was."""
    return _stored(await conn.fetchrow(_SQL["of_document"], *_key(saying)))


async def note_document(conn: Conn, saying: Saying, sha256: str) -> None:
    """Remember what was made; when somebody was first, his stays."""
    await conn.execute(_SQL["note_document"], *_key(saying), sha256)


async def replace_document(conn: Conn, saying: Saying, sha256: str, lost: str) -> None:
    """Another file in the place of a lost one."""
    await conn.execute(_SQL["replace_document"], *_key(saying), sha256, lost)


async def document_with(conn: Conn, sha256: str) -> Saying | None:
    """A document that is said by this file; None: it is no document's."""
    row = await conn.fetchrow(_SQL["documents_with"], sha256)
    return Saying(**row) if row is not None else None


async def stored_after(conn: Conn, sha256: str, limit: int) -> list[Stored]:
    """Contents in order of their digests, behind this one."""
    return [Stored(**row) for row in await conn.fetch(_SQL["stored_after"], sha256, limit)]


async def known(conn: Conn, digests: Collection[str]) -> set[str]:
    """Which of these have a row."""
    return {row["sha256"] for row in await conn.fetch(_SQL["known"], list(digests))}


def _key(saying: Saying) -> tuple[UUID, str, str]:
    return saying.document_id, saying.form, saying.language


def _stored(row: Record | None) -> Stored | None:
    return Stored(**row) if row is not None else None
