"""Delivered orders in numbers, written set by set; and the same documents by plain SQL."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("rehearsal_sales")
#: Orders whose lines are written by one statement.
_SLICE: Final = 5_000
#: Tables like those documents are written to, with the same indexes, checks and references.
_SHAPES: Final = """
CREATE TABLE {0}_document (LIKE document INCLUDING ALL);
CREATE TABLE {0}_document_line (LIKE document_line INCLUDING ALL);
CREATE TABLE {0}_timeline (LIKE timeline INCLUDING ALL);
ALTER TABLE {0}_document
    ADD FOREIGN KEY (merchant_id) REFERENCES merchant,
    ADD FOREIGN KEY (order_id) REFERENCES orders,
    ADD FOREIGN KEY (base_id) REFERENCES {0}_document,
    ADD FOREIGN KEY (kind) REFERENCES document_kind;
ALTER TABLE {0}_document_line ADD FOREIGN KEY (document_id) REFERENCES {0}_document;
"""
_RATE: Final = """
  JOIN LATERAL (SELECT percent FROM vat_rate
                 WHERE code = line.vat AND valid_from <= <day>.issued_on
                 ORDER BY valid_from DESC LIMIT 1) AS rate ON true"""
_VAT: Final = "coalesce((2 * line.total * percent + 100 + percent) / (2 * (100 + percent)), 0)"
#: What anybody would write who had to make these documents once: no checks, counters or batches.
_PLAINLY: Final = (
    """
INSERT INTO plain_document (id, merchant_id, store_id, account_id, order_id, kind, series, year,
                            serial, number, issued_on, occurred_at, currency, total, vat_total)
SELECT uuidv7(), merchant_id, store_id, account_id, id, 'sale', series, year, serial,
       series || to_char(year % 100, 'FM00') || '-' || lpad(serial::text, 6, '0'), issued_on,
       delivered_at, currency, total, vat
  FROM (
    SELECT orders.*, store.merchant_id, merchant.series, day.issued_on, sums.total, sums.vat,
           extract(year FROM day.issued_on)::smallint AS year,
           row_number() OVER (PARTITION BY store.merchant_id, extract(year FROM day.issued_on)
                              ORDER BY orders.delivered_at, orders.id)::integer AS serial
      FROM orders
      JOIN store ON store.id = orders.store_id
      JOIN merchant ON merchant.id = store.merchant_id
     CROSS JOIN LATERAL (
        SELECT (orders.delivered_at AT TIME ZONE store.timezone)::date AS issued_on) AS day
     CROSS JOIN LATERAL (
        SELECT sum(line.total) AS total, sum(<vat>) AS vat
          FROM order_line AS line <rate of day>
         WHERE line.order_id = orders.id AND line.state IN ('picked', 'short')) AS sums
     WHERE NOT orders.sale_due AND orders.state = 'delivered') AS sale
 ORDER BY serial""",
    """
INSERT INTO plain_document_line (document_id, position, sku, name, unit, pieces, grams,
                                 unit_grams, price, total, vat_code, vat_percent, vat, marks,
                                 line_id, barcode, discount)
SELECT document.id, row_number() OVER (PARTITION BY document.id ORDER BY line.position),
       line.external_id, line.name, line.unit, line.picked_pieces, line.picked_grams,
       line.unit_grams, line.price, line.total, line.vat, percent, <vat>, line.marks, line.id,
       line.barcodes[1], coalesce(
           CASE line.unit WHEN 'piece' THEN line.list_price * line.picked_pieces
                ELSE (2 * line.list_price * line.picked_grams + line.unit_grams)
                     / (2 * line.unit_grams) END - line.total, 0)
  FROM plain_document AS document
  JOIN order_line AS line ON line.order_id = document.order_id <rate of document>
 WHERE line.state IN ('picked', 'short')""",
    """
