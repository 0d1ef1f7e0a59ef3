"""One hub for a whole module of table-driven tests: each row brings its own order or none."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx

from app.db.conn import pool as open_pool
from app.hub import Hub
from tests.conftest import UNHURRIED, api_of, copy_of, hub_on


@dataclass(frozen=True)
class World:
    """A hub and a client of its API."""

    hub: Hub
    api: httpx.AsyncClient

    async def value(self, sql: str, *args: Any) -> Any:
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetchval(sql, *args)

    async def row(self, sql: str, *args: Any) -> Any:
        async with self.hub.pools.drains.acquire() as conn:
            return await conn.fetchrow(sql, *args)

    async def effects(self) -> dict[str, int]:
        """How many rows stand in every table that a delivery or a pick could write."""
        tables = ("orders", "order_line", "order_contact", "timeline", "outbox_message", "pick_job",
                  "scan")  # fmt: skip
        return {table: await self.value(f"SELECT count(*) FROM {table}") for table in tables}


@asynccontextmanager
async def world_of(seeded: str) -> AsyncIterator[World]:
    """A hub on its own copy of the seeded database."""
    async with copy_of(seeded) as dsn, open_pool(dsn, 8, name="test", **UNHURRIED) as pool:
        hub = hub_on(pool)
        async with api_of(hub) as api:
            yield World(hub, api)
