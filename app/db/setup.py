"""Write merchants, stores, accounts and people; each may be said twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.errors import SettingsInvalid
from app.identifiers import new_id

_SQL = load("setup")


async def merchant(conn: Conn, name: str, telegram_chat: int | None) -> UUID:
    """A merchant by its name."""
    id_ = await _id(conn, _SQL["merchant"], new_id(), name, telegram_chat)
    if telegram_chat is not None:
        await conn.execute(_SQL["chat"], telegram_chat, id_, name, "Europe/Moscow")
    return id_


async def store(
    conn: Conn, merchant_id: UUID, names: tuple[str, str, str], telegram_chat: int | None
) -> UUID:
    """A store by its code; names = (code, name, time zone)."""
    if telegram_chat is not None:
        await conn.execute(_SQL["chat"], telegram_chat, merchant_id, names[1], names[2])
    return await _id(conn, _SQL["store"], new_id(), merchant_id, *names, telegram_chat)


async def account(
    conn: Conn,
    merchant_id: UUID,
    code: str,
    adapter: str,
    values: tuple[Mapping[str, Any], Mapping[str, Any]],
) -> UUID:
    """An account by its code; values = (the adapter's settings, the hub's rules). SettingsInvalid
    for the code of one that was removed."""
    settings, rules = map(dict, values)
    found: UUID | None = await conn.fetchval(
        _SQL["account"], new_id(), merchant_id, code, adapter, settings, rules
    )
    if found is None:
        raise SettingsInvalid(f"account {code} was removed: give the new one another code")
    return found


async def merchant_papers(
    conn: Conn, merchant_id: UUID, requisites: Mapping[str, str] | None, series: str | None
) -> None:
    """How documents name a merchant, and what their numbers begin with; None: as it was."""
    said = None if requisites is None else dict(requisites)
    await conn.execute(_SQL["merchant_papers"], merchant_id, said, series)


async def store_papers(conn: Conn, store_id: UUID, requisites: Mapping[str, str] | None) -> None:
    """How documents name a store; None: as it was."""
    if requisites is not None:
        await conn.execute(_SQL["store_papers"], store_id, dict(requisites))


async def account_papers(conn: Conn, account_id: UUID, buyer: Mapping[str, str] | None) -> None:
    """Whom documents of an account name as the buyer; None: as it was."""
    if buyer is not None:
        await conn.execute(_SQL["account_papers"], account_id, dict(buyer))


async def map_store(conn: Conn, account_id: UUID, external_id: str, store_id: UUID) -> None:
    """What the marketplace calls a store of ours."""
    await conn.execute(_SQL["map_store"], account_id, external_id, store_id)


async def credential(conn: Conn, account_id: UUID, kind: str, sealed: bytes) -> None:
    """A sealed secret of an account, unless it has been rotated or revoked since."""
    await conn.execute(_SQL["credential"], account_id, kind, sealed)


async def picker(conn: Conn, store_id: UUID, names: tuple[str, str, str], pin_hash: str) -> None:
    """A person by the badge; names = (badge, name, role)."""
    await conn.execute(_SQL["picker"], new_id(), store_id, *names, pin_hash)


async def operator(conn: Conn, login: str, password_hash: str) -> None:
    """An operator by the login."""
    await conn.execute(_SQL["operator"], new_id(), login, password_hash)


async def _id(conn: Conn, sql: str, *values: object) -> UUID:
    found: UUID = await conn.fetchval(sql, *values)
    return found
