"""Everything the database knows of the orders of a play, at one moment."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from app.db.conn import Pool

Row = dict[str, Any]

#: What a play leaves behind: emptied before the next one. Settings, goods and people stay.
PLAYED = (
    "account_call", "account_gate",
    "alarm", "bag", "document", "document_counter", "document_file", "document_line", "erp_attempt",
    "erp_delivery", "erp_outbox", "event_outbox", "integrator_attempt", "integrator_delivery",
    "integrator_event",
    "help_request", "inbox", "inbox_delivery", "inbox_key", "inbox_refused", "incident",
    "incident_event", "incident_post", "operation", "order_change", "order_hour", "store_hour",
    "order_contact", "order_line", "orders", "outbox", "outbox_attempt", "outbox_message",
    "pick_job", "pick_run", "pick_run_order", "product_mark", "product_mark_use", "receipt_due",
    "reconciliation_listed", "reconciliation_mismatch", "reconciliation_run",
    "replay_row", "replay_run",
    "sale_change", "sale_change_line", "sale_doubt", "sale_hold", "sale_waiver", "scan",
    "settlement", "settlement_row",
    "telegram_message", "telegram_outbox", "timeline", "unmapped",
)  # fmt: skip

_TABLES = {
    "orders": "SELECT * FROM orders ORDER BY external_id",
    "lines": "SELECT * FROM order_line ORDER BY order_id, position",
    "bags": "SELECT * FROM bag ORDER BY order_id, position",
    "jobs": "SELECT *, state IN ('claimed', 'active', 'paused') AS at_work,"
            " coalesce(lease_until > now(), false) AS running"
            "  FROM pick_job ORDER BY order_id, zone",
    # The id tells the order in which lines were written; `at` is when their transactions began.
    "timeline": "SELECT * FROM timeline ORDER BY id",
    "marks": "SELECT * FROM product_mark ORDER BY ki",
    "uses": "SELECT * FROM product_mark_use ORDER BY ki, line_id",
    "messages": "SELECT * FROM outbox_message ORDER BY id",
    "runs": "SELECT * FROM pick_run ORDER BY id",
    "scans": "SELECT * FROM scan ORDER BY id",
    "operations": "SELECT picker_id, key, undone_by FROM operation ORDER BY picker_id, key",
}  # fmt: skip
#: Noted by the database itself whenever a row is written.
_CLOCKS = {"changed_at"}


@dataclass(frozen=True)
class Snapshot:
    """Rows of each table, and the same by order."""

    tables: dict[str, list[Row]]

    @property
    def orders(self) -> list[Row]:
        """Orders in the order of their numbers."""
        return self.tables["orders"]

    def by_order(self, table: str) -> dict[Any, list[Row]]:
        """Rows of a table by the order they belong to."""
        found: dict[Any, list[Row]] = defaultdict(list)
        for row in self.tables[table]:
            found[row["order_id"]].append(row)
        return found

    def order(self, id_: Any) -> Row | None:
        """One order's row."""
        return next((row for row in self.orders if str(row["id"]) == str(id_)), None)

    def matter(self, order_id: Any) -> list[Any]:
        """What an order is: its row, lines and bags, without the claims on it."""
        rows = [[row for row in self.orders if row["id"] == order_id]]
        rows += [self.by_order(table).get(order_id, []) for table in ("lines", "bags")]
        return [[_plain(row) for row in table] for table in rows]


async def take(pool: Pool) -> Snapshot:
    """Read all of it in one moment."""
    async with pool.acquire() as conn, conn.transaction(isolation="repeatable_read", readonly=True):
        return Snapshot(
            {name: [dict(row) for row in await conn.fetch(sql)] for name, sql in _TABLES.items()}
        )


def _plain(row: Row) -> Row:
    return {name: value for name, value in row.items() if name not in _CLOCKS}
