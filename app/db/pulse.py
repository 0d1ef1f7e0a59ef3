"""What processes say of themselves every few seconds, and how old the monitor's last look is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from app.db.conn import Conn
from app.db.queries import load
from app.domain.answer_times import Tally
from app.domain.running import Running

_SQL = load("pulse")


@dataclass(frozen=True, slots=True)
class Signs:
    """What a process measured: milliseconds to the database and back, its clock against the
    database's (milliseconds, ahead is positive), percent of its disk that is free."""

    reach_ms: float
    skew_ms: float
    disk_free: float | None


async def clock(conn: Conn) -> datetime:
    """The database's time at this very moment."""
    moment: datetime = await conn.fetchval(_SQL["clock"])
    return moment


async def beat(conn: Conn, worker: str, running: Running, signs: Signs) -> None:
    """A process lives."""
    await conn.execute(
        _SQL["beat"], worker, running.role, running.host, running.version, signs.reach_ms,
        signs.skew_ms, signs.disk_free,
    )  # fmt: skip


async def hooks(conn: Conn, worker: str, tallies: Mapping[str, Tally]) -> None:
    """Add to how webhooks were answered, by the accounts' codes."""
    rows = [{"code": code, **asdict(tally)} for code, tally in tallies.items()]
    await conn.execute(_SQL["hooks"], worker, rows)


async def goodbye(conn: Conn, worker: str) -> None:
    """A process ends as it should."""
    await conn.execute(_SQL["goodbye"], worker)


async def expiry(conn: Conn, host: str, what: str, ends_at: datetime) -> None:
    """Something of this host ends then."""
    await conn.execute(_SQL["expiry"], host, what, ends_at)


async def monitor_age(conn: Conn) -> float | None:
    """Seconds since monitoring last went over all rules; None when it never has."""
    age: float | None = await conn.fetchval(_SQL["monitor_age"])
    return age


async def incidents(conn: Conn) -> dict[tuple[str, str], int]:
    """How many incidents are on, by level and state."""
    rows = await conn.fetch(_SQL["incidents"])
    return {(row["level"], row["state"]): row["count"] for row in rows}
