"""Write merchants, stores, accounts, people and goods; each may be said twice."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.domain.quantity import Tolerance
from app.identifiers import new_id

_SQL = load("setup")


@dataclass(frozen=True, slots=True)
class Goods:
    """One product of the chain's catalogue; `vat` is standard, reduced, zero or none."""

    sku: str
    name: str
    barcodes: tuple[str, ...]
    plu: str | None
    vat: str
    marked: bool


async def merchant(conn: Conn, name: str, telegram_chat: int | None) -> UUID:
    """A merchant by its name."""
    return await _id(conn, _SQL["merchant"], new_id(), name, telegram_chat)


async def store(
    conn: Conn, merchant_id: UUID, names: tuple[str, str, str], telegram_chat: int | None
) -> UUID:
    """A store by its code; names = (code, name, time zone)."""
    return await _id(conn, _SQL["store"], new_id(), merchant_id, *names, telegram_chat)


async def admission(conn: Conn, store_id: UUID, devices: str, shifts: str) -> None:
    """Which handhelds a store admits, and whether it wants shifts."""
    await conn.execute(_SQL["admission"], store_id, devices, shifts)


async def mark_check(conn: Conn, store_id: UUID, mode: str) -> None:
    """Whether a store's product marks are checked online: off, permissive or strict."""
    await conn.execute(_SQL["mark_check"], store_id, mode)


async def tolerances(conn: Conn, store_id: UUID, rows: Mapping[str, Tolerance]) -> None:
    """How far weights may be off in a store, by category; instead of all it had."""
    await conn.execute(_SQL["clear_tolerances"], store_id)
    values = [
        (store_id, category, row.soft_under, row.hard_under, row.soft_over, row.hard_over)
        for category, row in rows.items()
    ]
    await conn.executemany(_SQL["tolerance"], values)


async def account(
    conn: Conn, merchant_id: UUID, code: str, adapter: str, settings: Mapping[str, Any]
) -> UUID:
    """An account by its code."""
    return await _id(conn, _SQL["account"], new_id(), merchant_id, code, adapter, dict(settings))


async def map_store(conn: Conn, account_id: UUID, external_id: str, store_id: UUID) -> None:
    """What the marketplace calls a store of ours."""
    await conn.execute(_SQL["map_store"], account_id, external_id, store_id)


async def credential(conn: Conn, account_id: UUID, kind: str, sealed: bytes) -> None:
    """A sealed secret of an account."""
    await conn.execute(_SQL["credential"], account_id, kind, sealed)


async def picker(conn: Conn, store_id: UUID, names: tuple[str, str, str], pin_hash: str) -> None:
    """A person by the badge; names = (badge, name, role)."""
    await conn.execute(_SQL["picker"], new_id(), store_id, *names, pin_hash)


async def operator(conn: Conn, login: str, password_hash: str) -> None:
    """An operator by the login."""
    await conn.execute(_SQL["operator"], new_id(), login, password_hash)


async def products(conn: Conn, merchant_id: UUID, goods: Iterable[Goods]) -> None:
    """The chain's goods."""
    rows = [(merchant_id, g.sku, g.name, list(g.barcodes), g.plu, g.vat, g.marked) for g in goods]
    await conn.executemany(_SQL["product"], rows)


async def _id(conn: Conn, sql: str, *values: object) -> UUID:
    found: UUID = await conn.fetchval(sql, *values)
    return found
