"""Delivered orders become sales: take a batch, say what holds orders back, issue the others."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import accumulate
from typing import Final, NamedTuple
from uuid import UUID

import asyncpg
from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.identifiers import new_id

_SQL = load("sales")
#: What a person may let pass. A VAT nobody knows must be said: no document can be without it.
WAIVABLE: Final = frozenset({"sum", "marks", "goods", "requisites", "composition"})
#: What rows that cannot be right end a statement with; orders beside them must not suffer.
BROKEN: Final = (asyncpg.DataError, asyncpg.IntegrityConstraintViolationError)


class Place(NamedTuple):
    """Where a run stands among the delivered orders: when the last one was, and which it was."""

    delivered_at: datetime
    id: UUID


#: Before all orders.
START: Final = Place(datetime(1970, 1, 1, tzinfo=UTC), UUID(int=0))


async def begin(conn: Conn) -> datetime:
    """The database's time: a run begins."""
    await conn.execute(_SQL["forget"])
    began: datetime = await conn.fetchval(_SQL["begin"])
    return began


async def take_turn(conn: Conn) -> None:
    """Wait until no other run is in the middle of a batch; until the transaction ends."""
    await conn.execute(_SQL["take_turn"])
    await plan(conn)


async def plan(conn: Conn) -> None:
    """Let what follows in this transaction look orders up, however few statistics there are."""
    await conn.execute(_SQL["plan"])


async def pick(conn: Conn, most: tuple[int, int], after: Place, began: datetime) -> list[Place]:
    """Lock orders that are due, in their order, until the transaction ends: up to most = (orders,
    lines of all of them), but one at least."""
    rows = await conn.fetch(_SQL["pick"], most[0], *after, began)
    lines = accumulate(row["lines"] for row in rows)
    return [
        Place(row["delivered_at"], row["id"])
        for n, (row, so_far) in enumerate(zip(rows, lines, strict=True))
        if n == 0 or so_far <= most[1]
    ]


async def issue(conn: Conn, ids: Sequence[UUID], actor: str, trace_id: str) -> list[UUID]:
    """Issue the sales of these picked orders, numbered in their order, and keep what holds the
    others back; the documents' ids."""
    documents, told = ([new_id() for _ in ids] for _ in range(2))
    rows = await conn.fetch(_SQL["issue"], list(ids), documents, told, actor, trace_id)
    return [row["id"] for row in rows]


async def hold(conn: Conn, order_id: UUID, error: Exception) -> None:
    """Keep that an order cannot be issued because its rows break something, and what they break."""
    problem = {"problem": "broken", "error": type(error).__name__}
    await conn.execute(_SQL["hold"], order_id, [problem])


async def holds(conn: Conn, store: str | None, limit: int) -> list[Record]:
    """Orders without a document and their problems, of one store or all, the longest held first."""
    rows: list[Record] = await conn.fetch(_SQL["holds"], store, limit)
    return rows


async def waive(conn: Conn, order_id: UUID, problem: str, actor: str, reason: str) -> bool:
    """Let one problem of an order pass; False when it has no such problem, or it is one that cannot
    be let pass. The next run issues the order if nothing else holds it."""
    if problem not in WAIVABLE:
        return False
    values = order_id, problem, actor, reason, new_id(), new_id().hex
    return await conn.fetchval(_SQL["waive"], *values) is not None
