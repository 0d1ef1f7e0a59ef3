"""Finished rows of the queues: which of them a person means, and what came after one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.replay import MOST, Wanted

_SQL = load("finished")
#: Before the first row and after the last one.
_FIRST: Final = datetime(1970, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 1, 1, tzinfo=UTC)
_END: Final = 2**62


@dataclass(frozen=True, slots=True)
class Spot:
    """A row's place among those of its account."""

    at: datetime = _FIRST
    seq: int = 0


START: Final = Spot()
#: After every row.
OVER: Final = Spot(_LAST, _END)


async def own_plans(conn: Conn) -> None:
    """Plan every question of the caller's transaction for what it asks."""
    await conn.execute(_SQL["own_plans"])


async def whoms(conn: Conn, queue: str) -> list[UUID]:
    """Accounts, or destinations, that have finished rows in a queue; in the order of their ids."""
    return [row["id"] for row in await conn.fetch(_SQL["whoms"], queue)]


async def meaning(conn: Conn, wanted: Wanted) -> Wanted:
    """The same with what its codes mean: () for a code that nobody has."""
    accounts = stores = None
    if wanted.account is not None:
        rows = await conn.fetch(_SQL["called"], wanted.queue, wanted.account)
        accounts = tuple(row["id"] for row in rows)
    if wanted.store is not None:
        stores = tuple(row["id"] for row in await conn.fetch(_SQL["stores"], wanted.store))
    return replace(wanted, whoms=accounts, stores=stores)


async def count(conn: Conn, wanted: Wanted, goal: int) -> Record:
    """matched, first_at, last_at of what a filter means; one more than MOST stands for more."""
    words = await _words(conn, wanted)
    row = await conn.fetchrow(_SQL["count"], *words, goal, MOST + 1)
    assert row is not None
    return row


async def unfinished(conn: Conn, wanted: Wanted) -> int:
    """How many rows of the same time are not finished yet."""
    queue, _, since, until, _, _, kinds, stores = await _words(conn, wanted)
    whom = None if wanted.whoms is None else list(wanted.whoms)
    found: int = await conn.fetchval(_SQL["unfinished"], queue, whom, since, until, kinds, stores)
    return found


async def goal(conn: Conn) -> int:
    """The youngest row's place in the queues."""
    last: int = await conn.fetchval(_SQL["goal"])
    return last


async def edge(conn: Conn, wanted: Wanted, whom: UUID, after: Spot, rows: int) -> Spot:
    """Where the next `rows` rows of an account end, OVER when there are not so many."""
    row = await conn.fetchrow(
        _SQL["edge"], wanted.queue, whom, after.at, after.seq, wanted.until or _LAST, rows - 1
    )
    return Spot(row["created_at"], row["seq"]) if row else OVER


async def page(  # noqa: PLR0913 - where a page lies
    conn: Conn, wanted: Wanted, whom: UUID, *, after: Spot, until: Spot, goal: int, limit: int
) -> list[Record]:
    """The next rows of an account that match, each with the reason why it is skipped, if any."""
    rows: list[Record] = await conn.fetch(
        _SQL["page"],
        wanted.queue,
        whom,
        after.at,
        after.seq,
        wanted.until or _LAST,
        list(wanted.states),
        _listed(wanted.reason),
        _listed(wanted.kind),
        None if wanted.stores is None else list(wanted.stores),
        goal,
        until.at,
        until.seq,
        limit,
    )
    return rows


async def chosen(
    conn: Conn, queue: str, ids: Sequence[UUID], after: int, limit: int
) -> list[Record]:
    """The next rows of a selection, each with the reason why it is skipped, if any."""
    rows: list[Record] = await conn.fetch(_SQL["chosen"], queue, list(ids), after, limit)
    return rows


async def in_order(conn: Conn, queue: str, ids: Sequence[UUID]) -> list[UUID]:
    """Each once, in the order in which the rows came; what is no row comes last."""
    return [row["id"] for row in await conn.fetch(_SQL["sorted"], queue, list(ids))]


async def of_order(conn: Conn, wanted: Wanted) -> list[UUID]:
    """Rows of the order that a filter names, in the order in which they came."""
    queue, whom, *rest = await _words(conn, wanted)
    return [
        row["id"] for row in await conn.fetch(_SQL["of_order"], queue, wanted.order, *rest, whom)
    ]


async def last_word(conn: Conn, order_id: UUID) -> int | None:
    """The place, among all that was ever queued, of the latest that a marketplace took of an order;
    a replay has that of the first one."""
    place: int | None = await conn.fetchval(_SQL["last_word"], order_id)
    return place


async def later(conn: Conn, order_id: UUID, first_seq: int) -> list[UUID]:
    """Deliveries that an order took after the one that had this place."""
    return [row["id"] for row in await conn.fetch(_SQL["later"], order_id, first_seq)]


async def taken(conn: Conn, id_: UUID) -> bool:
    """Whether a delivery, or one that it repeats, was worked through."""
    found: bool = await conn.fetchval(_SQL["taken"], id_)
    return found


async def _words(conn: Conn, wanted: Wanted) -> tuple[Any, ...]:
    """A filter as parameters: queue, whoms, since, until, states, reasons, kinds, stores."""
    known = await whoms(conn, wanted.queue) if wanted.whoms is None else wanted.whoms
    return (
        wanted.queue,
        list(known),
        wanted.since or _FIRST,
        wanted.until or _LAST,
        list(wanted.states),
        _listed(wanted.reason),
        _listed(wanted.kind),
        None if wanted.stores is None else list(wanted.stores),
    )


def _listed(word: str | None) -> list[str] | None:
    return None if word is None else [word]
