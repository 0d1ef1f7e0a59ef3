"""What each hour came to, told by plain Python from the rows themselves, not by the hub's SQL."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import asyncpg

Row = dict[str, Any]
OUT = ("removed_by_customer", "withdrawn")
OUTCOMES = {"picked": "found", "short": "short", "replaced": "replaced", "dropped": "dropped"}
#: Measures that are told though they are zero.
ALWAYS = ("start_times", "start_seconds", "pick_times", "pick_seconds", "late_seconds",
          "late_seconds_max", "cancels")  # fmt: skip


def hour_of(moment: datetime, zone: str) -> datetime:
    local = moment.astimezone(ZoneInfo(zone))
    return local.replace(minute=0, second=0, microsecond=0).astimezone(ZoneInfo("UTC"))


def seconds(start: datetime, end: datetime) -> int:
    return max(0, math.floor((end - start).total_seconds()))


def of_lines(lines: list[Row], said: list[Row]) -> Counter[str]:
    """What a picked order's lines come to; `said` is its timeline in order."""
    counts: Counter[str] = Counter()
    for line in lines:
        if line["reason"] in OUT:
            continue
        if line["state"] in ("picked", "short"):
            counts["pieces"] += line["picked_pieces"] or 0
        if line["replaces"] is None:
            counts["lines"] += 1
            if line["state"] in OUTCOMES:
                counts[OUTCOMES[line["state"]]] += 1
    last = {
        line_id: what
        for entry in said
        for what, ids in entry["detail"].get("questions", {}).items()
        for line_id in ids
    }
    if any(line["replaces"] for line in lines):
        answers = Counter(last.values())
        counts["proposed"] = len(last) - answers["taken_back"]
        counts["approved"], counts["rejected"] = answers["agreed"], answers["refused"]
    return counts


def of_order(order: Row, lines: list[Row], said: list[Row]) -> list[tuple[datetime, Row]]:
    """What an order adds, with the moments it happened at."""
    o, due = order, order["due_at"]
    taken = max(o["accepted_at"] or o["received_at"], due - timedelta(hours=2))
    found: list[tuple[datetime | None, Any]] = [
        (o["received_at"], lambda: {"orders": 1}),
        (o["accepted_at"], lambda: {
            "accepted": 1, "accept_seconds": seconds(o["received_at"], o["accepted_at"])}),
        (o["picking_at"], lambda: {
            "started": 1, "start_times": [seconds(taken, o["picking_at"])]}),
        (o["picked_at"], lambda: {
            "picked": 1, "pick_times": [seconds(o["picking_at"] or o["picked_at"], o["picked_at"])],
            **of_lines(lines, said)}),
        (o["ready_at"], lambda: {
            "ready": 1, "ready_on_time": int(o["ready_at"] <= due),
            "late": [max(0, math.ceil((o["ready_at"] - due).total_seconds()))]}),
        (o["handed_over_at"], lambda: {"handed_over": 1} | ({
            "courier_waits": 1, "courier_wait_seconds": seconds(
                max(o["courier_arrived_at"], due), o["handed_over_at"]),
            } if o["courier_arrived_at"] else {})),
        (o["delivered_at"], lambda: {
            "delivered": 1, "delivered_total": o["final_total"] or o["paid_total"] or 0}),
        (o["ended_at"], lambda: {
            "cancelled": 1, "cancelled_by_store": int(
                o["cancelled_by"] == "shop" or o["cancel_reason"] == "no_response"),
            "why": [f"{o['cancelled_by'] or 'shop'}:{o['cancel_reason'] or ''}"]}),
    ]  # fmt: skip
    return [(moment, adds()) for moment, adds in found if moment is not None]


async def truth(conn: asyncpg.Connection) -> list[Row]:
    """Every cell as `store_hour` should have it."""
    zones = dict(await conn.fetch("SELECT id, timezone FROM store"))
    lines, said = defaultdict(list), defaultdict(list)
    for row in await conn.fetch("SELECT * FROM order_line"):
        lines[row["order_id"]].append(dict(row))
    for row in await conn.fetch("SELECT * FROM timeline ORDER BY id"):
        said[row["order_id"]].append(dict(row))
    cells: dict[tuple, dict[str, Any]] = defaultdict(dict)
    for order in await conn.fetch("SELECT * FROM orders"):
        for moment, adds in of_order(dict(order), lines[order["id"]], said[order["id"]]):
            hour = hour_of(moment, zones[order["store_id"]])
            cell = cells[order["store_id"], hour, order["account_id"]]
            for name, value in adds.items():
                cell[name] = cell.get(name, [] if isinstance(value, list) else 0) + value
    return sorted((whole(key, cell) for key, cell in cells.items()), key=place)


def whole(key: tuple, cell: Row) -> Row:
    start, pick = sorted(cell.pop("start_times", [])), sorted(cell.pop("pick_times", []))
    late, why = cell.pop("late", [0]), Counter(cell.pop("why", []))
    return dict(zip(("store_id", "hour", "account_id"), key, strict=True)) | cell | {
        "start_times": start, "start_seconds": sum(start),
        "pick_times": pick, "pick_seconds": sum(pick),
        "late_seconds": sum(late), "late_seconds_max": max(late), "cancels": dict(why),
    }  # fmt: skip


def place(cell: Row) -> tuple:
    return cell["store_id"], cell["hour"], cell["account_id"]


async def counted(conn: asyncpg.Connection) -> list[Row]:
    """The cells there are, as `without_zeros` tells them."""
    rows = await conn.fetch("SELECT * FROM store_hour")
    return without_zeros(sorted(map(dict, rows), key=place))


def without_zeros(cells: list[Row]) -> list[Row]:
    """Cells without the measures that are zero."""
    return [{k: v for k, v in cell.items() if v or k in ALWAYS} for cell in cells]
