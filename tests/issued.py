"""A sale's document as it stands in the ledger, without the day that led to it."""

from __future__ import annotations

from itertools import count
from uuid import UUID

from app.hub import Hub

_SERIAL = count(1)
_DOCUMENT = """
WITH placed AS (
    INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total,
                        due_at)
    SELECT gen_random_uuid(), store.id, account.id, $1, $1, 'delivered', 6540, now()
      FROM store, account WHERE store.code = 'MSK-07' AND account.code = 'sm-demo' RETURNING *
), issued AS (
    INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year,
                          serial, number, issued_on, currency, total, vat_total)
    SELECT gen_random_uuid(), store.merchant_id, store_id, account_id, placed.id, 'sale', 'ХР',
           2026, $2::integer, 'ХР26-' || lpad($2::integer::text, 6, '0'), '2026-03-02', 'RUB', 6540,
           595
      FROM placed JOIN store ON store.id = store_id RETURNING id
)
INSERT INTO document_line (document_id, position, sku, name, unit, pieces, price, total, vat_code,
                           vat_percent, vat, marks)
SELECT id, 1, '300901', 'Хлеб «Бородинский»', 'piece', 1, 6540, 6540, 'reduced', 10, 595, '{}'
  FROM issued
RETURNING document_id
"""


async def a_sale(hub: Hub) -> UUID:
    """The id of a new one, over an order of its own."""
    serial = next(_SERIAL)
    async with hub.pools.drains.acquire() as conn:
        return await conn.fetchval(_DOCUMENT, f"ХР{serial}", serial)
