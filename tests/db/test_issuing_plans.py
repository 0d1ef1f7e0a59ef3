"""The hourly run reads what is due and nothing else, however many orders are finished and whether
or not anybody has counted them: by the plans of its statements."""

from __future__ import annotations

import json
import uuid

import pytest

from app.db import sales
from app.db.queries import load
from tests.actions import sold
from tests.actions.test_sales_at_once import delivered

DUE, FINISHED = 10, 8000
#: Rows of tables that all statements together may look at for ten due orders of three lines.
FEW = 700
FILL = """
CREATE TEMP TABLE base AS SELECT * FROM orders LIMIT 1;
INSERT INTO orders (id, store_id, account_id, number, external_id, state, requested_total,
                    final_total, due_at, delivered_at)
SELECT gen_random_uuid(), store_id, account_id, 'F' || n, 'F' || n, 'delivered', 300, 300, due_at,
       delivered_at - n * interval '1 minute'
  FROM base, generate_series(1, {finished}) AS n;
INSERT INTO order_line (id, order_id, store_id, position, external_id, name, unit, price,
                        requested_pieces, vat, state, picked_pieces, total)
SELECT gen_random_uuid(), orders.id, store_id, p, 'P' || p, 'x', 'piece', 100, 1, 'standard',
       'picked', 1, 100
  FROM orders, generate_series(1, 3) AS p WHERE NOT sale_due;
INSERT INTO document (id, merchant_id, store_id, account_id, order_id, kind, series, year, serial,
                      number, issued_on, currency, total, vat_total)
SELECT gen_random_uuid(), merchant_id, store_id, account_id, orders.id, 'sale', 'F', 2025,
       row_number() OVER (), 'F' || row_number() OVER (), '2025-05-05', 'RUB', 300, 54
  FROM orders JOIN store ON store.id = store_id WHERE NOT sale_due;
INSERT INTO document_line (document_id, position, sku, name, unit, pieces, price, total, vat_code,
                           vat_percent, vat, marks, line_id)
SELECT document.id, position, external_id, 'x', 'piece', 1, 100, 100, 'standard', 22, 18, '{{}}',
       line.id
  FROM document JOIN order_line AS line USING (order_id);
INSERT INTO sale_change (id, order_id, store_id, account_id, kind, occurred_at, reason, actor,
                         trace_id, source, document_id)
SELECT gen_random_uuid(), order_id, store_id, account_id, 'return', now(), 'r', 'a', 't', 'k',
       CASE WHEN serial > {due} THEN id END
  FROM document;
INSERT INTO sale_change_line (change_id, line_id, pieces, price, total)
SELECT sale_change.id, line.id, 0, 100, 0
  FROM sale_change JOIN order_line AS line USING (order_id);
INSERT INTO receipt_due (id, order_id, kind, occurred_at, document_id)
SELECT gen_random_uuid(), order_id, 'receipt_final', now(), CASE WHEN serial > {due} THEN id END
  FROM document;
"""


def read_rows(node) -> int:
    """How many rows of tables the nodes of a plan gave and threw away."""
    own = 0
    if node["Node Type"].endswith("Scan") and "Relation Name" in node:
        rows = node["Actual Rows"] + node.get("Rows Removed by Filter", 0)
        own = round(rows * node["Actual Loops"])
    return own + sum(read_rows(each) for each in node.get("Plans", ()))


async def explain(conn, sql, *values) -> int:
    told = await conn.fetchval(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {sql}", *values)
    return read_rows(json.loads(told)[0]["Plan"])


async def rows_of(conn, name, issue, told) -> tuple[int, int]:
    """What picking and issuing of one sort look at."""
    queries = load(name)
    began = await conn.fetchval("SELECT now()")
    picking = (60, *sales.START, began) if name == "sales" else (50, began)
    ids = [row["id"] for row in await conn.fetch(queries["pick"], *picking)]
    assert len(ids) == DUE
    picked = await explain(conn, queries["pick"], *picking)
    more = [[uuid.uuid4() for _ in ids] for _ in range(told)]
    return picked, await explain(conn, queries[issue], ids, *more, "hub", "t")


@pytest.mark.parametrize("counted", [False, True])
async def test_each_statement_looks_at_what_is_due_only(hub, counted):
    async with hub.pools.picking.acquire() as conn:
        await sold.stock(conn)
        await sold.insert(conn, [delivered(n) for n in range(DUE)])
        await conn.execute(FILL.format(finished=FINISHED, due=DUE))
        if counted:
            await conn.execute("ANALYZE")
        for name, issue, told in (
            ("sales", "issue", 2), ("changed_sales", "issue_changes", 0), ("receipts", "issue", 0),
        ):  # fmt: skip
            async with conn.transaction():
                await sales.plan(conn)
                looked_at = await rows_of(conn, name, issue, told)
            assert (name, max(looked_at) < FEW) == (name, True), looked_at
