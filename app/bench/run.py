"""Start what is measured, measure, write bench.json, print a table."""

from __future__ import annotations

import json
import os
import platform
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial, reduce
from pathlib import Path
from typing import Any, Final

import uvloop
from rich.console import Console
from rich.table import Table

from app.bench import documents, monitoring, queue, telegram, webhooks, writes
from app.bench.chain import chain
from app.bench.stack import rss, stack
from app.supervision.postgres import embedded

#: What we promise: part, figure (path in the part's result), bound, whether more is better.
PROMISES: Final = (
    ("webhooks", "ratio", 0.30, True),
    ("webhooks", f"at_{webhooks.RATE}_per_second_ms.p99", 250.0, False),
    ("webhooks", "errors", 0, False),
    ("webhooks", "worker_rss_mb", 90.0, False),
    ("writes", "milliseconds.p99", 100.0, False),
    ("writes", "errors", 0, False),
    ("queue", "worst_ratio", 1.2, False),
    ("queue", "worst_ratio_of_pages", 1.2, False),
    ("monitoring", "milliseconds.many", 500.0, False),
    ("monitoring", "milliseconds.ratio", 1.2, False),
    ("telegram", "per_second", 29.0, True),
    ("telegram", "too_many_requests", 0, False),
    ("documents", "ratio", 2.0, False),
    ("documents", "rss_mb", 150.0, False),
    ("documents", "longest_lock_ms", 200, False),
    ("documents", "wrong", 0, False),
)
#: What stands beside it in the table.
FIGURES: Final = {
    "webhooks": (
        "durable_per_second", "forgetful_per_second", f"at_{webhooks.RATE}_per_second_ms",
    ),
    "writes": ("milliseconds", "livez_milliseconds", "own_orders_milliseconds", "p50_over_livez"),
    "queue": ("milliseconds",),
    "monitoring": (
        "finished_orders", "rules", "milliseconds", "pages", "slowest", "grown", "flood",
    ),
    "telegram": ("messages", "chats", "drains", "seconds"),
    "documents": ("orders", "lines_of_each", "seconds", "ratio_to_a_copy", "killed_after", "found"),
}  # fmt: skip


def run(parts: Sequence[str], output: Path, finished: int = monitoring.MANY) -> bool:
    """Measure these parts, or all of them, monitoring with so many finished orders; True when every
    promise was kept."""
    found = {}
    measure = dict(PARTS)
    measure["monitoring"] = partial(_monitoring, finished=finished)
    for part in parts or PARTS:
        with tempfile.TemporaryDirectory(prefix="hub-bench-") as folder:
            others = os.getloadavg()[0]
            begun = time.monotonic()
            found[part] = {
                "at": datetime.now(UTC).isoformat(timespec="seconds"),
                "load_before": round(others, 2),
                **measure[part](Path(folder)),
                "took_seconds": round(time.monotonic() - begun),
            }
    machine = {"cores": os.cpu_count(), "python": platform.python_version()}
    known = json.loads(output.read_text(encoding="utf-8")) if output.exists() else {}
    kept = {name: known[name] for name in PARTS if name in known}
    output.write_text(json.dumps({"machine": machine, **kept, **found}, indent=2) + "\n")
    return _print(found)


def _webhooks(folder: Path) -> dict[str, Any]:
    with (
        stack(folder / "durable") as durable,
        stack(folder / "forgetful", "app.bench.baseline") as forgetful,
    ):
        unique = f"{time.time_ns() % 10**9}"
        found = uvloop.run(webhooks.measure(durable.hook, forgetful.hook, unique))
        return found | {"worker_rss_mb": rss(durable.data)}


def _writes(folder: Path) -> dict[str, Any]:
    with stack(folder / "hub") as hub:
        found = uvloop.run(writes.measure(hub))
        return found | {"worker_rss_mb": rss(hub.data)}


def _queue(folder: Path) -> dict[str, Any]:
    with stack(folder / "few") as few, stack(folder / "many") as many:
        return uvloop.run(queue.measure(few, many))


def _monitoring(folder: Path, finished: int = monitoring.MANY) -> dict[str, Any]:
    now, begun = monitoring.evening(), time.monotonic()
    few = min(monitoring.FEW, finished)
    with chain(folder / "few", now, few) as one, chain(folder / "many", now, finished) as other:
        filled = round(time.monotonic() - begun)
        found = uvloop.run(monitoring.measure(one, other, now))
        return {"finished_orders": [few, finished], "filled_in_seconds": filled, **found}


def _telegram(folder: Path) -> dict[str, Any]:
    with stack(folder / "hub") as hub:
        return uvloop.run(telegram.measure(hub))


def _documents(folder: Path) -> dict[str, Any]:
    """Filled by a server that may forget, which is faster, and measured with one that does not."""
    folder.chmod(0o711)
    with embedded(folder / "hub") as server:
        uvloop.run(documents.fill(server.dsn))
    with embedded(folder / "hub", durable=True) as server:
        return uvloop.run(documents.measure(server.dsn, folder / "hub"))


PARTS: Final[Mapping[str, Callable[[Path], dict[str, Any]]]] = {
    "webhooks": _webhooks,
    "writes": _writes,
    "queue": _queue,
    "monitoring": _monitoring,
    "telegram": _telegram,
    "documents": _documents,
}


def _at(found: Mapping[str, Any], path: str) -> Any:
    return reduce(lambda inner, name: inner[name], path.split("."), found)


def _print(found: Mapping[str, Any]) -> bool:
    table = Table("part", "figure", "measured", "promise", "kept")
    for part in found:
        for figure in FIGURES[part]:
            table.add_row(part, figure, _text(_at(found[part], figure)), "", "")
    kept_all = True
    for part, figure, bound, more in PROMISES:
        if part not in found:
            continue
        value = _at(found[part], figure)
        kept = value >= bound if more else value <= bound
        kept_all &= kept
        promise = f"{'≥' if more else '≤'} {bound}"
        table.add_row(part, figure, str(value), promise, "yes" if kept else "NO")
    Console().print(table)
    return kept_all


def _text(value: Any) -> str:
    """One value, or one row for each of several."""
    if not isinstance(value, dict):
        return str(value)
    if any(isinstance(each, dict) for each in value.values()):
        return "\n".join(f"{name}: {_text(each)}" for name, each in value.items())
    return "  ".join(f"{name} {each}" for name, each in value.items())
