"""The day's stores, accounts, processes and past as rows, and its plan beside them."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from app.db.conn import Conn
from tests.monitoring.day.orders import ACCOUNTS, BEGIN, LINE_SECONDS, ZONES, Order, Store, day

#: Processes: machine and role.
PROCESSES: Final = (
    ("app-1", "web-1"),
    ("app-1", "web-2"),
    ("app-2", "web-1"),
    ("app-1", "scheduler"),
)
#: What a marketplace tells of an order, and what it is told.
_NEWS: Final = ("received", "assigned", "arrived", "handed_over", "delivered")
_MESSAGES: Final = ("accepted", "picking", "ready")
_MOMENTS: Final = (
    "received", "accepted", "claimed", "picking", "picked", "ready", "assigned", "arrived",
    "handed_over", "delivered", "ended",
)  # fmt: skip
_PLAN: Final = f"""
CREATE UNLOGGED TABLE plan (
    id uuid PRIMARY KEY, store_id uuid, account_id uuid, number text, lines integer,
    due timestamptz, promised timestamptz, by text, reason text, implied boolean, total bigint,
    {", ".join(f"{name} timestamptz" for name in _MOMENTS)}, next timestamptz
);
CREATE INDEX ON plan (next);
CREATE INDEX ON plan (claimed);
CREATE INDEX ON plan (received);
CREATE UNLOGGED TABLE plan_step (
    order_id uuid, line smallint, at timestamptz, state text, reason text, decide_by timestamptz
);
CREATE INDEX ON plan_step (at);
CREATE UNLOGGED TABLE plan_message (order_id uuid, account_id uuid, at timestamptz, kind text);
CREATE INDEX ON plan_message (at);
CREATE UNLOGGED TABLE plan_hook (account_id uuid, at timestamptz);
CREATE INDEX ON plan_hook (at);
"""


def named(what: str) -> uuid.UUID:
    """The id of something invented."""
    return uuid.uuid5(uuid.NAMESPACE_URL, what)


async def build(conn: Conn, stores: list[Store], orders: list[Order]) -> None:
    """Everything as it is at midnight, and what is going to happen."""
    await _places(conn, stores)
    await _past(conn, stores)
    await conn.execute(
        "INSERT INTO heartbeat (worker, at, role, host, version, started_at, pulsed_at,"
        " reached_since, reach_ms, skew_ms, disk_free)"
        " SELECT host || ':' || role, $2, role, host, '1', $3, $2, $3, 2, 5, 60"
        "   FROM jsonb_to_recordset($1) AS new (host text, role text)",
        [{"host": host, "role": role} for host, role in PROCESSES], BEGIN,
        BEGIN - timedelta(days=1),
    )  # fmt: skip
    await conn.execute(
        "INSERT INTO tick (job, due_at, state, owner, lease_until, finished_at)"
        " VALUES ('monitoring', $1, 'done', 'scheduler', $1, $1)",
        BEGIN,
    )
    await conn.execute(
        "INSERT INTO watched_expiry"
        " VALUES ('app-1', 'certificate', $1::timestamptz + interval '60 days', $1)",
        BEGIN,
    )
    await conn.execute("UPDATE fact_mark SET until = clock_timestamp() WHERE name = 'accounts'")
    await conn.execute(_PLAN)
    await _plan(conn, orders)


async def _places(conn: Conn, stores: list[Store]) -> None:
    merchant = await conn.fetchval("SELECT id FROM merchant")
    await conn.copy_records_to_table(
        "store", columns=("id", "merchant_id", "code", "name", "timezone"),
        records=[(x.id, merchant, x.code, f"Store {x.code}", ZONES[x.zone][0]) for x in stores],
    )  # fmt: skip
    await conn.copy_records_to_table(
        "picker", columns=("id", "store_id", "badge", "name", "pin_hash"),
        records=[(named(f"picker {x.code}"), x.id, f"P{x.code}", "Анна", "-") for x in stores],
    )  # fmt: skip
    for code in ACCOUNTS:
        await conn.execute(
            "INSERT INTO account (id, merchant_id, code, adapter) VALUES ($1, $2, $3, 'kuper')",
            named(code), merchant, code,
        )  # fmt: skip
        await conn.execute(
            "INSERT INTO account_store SELECT $1, code, id FROM store WHERE id = ANY ($2)",
            named(code), [store.id for store in stores],
        )  # fmt: skip


async def _past(conn: Conn, stores: list[Store]) -> None:
    """Four weeks like this one, and how fast each store picks."""
    counts: Counter[tuple[str, datetime]] = Counter()
    for week in range(1, 5):
        for order in day(stores, seed=week):
            for moment in _news(order):
                hour = moment.replace(minute=0, second=0, microsecond=0)
                counts[order.account, hour - timedelta(weeks=week)] += 1
    await conn.copy_records_to_table(
        "account_hour", columns=("account_id", "hour", "deliveries"),
        records=[(named(code), hour, count) for (code, hour), count in counts.items()],
    )  # fmt: skip
    await conn.copy_records_to_table(
        "store_pace", columns=("store_id", "orders", "pick_seconds", "line_seconds", "counted_at"),
        records=[(x.id, 400, int(4.5 * LINE_SECONDS), LINE_SECONDS, BEGIN) for x in stores],
    )  # fmt: skip


def _news(order: Order) -> Iterable[datetime]:
    return [moment for name in _NEWS if (moment := getattr(order, name)) is not None]


async def _plan(conn: Conn, orders: list[Order]) -> None:
    rows = [
        (
            one.id, one.store.id, named(one.account), one.number, one.lines, one.due, one.promised,
            one.by, one.reason, one.implied, 10_000 * one.lines,
            *(getattr(one, name) for name in _MOMENTS), one.received,
        )
        for one in orders
    ]  # fmt: skip
    await conn.copy_records_to_table("plan", records=rows)
    tables: dict[str, list[Any]] = {
        "plan_step": [
            (one.id, x.line, x.at, x.state, x.reason, x.decide_by)
            for one in orders
            for x in one.steps
        ],
        "plan_message": [
            (one.id, named(one.account), moment, kind)
            for one in orders
            for kind in _MESSAGES
            if (moment := getattr(one, kind)) is not None
        ],
        "plan_hook": [(named(one.account), moment) for one in orders for moment in _news(one)],
    }  # fmt: skip
    for table, records in tables.items():
        await conn.copy_records_to_table(table, records=records)
