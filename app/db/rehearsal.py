"""A chain's made-up orders, written set by set: what benchmarks measure with."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load

_SQL = load("rehearsal")
#: Tables that are read with old orders in them.
_FILLED = "orders, order_line, pick_job, order_change, picker, picker_session"


async def stores(conn: Conn, account: str) -> list[Record]:
    """The stores (id, account_id) of an account."""
    rows: list[Record] = await conn.fetch(_SQL["stores"], account)
    return rows


async def people(conn: Conn, pickers: Sequence[tuple[UUID, UUID, str, bytes]]) -> None:
    """Pickers (id, store id, badge, hash of a token), signed in."""
    ids, store_ids, badges, hashes = (list(column) for column in zip(*pickers, strict=True))
    await conn.execute(_SQL["pickers"], ids, store_ids, badges)
    await conn.execute(_SQL["sessions"], hashes, ids)


async def open_orders(
    conn: Conn, where: Sequence[Record], count: int, goods: Sequence[dict[str, Any]], lines: int
) -> None:
    """Accepted orders of so many lines each, spread over the stores."""
    account_id = where[0]["account_id"]
    await conn.execute(_SQL["open_orders"], [store["id"] for store in where], account_id, count)
    await conn.execute(_SQL["open_lines"], account_id, list(goods), lines)


async def finished_orders(
    conn: Conn, where: Sequence[Record], count: int, pickers: Sequence[UUID]
) -> None:
    """Delivered and cancelled orders with one line and one pick job each, older than any other.

    Without triggers: the feed forgets within hours, and these are months old.
    """
    account_id = where[0]["account_id"]
    async with conn.transaction():
        await conn.execute("SET LOCAL session_replication_role = replica")
        store_ids = [store["id"] for store in where]
        await conn.execute(_SQL["finished_orders"], store_ids, account_id, count)
        await conn.execute(_SQL["finished_lines"], account_id)
        await conn.execute(_SQL["finished_jobs"], account_id, list(pickers))


async def settle(conn: Conn) -> None:
    """Leave the tables as autovacuum would, and nothing to be written for a while."""
    await conn.execute(f"VACUUM (ANALYZE) {_FILLED}")
    await conn.execute("CHECKPOINT")


async def queue(conn: Conn, store_id: UUID) -> list[UUID]:
    """The open made-up orders of a store, the most urgent first."""
    return [row["id"] for row in await conn.fetch(_SQL["queue"], store_id)]


async def touch(conn: Conn, order_ids: Sequence[UUID]) -> None:
    """Have these orders told by the feed once more."""
    await conn.execute(_SQL["touch"], list(order_ids))


async def explain(
    conn: Conn, sql: str, values: Sequence[Any], kind: str = "generic"
) -> tuple[int, float]:
    """Pages touched and milliseconds taken by a query as a worker runs it often: with the plan that
    fits all values, or with one for these (`custom`)."""
    await conn.execute(f"SET plan_cache_mode = force_{kind}_plan")
    await conn.execute(f"PREPARE explained AS {sql}")
    given = ", ".join(_literal(value) for value in values)
    asked = f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) EXECUTE explained({given})"
    try:
        told = json.loads(await conn.fetchval(asked))[0]
    finally:
        await conn.execute("DEALLOCATE explained")
        await conn.execute("RESET plan_cache_mode")
    plan = told["Plan"]
    return plan["Shared Hit Blocks"] + plan["Shared Read Blocks"], told["Execution Time"]


def _literal(value: Any) -> str:
    if value is None:
        return "NULL"
    if isinstance(value, list):
        return "'{" + ",".join(str(each) for each in value) + "}'"
    return "'" + str(value).replace("'", "''") + "'"


async def told(conn: Conn, chat_id: int) -> list[datetime]:
    """When the notices to this chat and those with higher ids were sent."""
    return [row["sent_at"] for row in await conn.fetch(_SQL["told"], chat_id)]
