"""Whom escalation calls, and in which chats."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("escalation")
#: Telegram tells no more people than a few of one message anyway.
MOST: Final = 20


class Call(NamedTuple):
    """People to call in one chat that shows an incident; `people`: {user_id, username, name}."""

    incident_id: UUID
    chat_id: int
    thread_id: int | None
    language: str | None
    people: Sequence[dict[str, Any]]


async def calls(conn: Conn, asked: Sequence[tuple[UUID, bool]]) -> list[Call]:
    """For each incident, and whether everybody is called or only supervisors: whom, and where."""
    if not asked:
        return []
    ids, everybody = map(list, zip(*asked, strict=True))
    return [Call(*row) for row in await conn.fetch(_SQL["calls"], ids, everybody, MOST)]


async def unplaced(conn: Conn) -> set[UUID]:
    """What was to be told and is to be seen in no chat."""
    return {row["id"] for row in await conn.fetch(_SQL["unplaced"])}
