"""Put imported goods into the catalogue in batches, and find ordered goods it does not know."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import msgspec
from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("catalogue")
#: The newest lines without codes that are looked at: the answer costs the same on any day.
_LINES: Final = 20_000


@dataclass(frozen=True, slots=True)
class Shops:
    """Whose catalogue an import goes into, and the stores its prices and places are for."""

    merchant_id: UUID
    stores: tuple[UUID, ...]


async def stores(conn: Conn, code: str | None, merchant: str | None) -> list[Record]:
    """The ids of stores and of their merchants."""
    return await conn.fetch(_SQL["stores"], code, merchant)


async def merchants(conn: Conn, name: str | None) -> list[UUID]:
    """The ids of the merchant of this name, or of all."""
    return [row["id"] for row in await conn.fetch(_SQL["merchants"], name)]


async def lock(conn: Conn, merchant_id: UUID) -> None:
    """Keep other imports of this merchant waiting until the transaction ends."""
    await conn.execute(_SQL["lock"], merchant_id)


async def strangers(conn: Conn, merchant_id: UUID, skus: Collection[str]) -> set[str]:
    """Those of the SKUs that the catalogue does not have yet."""
    return {row["sku"] for row in await conn.fetch(_SQL["strangers"], merchant_id, list(skus))}


async def taken(
    conn: Conn, merchant_id: UUID, codes: Collection[str], ours: Collection[str]
) -> dict[str, str]:
    """The SKU each barcode belongs to that goods beyond the import have already."""
    rows = await conn.fetch(_SQL["taken"], merchant_id, list(codes), list(ours))
    return {row["code"]: row["sku"] for row in rows}


async def put(
    conn: Conn, shops: Shops, rows: list[msgspec.Raw]
) -> tuple[frozenset[str], frozenset[str]]:
    """Write one batch; the SKUs that are new, and the others that changed."""
    written = await conn.fetch(_SQL["put_products"], shops.merchant_id, rows)
    new = frozenset(row["sku"] for row in written if row["new"])
    changed = {row["sku"] for row in written}
    stores = list(shops.stores)
    for rest in (
        await conn.fetch(_SQL["put_store_products"], stores, rows, shops.merchant_id),
        await conn.fetch(_SQL["put_substitutes"], shops.merchant_id, rows),
    ):
        changed |= {row["sku"] for row in rest}
    return new, frozenset(changed - new)


async def deactivate(conn: Conn, merchant_id: UUID, kept: Collection[str]) -> int:
    """Mark all other goods of the chain as no longer sold; how many."""
    count: int = await conn.fetchval(_SQL["deactivate"], merchant_id, list(kept))
    return count


async def withdraw(conn: Conn, shops: Shops, kept: Collection[str]) -> int:
    """Mark all other goods as not available in the one store; how many."""
    (store_id,) = shops.stores
    count: int = await conn.fetchval(_SQL["withdraw"], store_id, shops.merchant_id, list(kept))
    return count


async def unmapped(conn: Conn, store: str | None, limit: int) -> list[Record]:
    """Ordered goods that the catalogue does not know: sku, name, seen, last_order, last_at,
    store."""
    return await conn.fetch(_SQL["unmapped"], _LINES, store, limit)
