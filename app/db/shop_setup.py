"""Write how a store works: settings, tolerances, aisles, places, labels."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from app.db.conn import Conn
from app.db.queries import load
from app.domain.quantity import Tolerance

_SQL = load("shop_setup")
_LISTS = {
    "aisles": (_SQL["clear_aisles"], _SQL["aisles"]),
    "places": (_SQL["clear_places"], _SQL["places"]),
    "labels": (_SQL["clear_labels"], _SQL["labels"]),
}


async def settings(
    conn: Conn, store_id: UUID, values: tuple[str, str, bool, str, str], *, paused: bool | None
) -> None:
    """Values = (devices, shifts, zone_picking, bags, mark_check); `paused` None: as it is."""
    await conn.execute(_SQL["settings"], store_id, *values, paused)


async def tolerances(conn: Conn, store_id: UUID, rows: Mapping[str, Tolerance]) -> None:
    """How far weights may be off in a store, by category; instead of all it had."""
    await conn.execute(_SQL["clear_tolerances"], store_id)
    values = [
        (store_id, category, row.soft_under, row.hard_under, row.soft_over, row.hard_over)
        for category, row in rows.items()
    ]
    await conn.executemany(_SQL["tolerance"], values)


async def replace(conn: Conn, store_id: UUID, name: str, rows: list[dict[str, Any]]) -> None:
    """A store's aisles, places or labels (in their order) instead of those it had."""
    clear, insert = _LISTS[name]
    await conn.execute(clear, store_id)
    await conn.execute(insert, store_id, rows)
