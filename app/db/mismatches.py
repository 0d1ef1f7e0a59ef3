"""What marketplaces list against what we know, order by order; what differs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec
from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.db.reconciliation import Run
from app.domain.order import OrderState
from app.domain.reconcile import Kind, Ours, Theirs
from app.identifiers import new_id

_SQL = load("mismatches")
#: Characters kept of what is no order.
KEPT: Final = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """An order as it is listed now, or was listed last."""

    ref: str
    theirs: Theirs
    body: bytes


@dataclass(frozen=True, slots=True)
class Known:
    """An order as we know it, and whether deliveries of it wait."""

    id: UUID | None
    ours: Ours | None
    hearing: bool


@dataclass(frozen=True, slots=True)
class Open:
    """Something open of an order: as it was listed, since when exactly so."""

    kind: Kind
    theirs: Theirs | None
    noted_at: datetime


@dataclass(frozen=True, slots=True)
class Note:
    """What is to be kept of an order."""

    seen: Seen
    kind: Kind
    order_id: UUID | None
    theirs: str = ""
    ours: str = ""


async def ours(conn: Conn, account_id: UUID, refs: Collection[str]) -> dict[str, Known]:
    """Orders by the marketplace's ids, as far as we know them."""
    rows = await conn.fetch(_SQL["ours"], account_id, list(refs))
    return {row["ref"]: Known(row["id"], _ours(row), row["hearing"]) for row in rows}


def _ours(row: Record) -> Ours | None:
    if row["id"] is None:
        return None
    return Ours(
        OrderState(row["state"]), row["version"], row["changed_at"], row["paid"], row["total"],
        row["ordered"], row["picked"], row["speaking"], row["refused"],
    )  # fmt: skip


async def open_(conn: Conn, account_id: UUID, refs: Collection[str]) -> dict[str, list[Open]]:
    """What is open of these orders."""
    found: dict[str, list[Open]] = {}
    for row in await conn.fetch(_SQL["open"], account_id, list(refs)):
        theirs = msgspec.convert(row["theirs"], Theirs) if row["theirs"] else None
        one = Open(Kind(row["kind"]), theirs, row["noted_at"])
        found.setdefault(row["order_ref"], []).append(one)
    return found


async def unseen(conn: Conn, account_id: UUID, run_id: UUID, after: str, limit: int) -> list[Seen]:
    """Orders with something open that a look has not listed, as they were listed last."""
    rows = await conn.fetch(_SQL["unseen"], account_id, run_id, after, limit)
    return [
        Seen(row["order_ref"], msgspec.convert(row["theirs"], Theirs), row["body"]) for row in rows
    ]


async def feed(
    conn: Conn, account_id: UUID, rows: Sequence[tuple[str, Seen]], trace_id: str
) -> set[str]:
    """Put gaps into the inbox, by key; the refs of those that were not fed before."""
    ids = [new_id() for _ in rows]
    keys, refs = [key for key, _ in rows], [one.ref for _, one in rows]
    bodies = [one.body for _, one in rows]
    fed = await conn.fetch(_SQL["feed"], account_id, ids, keys, refs, bodies, trace_id)
    return {row["ref"] for row in fed}


async def note(conn: Conn, account_id: UUID, refs: Collection[str], notes: Sequence[Note]) -> None:
    """Keep what is open of the compared orders; what is not among it is over."""
    kinds = [(each.seen.ref, each.kind) for each in notes]
    await conn.execute(
        _SQL["settled"], account_id, list(refs), [ref for ref, _ in kinds], [k for _, k in kinds]
    )
    if notes:
        await conn.execute(_SQL["note"], account_id, *_columns(notes))


def _columns(notes: Sequence[Note]) -> list[list[Any]]:
    return [
        [each.seen.ref for each in notes],
        [each.kind for each in notes],
        [each.order_id for each in notes],
        [msgspec.json.encode(each.seen.theirs).decode() for each in notes],
        [each.seen.body for each in notes],
        [each.theirs for each in notes],
        [each.ours for each in notes],
        [each.kind is not Kind.UNSETTLED for each in notes],
    ]


async def absent(conn: Conn, account_id: UUID, run: Run, until: datetime) -> None:
    """Live orders that came before `until` and no look has listed: told when the next one does not
    list them either."""
    await conn.execute(_SQL["absent"], account_id, run.id, run.started_at)
    await conn.execute(_SQL["suspect"], account_id, run.since, until)


async def unreadable(conn: Conn, account_id: UUID, what: Collection[str]) -> None:
    """What was listed and is no order."""
    if what:
        await conn.execute(
            _SQL["unreadable"], account_id, [text[:KEPT].replace("\x00", "") for text in what]
        )


async def settle(conn: Conn, account_id: UUID) -> int:
    """A look has ended: what was no order a day ago is told no more. How many orders differ."""
    await conn.execute(_SQL["read_again"], account_id)
    differing: int = await conn.fetchval(_SQL["differing"], account_id)
    return differing
