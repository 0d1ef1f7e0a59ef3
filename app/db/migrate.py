"""Bring the schema up to date: forward only, each file once, under a lock, with time-outs."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import asyncpg

from app.db.conn import Conn, connect_at_leisure
from app.db.queries import SQL
from app.errors import MigrationRefused

#: Any number nobody else uses for an advisory lock. Each migration takes it in its transaction: one
#: of a session would mean nothing where a pooler lends connections by the transaction.
_LOCK: Final = 7_305_021
_ALONE: Final = "SELECT pg_advisory_xact_lock($1)"
_NAME: Final = re.compile(r"(\d{4})_(pre|post)_[a-z0-9_]+\.sql")
_LEDGER: Final = """
CREATE TABLE IF NOT EXISTS schema_migration (
    name       text PRIMARY KEY,
    checksum   text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
)"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One file under sql/migrations; `phase` says before or after the code it belongs to."""

    name: str
    phase: str
    text: str

    @property
    def checksum(self) -> str:
        """What the ledger remembers, so that a changed old file is noticed."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def read_migrations(folder: Path = SQL / "migrations") -> list[Migration]:
    """All migrations in order; a file that breaks the naming rule is refused."""
    found = []
    for path in sorted(folder.glob("*.sql")):
        match = _NAME.fullmatch(path.name)
        if match is None:
            raise MigrationRefused(
                f"{path.name}: not named NNNN_pre_what.sql or NNNN_post_what.sql"
            )
        found.append(Migration(path.name, match[2], path.read_text(encoding="utf-8")))
    numbers = [migration.name[:4] for migration in found]
    if len(set(numbers)) != len(numbers):
        raise MigrationRefused(f"two migrations share a number: {numbers}")
    return found


async def migrate(
    dsn: str, migrations: Sequence[Migration] | None = None, *, phase: str | None = None
) -> list[str]:
    """Apply what is missing and return its names; `phase` limits it to pre or post files."""
    conn = await connect_at_leisure(dsn, statement_cache=0)
    try:
        async with conn.transaction():
            await conn.execute(_ALONE, _LOCK)
            await conn.execute(_LEDGER)
        return await _apply_missing(conn, migrations or read_migrations(), phase)
    finally:
        await conn.close()


async def pending(conn: Conn, phase: str | None = None) -> list[str]:
    """Names of migrations this database has not seen; refuses a changed old file."""
    missing = _unapplied(read_migrations(), await _ledger(conn))
    return [each.name for each in missing if phase in (None, each.phase)]


async def _apply_missing(
    conn: Conn, migrations: Sequence[Migration], phase: str | None
) -> list[str]:
    applied = []
    for migration in _unapplied(migrations, await _ledger(conn)):
        if phase and migration.phase != phase:
            continue
        try:
            if await _apply(conn, migration):
                applied.append(migration.name)
        except (asyncpg.PostgresError, OSError) as error:
            raise MigrationRefused(f"{migration.name} failed and was rolled back") from error
    return applied


async def _apply(conn: Conn, migration: Migration) -> bool:
    """Whether it was us: somebody else may have been quicker."""
    async with conn.transaction():
        await conn.execute(_ALONE, _LOCK)
        if migration.name in await _ledger(conn):
            return False
        await conn.execute("SET LOCAL lock_timeout = '4s'; SET LOCAL statement_timeout = '60s'")
        await conn.execute(migration.text)
        await conn.execute(
            "INSERT INTO schema_migration (name, checksum) VALUES ($1, $2)",
            migration.name,
            migration.checksum,
        )
    return True


async def _ledger(conn: Conn) -> dict[str, str]:
    if await conn.fetchval("SELECT to_regclass('schema_migration')") is None:
        return {}
    rows = await conn.fetch("SELECT name, checksum FROM schema_migration")
    return {row["name"]: row["checksum"] for row in rows}


def _unapplied(migrations: Sequence[Migration], done: dict[str, str]) -> list[Migration]:
    changed = [m.name for m in migrations if done.get(m.name, m.checksum) != m.checksum]
    if changed:
        raise MigrationRefused(f"already applied, but changed since: {', '.join(changed)}")
    return [migration for migration in migrations if migration.name not in done]
