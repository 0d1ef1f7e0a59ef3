"""Look for what would keep the hub from working, and say it in sentences."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from app.actions.banner import banner
from app.db import health, migrate, queue, ticks
from app.db.conn import Conn
from app.db.sealing import Seal
from app.errors import HubError


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    good: bool
    text: str


async def examine(
    conn: Conn, master_key: str | None, ways: Collection[str] = (), language: str = "en"
) -> list[Finding]:
    """Schema, durability, keys, queues, calendar, ways out beside Telegram, what is wrong now."""
    return [
        await _version(conn),
        await _schema(conn),
        await _durability(conn),
        _key(master_key),
        *await _queues(conn),
        await _calendar(conn),
        _second_way(ways),
        *await _banner(conn, language),
    ]


async def _version(conn: Conn) -> Finding:
    number = await health.server_version(conn)
    return Finding(number >= 150_000, f"PostgreSQL {number // 10_000}, 15 or newer is needed")


async def _schema(conn: Conn) -> Finding:
    try:
        missing = await migrate.pending(conn)
    except HubError as error:
        return Finding(good=False, text=str(error))
    return Finding(not missing, f"schema: {', '.join(missing) or 'up to date'}")


async def _durability(conn: Conn) -> Finding:
    off = await health.forgetful(conn)
    text = (
        f"{', '.join(off)} off: acknowledged orders may be lost" if off else "commits are durable"
    )
    return Finding(not off, text)


def _key(master_key: str | None) -> Finding:
    try:
        Seal(master_key or "")
    except HubError as error:
        return Finding(good=False, text=str(error))
    return Finding(good=True, text="the master key is well formed")


async def _queues(conn: Conn) -> list[Finding]:
    return [
        Finding(
            depth.oldest_due < 300 and depth.dead == 0,
            f"{name}: {depth.unfinished} unfinished, oldest due {depth.oldest_due:.0f} s,"
            f" {depth.dead} buried",
        )
        for name, depth in (await queue.depths(conn)).items()
    ]


def _second_way(ways: Collection[str]) -> Finding:
    if ways:
        return Finding(good=True, text=f"beside Telegram, alarms go by {' and '.join(ways)}")
    text = "no second way: when Telegram fails, nobody is told (HUB_ALARM_SMTP, HUB_ALARM_WEBHOOK)"
    return Finding(good=True, text=text)


async def _banner(conn: Conn, language: str) -> list[Finding]:
    """Only with a schema that is up to date: it asks newer tables."""
    if await health.missing_migrations(conn):
        return []
    return [Finding(good=False, text=line.text) for line in await banner(conn, language)]


async def _calendar(conn: Conn) -> Finding:
    rows = await ticks.latest(conn)
    failed = [row["job"] for row in rows if row["state"] == "failed"]
    text = f"failed: {', '.join(failed)}" if failed else f"{len(rows)} jobs have run"
    return Finding(bool(rows) and not failed, f"calendar: {text}")
