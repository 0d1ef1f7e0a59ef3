"""Many finished orders as rows: what takes a shop hours. Their moments are minutes before `now`."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from tests.monitoring.scene import Scene

HOME, OTHER = "MSK-07", "MSK-12"
#: Moments of an order that went well, an hour ago and in good time.
_WELL = {
    "received_at": 100, "accepted_at": 100, "picking_at": 99, "picked_at": 89, "ready_at": 88,
    "due_at": 60, "handed_over_at": 70, "delivered_at": 65, "changed_at": 65,
}  # fmt: skip
_ORDER = {
    "state": "delivered", "requested_total": 1000, "final_total": 1000, "currency": "RUB",
    "version": 5, "payment_state": "paid", "payment_methods": [], "replacement_policy": "ask",
    "comment": "", "business": False, "planned": False, "courier": "none", "implied": False,
    "sale_due": False, "trace_id": "", "pickup": False, "putback": "none", "reopened": False,
}  # fmt: skip
_LINE = {
    "name": "Хлеб", "unit": "piece", "price": 100, "requested_pieces": 1, "vat": "standard",
    "barcodes": [], "marked": False, "shelf_empty": False, "marks": [], "category": "",
    "temperature": "ambient", "zone": "", "aisle": "", "shelf": "", "postponed": 0,
    "restriction": "none", "wish_skus": [], "mark_uses": [], "refused": 0,
}  # fmt: skip


async def finished(
    scene: Scene, count: int, lines: Sequence[str] = (), *, store: str = HOME, **own: Any
) -> list[uuid.UUID]:
    """So many orders alike, each with lines of these states (`dropped:expired` says why); a moment
    that is None did not come. Their ids."""
    (home,) = await scene.sql("SELECT id FROM store WHERE code = $1", store)
    (account,) = await scene.sql("SELECT id FROM account ORDER BY code LIMIT 1")
    told = {**_ORDER, **{k: v for k, v in own.items() if not k.endswith("_at")}}
    moments = {**_WELL, **{k: v for k, v in own.items() if k.endswith("_at")}}
    rows = [
        {
            **told, **_moments(scene, moments), "id": uuid.uuid4(), "store_id": home["id"],
            "account_id": account["id"], "number": f"M-{uuid.uuid4().hex[:8]}",
            "external_id": uuid.uuid4().hex,
        }
        for _ in range(count)
    ]  # fmt: skip
    await _insert(scene, "orders", rows)
    await _insert(scene, "order_line", [row for one in rows for row in _lines(one, lines)])
    return [row["id"] for row in rows]


def _moments(scene: Scene, minutes: dict[str, float | None]) -> dict[str, Any]:
    return {
        name: None if ago is None else scene.now - timedelta(minutes=ago)
        for name, ago in minutes.items()
    }


def _lines(order: dict[str, Any], states: Sequence[str]) -> list[dict[str, Any]]:
    rows = []
    for n, said in enumerate(states):
        state, _, reason = said.partition(":")
        rows.append(
            {
                **_LINE, "id": uuid.uuid4(), "order_id": order["id"], "position": n,
                "store_id": order["store_id"], "external_id": str(n), "state": state,
                "picked_pieces": int(state == "picked"), "reason": reason or None,
            }
        )  # fmt: skip
    return rows


async def _insert(scene: Scene, table: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        columns = ", ".join(rows[0])
        await scene.sql(
            f"INSERT INTO {table} ({columns})"
            f" SELECT {columns} FROM jsonb_populate_recordset(NULL::{table}, $1)",
            rows,
        )


async def midday(scene: Scene) -> None:
    """It is noon in every shop, whenever the test runs: what was an hour ago was today."""
    east = 12 - scene.now.hour
    zone = f"Etc/GMT{-east:+d}" if east else "Etc/GMT"
    await scene.sql("UPDATE store SET timezone = $1", zone)
