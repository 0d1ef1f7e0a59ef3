"""Stores as their pickers work: labels, path, places, tolerances."""

from __future__ import annotations

import time
from collections.abc import Callable
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.quantity import Tolerance
from app.domain.shop import LABELS, Label, Shop, Spot

_SQL = load("shops")
#: Seconds a worker may go on with what it knows of a store.
FRESH = 5.0


class ShopBook:
    """Stores as this worker last read them; read again after a few seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._known: dict[UUID, tuple[float, Shop]] = {}

    async def get(self, conn: Conn, store_id: UUID) -> Shop:
        """One store; the caller lends its connection."""
        read_at, shop = self._known.get(store_id, (float("-inf"), None))
        if shop is not None and self._clock() - read_at < FRESH:
            return shop
        row = await conn.fetchrow(_SQL["shop"], store_id)
        assert row is not None  # orders and pickers point at stores
        shop = _shop(row)
        self._known[store_id] = (self._clock(), shop)
        return shop


def _shop(row: Record) -> Shop:
    fields = dict(row)
    labels = tuple(_label(label) for label in fields.pop("labels"))
    places, tolerances = fields.pop("places"), fields.pop("tolerances")
    return Shop(
        **fields,
        labels=labels or LABELS,
        spots={place["code"]: Spot(**place) for place in places},
        tolerances={each.pop("category"): Tolerance(**each) for each in tolerances},
    )


def _label(row: dict[str, object]) -> Label:
    del row["position"]
    item = row.pop("item_from"), row.pop("item_until")
    value_at = row.pop("value_from"), row.pop("value_until")
    return Label(item=item, value_at=value_at, **row)  # type: ignore[arg-type]  # as the table says
