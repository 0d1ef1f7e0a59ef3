"""Documents of very many delivered orders: how long, beside plain SQL that writes the same rows; in
how much memory; with how long a transaction; killed in the middle."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import asyncpg

from app.db import rehearsal_sales, setup
from app.db.conn import Conn, prepare
from app.db.migrate import migrate

ORDERS: Final = 100_000
LINES: Final = 20
GOODS: Final = 5_000
STORES: Final = 20
#: Orders of goods nobody knows, the oldest of all: they hold nobody up.
HELD: Final = 200
#: Share of the orders after which the first process is killed.
KILLED_AT: Final = 0.1
#: Seconds between looks at the issuing process.
_LOOK: Final = 0.05


async def fill(dsn: str, orders: int = ORDERS) -> None:
    """Put a merchant, goods and delivered orders into an empty database."""
    await migrate(dsn)
    conn = await _connect(dsn)
    merchant = await setup.merchant(conn, "Замер", None)
    account = await setup.account(conn, merchant, "bench", "kuper", ({}, {}))
    shops = [
        await setup.store(conn, merchant, (f"B-{n:03}", f"Магазин № {n}", "Europe/Moscow"), None)
        for n in range(STORES)
    ]
    where = merchant, account, shops
    await rehearsal_sales.delivered(conn, where, (orders, LINES, GOODS, HELD))
    await conn.close()


async def measure(dsn: str, home: Path, orders: int = ORDERS) -> dict[str, Any]:
    """Issue all of it, then write the same by plain SQL."""
    conn = await _connect(dsn)
    await rehearsal_sales.rest(conn)
    env = _environment(dsn, home)
    started = time.perf_counter()
    first, second = _Issuing(env), _Issuing(env)
    left = await first.killed_at(conn, round(orders * KILLED_AT))
    said = second.end()
    seconds = time.perf_counter() - started
    found = dict(await rehearsal_sales.found(conn))
    plain, copied = await rehearsal_sales.plainly(conn), await rehearsal_sales.copied(conn)
    took = {"issued": seconds, "plain": plain, "copied": copied}
    return {
        "orders": orders,
        "lines_of_each": LINES,
        "seconds": {name: round(value, 1) for name, value in took.items()},
        "ratio": round(seconds / plain, 2),
        "ratio_to_a_copy": round(seconds / copied, 2),
        "rss_mb": round(max(first.rss, second.rss) / 1024, 1),
        "longest_lock_ms": said["longest_ms"],
        "killed_after": left,
        "wrong": _wrong(found, orders) + await rehearsal_sales.different(conn),
        "found": found,
    }


def _environment(dsn: str, home: Path) -> dict[str, str]:
    """Of a process that issues."""
    key = base64.urlsafe_b64encode(bytes(32)).decode()
    ours = {"HUB_DATA": str(home), "HUB_DATABASE_URL": dsn, "HUB_MASTER_KEY": key}
    return {**os.environ, **ours}


def _wrong(found: dict[str, Any], orders: int) -> int:
    """How many of these are not as they must be."""
    issued = orders - HELD
    expected = {
        "documents": issued, "orders": issued, "lines": issued * LINES, "held": HELD, "due": HELD,
        "gapless": True, "sums": True,
    }  # fmt: skip
    return sum(found[name] != value for name, value in expected.items())


@dataclass(slots=True)
class _Issuing:
    """One process that issues."""

    env: dict[str, str]
    rss: int = 0  #: kilobytes, the most it ever had
    said: list[dict[str, Any]] = field(default_factory=list)

    async def killed_at(self, conn: Conn, documents: int) -> int:
        """Start it, and kill it when there are so many documents; how many there were."""
        process = self._start()
        while await rehearsal_sales.count(conn) < documents and process.poll() is None:
            self._look(process)
            await asyncio.sleep(_LOOK)
        process.kill()
        process.wait()
        return await rehearsal_sales.count(conn)

    def end(self) -> dict[str, Any]:
        """Start it and wait for its end; what it logged of the sales."""
        process = self._start()
        while process.poll() is None:
            self._look(process)
            time.sleep(_LOOK)
        assert process.stderr is not None
        lines = map(json.loads, process.stderr.read().splitlines())
        return next(line for line in lines if line["event"] == "sales documents issued")

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "app.bench.issuing"], env=self.env, stderr=subprocess.PIPE
        )

    def _look(self, process: subprocess.Popen[bytes]) -> None:
        try:
            status = Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
        except OSError:
            return
        if "VmHWM:" in status:  # a process that has ended has no memory
            self.rss = max(self.rss, int(status.split("VmHWM:")[1].split()[0]))


async def _connect(dsn: str) -> Conn:
    conn = await asyncpg.connect(dsn)
    await prepare(conn)
    return conn
