"""Goods as the catalogue knows them, at one store."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.goods import Place, Product, Restriction, Temperature

_SQL = load("goods")


async def by_sku(
    conn: Conn, merchant_id: UUID, store_id: UUID, skus: Collection[str]
) -> Mapping[str, Product]:
    """What the catalogue knows of these goods; unknown ones are simply not there."""
    if not skus:
        return {}
    rows = await conn.fetch(_SQL["by_sku"], merchant_id, store_id, list(skus))
    return {row["sku"]: _product(row) for row in rows}


async def skus_by_code(
    conn: Conn, merchant_id: UUID, spellings: Collection[str], plu: str | None
) -> list[str]:
    """The SKUs a scanned code names."""
    rows = await conn.fetch(_SQL["skus_by_code"], merchant_id, list(spellings), plu)
    return [row["sku"] for row in rows]


def _product(row: Record) -> Product:
    fields = dict(row)
    place = Place(*(fields.pop(name) for name in ("zone", "aisle", "shelf", "rank")))
    return Product(
        barcodes=tuple(fields.pop("barcodes")),
        temperature=Temperature(fields.pop("temperature")),
        restriction=Restriction(fields.pop("restriction")),
        place=place,
        **fields,
    )