INSERT INTO plain_timeline (id, order_id, store_id, kind, actor, trace_id, detail)
SELECT uuidv7(), order_id, store_id, 'document', 'hub', 'plain',
       jsonb_build_object('kind', 'sale', 'number', number, 'total', total)
  FROM plain_document""",
)
#: Rows of ours that are not among those, or the other way round.
_DIFFERENT: Final = """
WITH ours AS MATERIALIZED (<rows of>), theirs AS MATERIALIZED (<rows of plain>)
SELECT (SELECT count(*) FROM (SELECT * FROM ours EXCEPT ALL SELECT * FROM theirs) AS more)
     + (SELECT count(*) FROM (SELECT * FROM theirs EXCEPT ALL SELECT * FROM ours) AS less)"""
_ROWS: Final = """
SELECT number, issued_on, head.total AS whole, vat_total, line.position, sku, name, unit, pieces,
       grams, price, line.total, vat_code, vat_percent, vat, marks, line_id, barcode, discount
  FROM <shape>document AS head JOIN <shape>document_line AS line ON line.document_id = head.id"""
_COPIES: Final = (
    "INSERT INTO copy_document SELECT * FROM document",
    "INSERT INTO copy_document_line SELECT * FROM document_line",
    "INSERT INTO copy_timeline SELECT * FROM timeline",
)


async def delivered(
    conn: Conn, where: tuple[UUID, UUID, Sequence[UUID]], counts: tuple[int, int, int, int]
) -> None:
    """Orders that wait for their documents: where = (merchant, account, stores), counts = (orders,
    lines of each, goods in the catalogue, orders of goods that are not in it)."""
    merchant_id, account_id, stores = where
    orders, lines, goods, held = counts
    await conn.execute("SET session_replication_role = replica")
    await conn.execute(_SQL["goods"], merchant_id, goods, timeout=600)
    await conn.execute(_SQL["orders"], list(stores), account_id, orders, timeout=600)
    for first in range(1, orders + 1, _SLICE):
        span = first, first + _SLICE - 1
        await conn.execute(_SQL["lines"], account_id, lines, goods, *span, timeout=600)
    await conn.execute(_SQL["paid"], account_id, timeout=600)
    await conn.execute(_SQL["held"], account_id, held, timeout=600)
    await conn.execute("SET session_replication_role = origin")


async def rest(conn: Conn) -> None:
    """Leave the tables as autovacuum would, and nothing to be written for a while."""
    await conn.execute("VACUUM (ANALYZE)", timeout=600)
    await conn.execute("CHECKPOINT", timeout=600)


async def found(conn: Conn) -> Record:
    """What was issued, what waits, and whether numbers and sums are right."""
    row = await conn.fetchrow(_SQL["found"], timeout=600)
    assert row is not None  # it counts
    return row


async def count(conn: Conn) -> int:
    """How many documents there are."""
    documents: int = await conn.fetchval("SELECT count(*) FROM document", timeout=600)
    return documents


async def plainly(conn: Conn) -> float:
    """Seconds that plain SQL takes for the same documents: one statement for each table."""
    day, document = (_RATE.replace("<day>", name) for name in ("day", "document"))
    whole = [
        sql.replace("<rate of day>", day)
        .replace("<rate of document>", document)
        .replace("<vat>", _VAT)
        for sql in _PLAINLY
    ]
    return await _written(conn, "plain", whole)


async def copied(conn: Conn) -> float:
    """Seconds that a copy of what was issued takes, row by row as it is."""
    return await _written(conn, "copy", _COPIES)


async def different(conn: Conn) -> int:
    """How many rows of the plain documents and of ours are not the same."""
    ours, plain = (_ROWS.replace("<shape>", shape) for shape in ("", "plain_"))
    asked = _DIFFERENT.replace("<rows of>", ours).replace("<rows of plain>", plain)
    rows: int = await conn.fetchval(asked, timeout=3600)
    return rows


async def _written(conn: Conn, shape: str, statements: Sequence[str]) -> float:
    await conn.execute(_SHAPES.format(shape))
    started = time.perf_counter()
    async with conn.transaction():
        for sql in statements:
            await conn.execute(sql, timeout=3600)
    return time.perf_counter() - started
