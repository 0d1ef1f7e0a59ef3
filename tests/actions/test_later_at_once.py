"""Four processes issue sales, what follows them and receipts at once and are killed at any moment:
each document is there once, in its order, and no number is missing or doubled."""

from __future__ import annotations

import asyncio
import random
import signal

from asyncpg.transaction import Transaction

from app.actions.issue import issue
from tests.actions import sold
from tests.actions.after_sale import balanced, give_back
from tests.actions.test_sales_at_once import PROCESSES, delivered, start
from tests.actions.test_sales_of_any_orders import gapless
from tests.stories import deliver_one

ORDERS = 700
KILLS = 16
#: Two returns of each order, the second one of all that is left, an advance and a final receipt.
FOLLOWS = """
WITH change AS (
    INSERT INTO sale_change (id, order_id, store_id, account_id, kind, occurred_at, reason, actor,
                             trace_id, source)
    SELECT gen_random_uuid(), id, store_id, account_id, 'return', delivered_at, 'r', 'a', 't',
           'k' || nth
      FROM generate_series(1, 2) AS nth, orders ORDER BY nth
    RETURNING id, order_id, source
), lines AS (
    INSERT INTO sale_change_line (change_id, line_id, pieces, price, total)
    SELECT change.id, line.id, 0, line.price, 0
      FROM change JOIN order_line AS line USING (order_id)
     WHERE change.source = 'k2' OR line.position = 0
)
INSERT INTO receipt_due (id, order_id, kind, occurred_at)
SELECT gen_random_uuid(), id, kind, delivered_at
  FROM orders, unnest(ARRAY['receipt_advance', 'receipt_final']) AS kind
"""
LEFT = """
SELECT (SELECT count(*) FROM orders WHERE sale_due)
       + (SELECT count(*) FROM sale_change WHERE document_id IS NULL)
       + (SELECT count(*) FROM receipt_due WHERE document_id IS NULL)
"""
HELD = "SELECT FROM sale_change WHERE source = 'k2' LIMIT 1 FOR UPDATE"
KINDS = {
    "sale": 1, "return": 2, "receipt_advance": 1, "receipt_final": 1, "receipt_return": 2,
}  # fmt: skip


async def kinds(conn) -> set[str]:
    return {row["kind"] for row in await conn.fetch("SELECT DISTINCT kind FROM document")}


async def issue_and_kill(conn, dsn, home, last: Transaction, chance: random.Random) -> set[str]:
    """Keep four at work until nothing is due, and kill one after another; of which kinds there were
    documents when one was struck. One return is in the hands of `last` until one was killed when
    there were returns: they are never done before."""
    working = [await start(dsn, home) for _ in range(PROCESSES)]
    struck, kills, told = set(), 0, -1
    while left := await conn.fetchval(LEFT):
        await asyncio.sleep(chance.random() / 8)
        there = await kinds(conn)
        late = "return" in there - struck
        alive = [process for process in working if process.returncode is None]
        if alive and (late or (kills < KILLS and left != told)):
            told = left
            chance.choice(alive).send_signal(signal.SIGKILL)
            kills += 1
            struck |= there
            if late:
                await last.rollback()
        for n, process in enumerate(working):
            if process.returncode is not None:
                working[n] = await start(dsn, home)
    for process in working:
        await process.wait()
    return struck


async def test_what_follows_sales_is_issued_once_by_processes_that_are_killed(hub, dsn, tmp_path):
    chance = random.Random(7)
    async with hub.pools.picking.acquire() as conn:
        await sold.stock(conn)
        orders = [delivered(n) for n in range(ORDERS)]
        await sold.insert(conn, orders)
        await conn.execute(FOLLOWS)
        async with hub.pools.drains.acquire() as holder:
            last = holder.transaction()
            await last.start()
            await holder.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            await holder.execute(HELD)
            struck = await issue_and_kill(conn, dsn, tmp_path, last, chance)
        assert {"sale", "return"} <= struck
        counts = await conn.fetch("SELECT kind, count(*) AS n FROM document GROUP BY kind")
        assert {row["kind"]: row["n"] for row in counts} == {
            kind: n * ORDERS for kind, n in KINDS.items()
        }
        assert await gapless(conn)
        sums = await conn.fetch(
            "SELECT order_id, sum(total) AS total, sum(vat_total) AS vat,"
            "       array_agg(kind ORDER BY kind) AS kinds"
            "  FROM document WHERE kind IN ('sale', 'return') GROUP BY order_id"
        )
        assert {(row["total"], row["vat"], *row["kinds"]) for row in sums} == {
            (0, 0, "return", "return", "sale")
        }
        totals = await conn.fetch(
            "SELECT document.total, sum(line.total) AS lines FROM document"
            "  JOIN document_line AS line ON line.document_id = document.id GROUP BY document.id"
        )
        assert all(row["total"] == row["lines"] for row in totals)
        told = await conn.fetchval("SELECT count(*) FROM timeline WHERE kind = 'document'")
        assert told == sum(KINDS.values()) * ORDERS


async def test_goods_come_back_while_their_sales_are_being_issued(api, hub):
    """Neither side waits for ever for the other, and the books are right whoever was first."""
    ids = [await deliver_one(api, hub, f"H{n}") for n in range(3)]

    async def come_back(order_id):
        for _ in range(3):
            await give_back(hub, order_id, "300901", 1)

    async def run():
        for _ in range(4):
            await issue(hub)

    await asyncio.gather(*(come_back(order_id) for order_id in ids), run(), run(), run())
    await issue(hub)
    for order_id in ids:
        issued = await balanced(hub, order_id)
        assert [line.pieces for each in issued[1:] for line in each.lines] == [-1, -1, -1]
    async with hub.pools.picking.acquire() as conn:
        assert await gapless(conn)
