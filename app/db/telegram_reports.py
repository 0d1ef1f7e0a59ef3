"""The numbers for people who ask in a chat, about their own merchant or store only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from app.db import queue
from app.db.conn import Conn
from app.db.queries import load
from app.domain.chat_report import (
    Backlog,
    OnShift,
    OrderReport,
    Source,
    Status,
    StoreLine,
    StoreReport,
    Today,
    Trouble,
)
from app.domain.rule import Level

_SQL = load("telegram_reports")
#: Lines of one kind in one message.
MOST: Final = 40
#: What came within this time is looked up itself; before, only its minute is known.
_JUST_NOW: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Touched:
    """An incident as an answer to a press tells of it."""

    merchant_id: UUID | None
    store_id: UUID | None
    acknowledged_by: str | None
    acknowledged_at: datetime | None
    resolved_at: datetime | None
    fired_at: datetime | None
    muted_until: datetime | None
    timezone: str


async def status(conn: Conn, merchant_id: UUID, store_id: UUID | None, now: datetime) -> Status:
    """How things stand."""
    rows = await conn.fetch(_SQL["troubles"], merchant_id, store_id, MOST)
    least = _first_id(now - _JUST_NOW)
    sources = await conn.fetch(_SQL["sources"], merchant_id, store_id, least)
    watching = await conn.fetchrow(_SQL["watching"])
    assert watching is not None  # an aggregate
    depths = await queue.depths(conn)
    return Status(
        now=now,
        critical=rows[0]["critical"] if rows else 0,
        warning=rows[0]["warning"] if rows else 0,
        troubles=[_trouble(row) for row in rows],
        sources=[Source(**row) for row in sources],
        backlogs=[Backlog(name, d.unfinished, d.oldest_due, d.dead) for name, d in depths.items()],
        watched_at=watching["watched_at"],
        blind=watching["blind"],
    )


async def store(
    conn: Conn, merchant_id: UUID, store_id: UUID | None, code: str
) -> StoreReport | None:
    """One store by its code; None when there is none that the person may see."""
    found = await conn.fetchrow(_SQL["stores"], merchant_id, store_id, code)
    if found is None:
        return None
    id_ = found["id"]
    states = await conn.fetch(_SQL["open_orders"], id_)
    wrong = await conn.fetch(_SQL["troubles"], merchant_id, id_, MOST)
    today = await conn.fetchrow(_SQL["today"], id_)
    assert today is not None  # an aggregate
    return StoreReport(
        **found,
        states={row["state"]: row["number"] for row in states},
        late=sum(row["late"] for row in states),
        soon=sum(row["soon"] for row in states),
        troubles=[_trouble(row) for row in wrong],
        team=await on_shift(conn, merchant_id, id_),
        today=Today(**today),
    )


async def stores(conn: Conn, merchant_id: UUID) -> tuple[list[StoreLine], int]:
    """A merchant's stores, the troubled first, and how many there are."""
    rows = await conn.fetch(_SQL["store_list"], merchant_id, MOST)
    count: int = await conn.fetchval(_SQL["store_count"], merchant_id)
    return [StoreLine(**row) for row in rows], count


async def on_shift(conn: Conn, merchant_id: UUID, store_id: UUID | None) -> list[OnShift]:
    """Who is at work."""
    rows = await conn.fetch(_SQL["on_shift"], merchant_id, store_id, 3 * MOST)
    return [OnShift(**row) for row in rows]


async def order(
    conn: Conn, merchant_id: UUID, store_id: UUID | None, text: str
) -> OrderReport | None:
    """One order by a number; None when there is none that the person may see."""
    row = await conn.fetchrow(_SQL["order"], merchant_id, store_id, text)
    if row is None:
        return None
    found = OrderReport(**row)
    wrong = await conn.fetch(_SQL["of_order"], found.id)
    return replace(found, troubles=[_trouble(one) for one in wrong])


async def touched(conn: Conn, incident_id: UUID) -> Touched | None:
    """An incident that somebody pressed a button of."""
    row = await conn.fetchrow(_SQL["pressed"], incident_id)
    return None if row is None else Touched(**row)


async def mute_scope(conn: Conn, mute_id: UUID) -> tuple[UUID | None, UUID | None] | None:
    """Whose a mute is: merchant and store; None when there is none."""
    row = await conn.fetchrow(_SQL["mute"], mute_id)
    return None if row is None else (row["merchant_id"], row["store_id"])


async def mutes_about(conn: Conn, mute_ids: Sequence[UUID]) -> dict[UUID, tuple[str, str | None]]:
    """What mutes are about, as people say it: where they hold, and the number of an order."""
    rows = await conn.fetch(_SQL["mutes_about"], list(mute_ids))
    return {row["id"]: (row["place"], row["number"]) for row in rows}


def _trouble(row: Record) -> Trouble:
    fields: dict[str, Any] = dict(row)
    for counted in ("critical", "warning"):
        fields.pop(counted, None)
    return Trouble(**{**fields, "level": Level(row["level"])})


def _first_id(moment: datetime) -> UUID:
    """The least UUIDv7 of a moment."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)
