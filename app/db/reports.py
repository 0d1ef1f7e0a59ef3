"""The report of orders, as the database adds it up."""

from __future__ import annotations

from datetime import date
from typing import Any, Final

from app.db.conn import Conn
from app.db.queries import load
from app.domain.report import Ask, Named

_SQL = load("reports")
#: Seconds a report may take: a year of a large chain does.
PATIENCE: Final = 60.0


async def today(conn: Conn) -> date:
    """The date where it is latest among the stores."""
    day: date = await conn.fetchval(_SQL["today"])
    return day


async def stores(conn: Conn, code: str | None) -> list[Named]:
    """Stores of all chains, or those with this code."""
    return [Named(**row) for row in await conn.fetch(_SQL["stores"], code)]


async def accounts(conn: Conn, code: str | None) -> list[Named]:
    """Accounts of all chains, or the one with this code."""
    return [Named(**row) for row in await conn.fetch(_SQL["accounts"], code)]


async def sums(conn: Conn, ask: Ask) -> dict[str, dict[str, Any]]:
    """Sums and percentiles by key, those of everything under ''; without facts there is no key."""
    wanted = ask.first, ask.last, ask.by, ask.store, ask.account
    rows = await conn.fetch(_SQL["sums"], *wanted, timeout=PATIENCE)
    return {row["key"]: dict(row) for row in rows}
