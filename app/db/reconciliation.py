"""Looks at what marketplaces list: whose turn it is, and how far a look is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.errors import LeaseLost
from app.identifiers import new_id

_SQL = load("reconciliation")
#: Characters kept of an error.
KEPT: Final = 300


@dataclass(frozen=True, slots=True)
class Turn:
    """An account that is looked at now, and why; `run_id`: the look that goes on."""

    account_id: UUID
    epoch: int
    why: str
    created_at: datetime
    run_id: UUID | None
    covered_until: datetime | None
    asked_at: datetime | None
    asked_by: str | None
    asked_since: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class Run:
    """One look at a window. `stale`: pages in a row whose orders it had all seen."""

    id: UUID
    since: datetime
    until: datetime
    cursor: str | None
    pages: int
    stale: int
    started_at: datetime
    unreadable: int
    listed: int


@dataclass(frozen=True, slots=True)
class Turned:
    """What came of a page: see Run and migration 0049."""

    stale: int
    listed: int
    found: int
    unreadable: int


async def claim(conn: Conn, adapters: Collection[str], lease: float, limit: int) -> list[Turn]:
    """Take accounts whose turn it is; nobody else has them while the lease lasts."""
    await conn.execute(_SQL["enrol"])
    rows = await conn.fetch(_SQL["claim"], list(adapters), lease, limit)
    return [Turn(**row) for row in rows]


async def hold(conn: Conn, turn: Turn, lease: float) -> None:
    """Go on having an account; until a transaction ends nobody takes it. Raises LeaseLost."""
    if await conn.fetchval(_SQL["hold"], turn.account_id, turn.epoch, lease) is None:
        raise LeaseLost


async def release(conn: Conn, turn: Turn, after: float) -> None:
    """Let somebody go on, after so many seconds."""
    await conn.execute(_SQL["release"], turn.account_id, turn.epoch, after)


async def begin(conn: Conn, turn: Turn, since: datetime, until: datetime) -> Run:
    """A new look at [since, until)."""
    id_, actor = new_id(), turn.asked_by if turn.why == "asked" else None
    await conn.execute(_SQL["begin"], id_, turn.account_id, turn.why, actor or "hub", since, until)
    await conn.execute(_SQL["begun"], turn.account_id, id_)
    await conn.execute(_SQL["granted"], turn.account_id, turn.asked_at)
    return await run(conn, id_)


async def run(conn: Conn, id_: UUID) -> Run:
    """A look as far as it is."""
    row = await conn.fetchrow(_SQL["run"], id_)
    assert row is not None  # the account's row points at it
    return Run(**row)


async def seen(conn: Conn, run_id: UUID, refs: Collection[str]) -> int:
    """Note what a page lists; how many orders of it this look had not seen."""
    return len(await conn.fetch(_SQL["seen"], run_id, list(refs)))


async def forward(conn: Conn, run_id: UUID, cursor: str) -> bool:
    """Note which page is next; whether this look has not been there."""
    return await seen(conn, run_id, [f"page {sha256(cursor.encode()).hexdigest()}"]) == 1


async def turn_page(conn: Conn, run_id: UUID, cursor: str | None, page: Turned) -> None:
    """A page is done; the next one is at `cursor`."""
    await conn.execute(_SQL["turn"], run_id, cursor, *astuple(page))


async def well(conn: Conn, account_id: UUID, found: int) -> None:
    """It goes on as it should."""
    await conn.execute(_SQL["well"], account_id, found)


async def trouble(conn: Conn, turn: Turn, said: str, after: float) -> None:
    """It does not go on; somebody tries again after so many seconds."""
    await conn.execute(_SQL["trouble"], turn.account_id, _kept(said), after)


async def give_up(conn: Conn, turn: Turn, run: Run, said: str) -> None:
    """A look comes to nothing: its window is done again."""
    await conn.execute(_SQL["ended"], run.id, "failed", _kept(said), None)
    await conn.execute(_SQL["given_up"], turn.account_id, run.since)


async def unlisted(conn: Conn, turn: Turn, run_id: UUID, why: str) -> None:
    """The account is set up so that its orders cannot be listed."""
    await conn.execute(_SQL["ended"], run_id, "failed", _kept(why), None)
    await conn.execute(_SQL["unlisted"], turn.account_id, _kept(why))


async def finish(conn: Conn, turn: Turn, run: Run, differing: int) -> None:
    """All of a window was looked at; so many orders of the account differ now."""
    await conn.execute(_SQL["ended"], run.id, "done", None, differing)
    await conn.execute(_SQL["covered"], turn.account_id, run.until)
    await conn.execute(_SQL["forget_listed"], turn.account_id)


async def waiting(conn: Conn, account_id: UUID, limit: int) -> int:
    """How much of an account waits in the inbox, up to a limit."""
    count: int = await conn.fetchval(_SQL["waiting"], account_id, limit)
    return count


def _kept(text: str) -> str:
    return text[:KEPT].replace("\x00", "")
