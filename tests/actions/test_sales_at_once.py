"""Four processes issue at once and are killed at any moment: every order has one document, and no
number is missing or doubled."""

from __future__ import annotations

import asyncio
import os
import random
import signal
import sys
import uuid
from datetime import UTC, datetime, timedelta

from asyncpg.transaction import Transaction

from app.db import sales
from tests.actions import sold
from tests.actions.test_sales_of_any_orders import gapless
from tests.conftest import MASTER_KEY

ORDERS = 6000
PROCESSES = 4
KILLS = 12
LAST = f"K-{ORDERS - 1}"


def delivered(n: int) -> sold.Sale:
    """Three lines, around a turn of the year."""
    at = datetime(2025, 12, 31, 20, 0, tzinfo=UTC) + timedelta(seconds=2 * n)
    lines = [
        {
            "id": uuid.uuid4(), "position": position, "external_id": f"P{position}",
            "name": "Хлеб", "unit": "piece", "price": 100 + n, "vat": "standard", "marked": False,
            "list_price": None, "state": "picked", "unit_grams": None, "requested_pieces": 1,
            "requested_grams": None, "picked_pieces": 1, "picked_grams": None, "refused": 0,
            "marks": [], "replaces": None, "total": 100 + n,
        }
        for position in range(3)
    ]  # fmt: skip
    row = {
        "id": uuid.uuid4(), "store": "Z-MSK", "number": f"K-{n}", "external_id": f"K{n}",
        "state": "delivered", "requested_total": 0, "final_total": 3 * (100 + n), "due_at": at,
        "discount": 0, "delivery_fee": 0, "delivered_at": at, "sale_due": True, "picked_at": at,
        "paid_total": None, "paid_at": None,
    }  # fmt: skip
    return sold.Sale(row, lines)


async def start(dsn: str, home) -> asyncio.subprocess.Process:
    env = {**os.environ, "HUB_DATA": str(home), "HUB_DATABASE_URL": dsn,
           "HUB_MASTER_KEY": MASTER_KEY}  # fmt: skip
    return await asyncio.create_subprocess_exec(
        sys.executable, "-m", "app.bench.issuing", env=env, stderr=asyncio.subprocess.DEVNULL
    )


async def due(conn) -> int:
    return await conn.fetchval("SELECT count(*) FROM orders WHERE sale_due")


async def issue_and_kill(conn, dsn, home, last: Transaction, chance: random.Random) -> int:
    """Keep four at work, and kill one after another at random, until nothing is due; the kills.
    The last order is in the hands of `last` until one was killed: they are never done before."""
    working = [await start(dsn, home) for _ in range(PROCESSES)]
    kills, told = 0, ORDERS
    while await due(conn):
        await asyncio.sleep(chance.random() / 10)
        left = await due(conn)
        alive = [process for process in working if process.returncode is None]
        if kills < KILLS and left < told and alive:  # it is at work: strike
            told = left
            chance.choice(alive).send_signal(signal.SIGKILL)
            kills += 1
            if kills == 1:
                await last.rollback()
        for n, process in enumerate(working):
            if process.returncode is not None:
                working[n] = await start(dsn, home)
    for process in working:
        await process.wait()
    return kills


async def test_four_processes_that_are_killed_at_any_moment_issue_each_sale_once(
    hub, dsn, tmp_path
):
    chance = random.Random(5)
    async with hub.pools.picking.acquire() as conn:
        await sold.stock(conn)
        orders = [delivered(n) for n in range(ORDERS)]
        await sold.insert(conn, orders)
        async with hub.pools.drains.acquire() as holder:
            last = holder.transaction()
            await last.start()
            await holder.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
            await holder.execute("SELECT FROM orders WHERE number = $1 FOR UPDATE", LAST)
            kills = await issue_and_kill(conn, dsn, tmp_path, last, chance)
        assert kills > 0
        rows = await conn.fetch("SELECT order_id, number, total, series, year FROM document")
        assert {row["order_id"]: row["total"] for row in rows} == {
            sale.row["id"]: sale.row["final_total"] for sale in orders
        }
        assert len(rows) == ORDERS
        assert {row["year"] for row in rows} == {2025, 2026}
        assert await gapless(conn)
        assert await conn.fetchval("SELECT count(*) FROM document_line") == 3 * ORDERS
        told = await conn.fetch("SELECT order_id FROM timeline WHERE kind = 'document'")
        assert sorted(row["order_id"] for row in told) == sorted(row["order_id"] for row in rows)
        assert await sales.holds(conn, None, 1) == []
