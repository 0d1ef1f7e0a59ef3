"""Accounts as people manage them: what is set, who did what, versions of secrets without them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.identifiers import new_id

_SQL = load("account_desk")
#: Events of an account's story in one look.
STORY: Final = 20


@dataclass(frozen=True, slots=True)
class Managed:
    """An account without its secrets; also a removed one."""

    id: UUID
    merchant_id: UUID
    merchant: str
    code: str
    adapter: str
    settings: Mapping[str, Any]
    rules: Mapping[str, Any]
    active: bool
    paused_at: datetime | None
    paused_by: str | None
    paused_reason: str | None
    created_at: datetime
    changed_at: datetime
    removed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Version:
    """One version of a secret, not the secret. `state`: valid, ended or revoked."""

    kind: str
    version: int
    valid_from: datetime
    valid_until: datetime | None
    added_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    state: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """What of an account is not finished: from the marketplace, to it, and orders."""

    deliveries: int
    messages: int
    orders: int = 0


async def find(conn: Conn, code: str) -> Managed | None:
    """The account with this code, also a removed one."""
    row = await conn.fetchrow(_SQL["find"], code)
    return Managed(**row) if row else None


async def lock(conn: Conn, code: str) -> Managed | None:
    """An account that is there, for whoever changes it; None when there is none, or no more."""
    if await conn.fetchval(_SQL["lock"], code) is None:
        return None
    return await find(conn, code)


async def overview(conn: Conn) -> list[Record]:
    """All accounts in one line each; never a secret."""
    rows: list[Record] = await conn.fetch(_SQL["overview"])
    return rows


async def stores(conn: Conn, account_id: UUID) -> dict[str, str]:
    """Our stores' codes by what the marketplace calls them."""
    return {row["theirs"]: row["ours"] for row in await conn.fetch(_SQL["stores"], account_id)}


async def waiting(conn: Conn, account_id: UUID) -> Waiting:
    """What is not finished."""
    row = await conn.fetchrow(_SQL["waiting"], account_id)
    assert row is not None  # an aggregate always has a row
    return Waiting(**row)


async def add(
    conn: Conn,
    merchant_id: UUID,
    code: str,
    adapter: str,
    values: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> UUID | None:
    """A new account; values = (settings, rules). None when the code is taken."""
    settings, rules = map(dict, values)
    found: UUID | None = await conn.fetchval(
        _SQL["add"], new_id(), merchant_id, code, adapter, settings, rules
    )
    return found


async def change(
    conn: Conn, account_id: UUID, settings: Mapping[str, Any], rules: Mapping[str, Any]
) -> None:
    """Other settings and rules."""
    await conn.execute(_SQL["change"], account_id, dict(settings), dict(rules))


async def pause(conn: Conn, account_id: UUID, who: str, why: str) -> None:
    """No worker begins with another row of it."""
    await conn.execute(_SQL["pause"], account_id, who, why)


async def resume(conn: Conn, account_id: UUID) -> None:
    """Its rows are worked on again, in their order."""
    await conn.execute(_SQL["resume"], account_id)


async def remove(conn: Conn, account_id: UUID) -> None:
    """No webhook knows it any more; secrets and tokens are gone, history stays."""
    await conn.execute(_SQL["remove"], account_id)
    await conn.execute(_SQL["empty_all"], account_id)
    await conn.execute(_SQL["drop_tokens"], account_id)


async def bury(conn: Conn, account_id: UUID | None = None) -> Waiting:
    """Bury what waits for a removed account, or for all that are removed; how much it was."""
    queues = Counter(row["queue"] for row in await conn.fetch(_SQL["bury"], account_id))
    return Waiting(queues["inbox"], queues["outbox"])


async def merchant(conn: Conn, name: str | None) -> UUID | None:
    """The merchant with this name, or the only one there is."""
    found = await conn.fetch(_SQL["merchant"], name)
    return found[0]["id"] if len(found) == 1 else None


async def note(
    conn: Conn, account_id: UUID, who: str, event: str, detail: Mapping[str, Any]
) -> None:
    """Remember who did what; never a secret."""
    await conn.execute(_SQL["note"], account_id, who, event, dict(detail))


async def story(conn: Conn, account_id: UUID, limit: int = STORY) -> list[Record]:
    """The latest of what was done to it, the newest first."""
    rows: list[Record] = await conn.fetch(_SQL["story"], account_id, limit)
    return rows


async def versions(conn: Conn, account_id: UUID) -> list[Version]:
    """Every version of every secret, the newest of a kind first; not the secrets."""
    return [Version(**row) for row in await conn.fetch(_SQL["versions"], account_id)]


async def add_version(
    conn: Conn, account_id: UUID, kind: str, sealed: bytes, by: tuple[str, datetime | None]
) -> int:
    """The next version of a kind; by = (who, until when it is good). The account is locked."""
    found: int = await conn.fetchval(_SQL["add_version"], account_id, kind, sealed, *by)
    return found


async def outlives(conn: Conn, until: datetime, seconds: float) -> bool:
    """Whether a moment is more than so many seconds from now."""
    later: bool = await conn.fetchval(_SQL["outlives"], until, seconds)
    return later


async def end_older(conn: Conn, account_id: UUID, kind: str, version: int, seconds: float) -> None:
    """What was valid before this version ends so many seconds from now."""
    await conn.execute(_SQL["end_older"], account_id, kind, version, seconds)


async def revoke(
    conn: Conn, account_id: UUID, kind: str, version: int | None, who: str
) -> list[int]:
    """End versions of a kind now and for good; which they were. None: all of them."""
    rows = await conn.fetch(_SQL["revoke"], account_id, kind, version, who)
    return sorted(row["version"] for row in rows)


async def empty_ended(conn: Conn) -> None:
    """What ended a day ago is there no more."""
    await conn.execute(_SQL["empty_ended"])
