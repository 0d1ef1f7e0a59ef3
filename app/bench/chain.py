"""A database of its own for a measurement, with a chain of shops in it and nobody about: no web
worker, no calendar, nothing that moves but what is measured."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

import asyncpg

from app.db import rehearsal, rehearsal_watch, setup
from app.db.conn import prepare
from app.db.migrate import migrate
from app.db.rehearsal_watch import Chain
from app.identifiers import new_id
from app.settings import Settings
from app.supervision.postgres import embedded

ACTIVE: Final = 5_000
STORES: Final = 200
ACCOUNTS: Final = 4
PICKERS: Final = 600
LINES: Final = 12
#: Where the chain is told of troubles.
CHAT: Final = 9_000_001


@contextmanager
def chain(home: Path, now: datetime, finished: int) -> Iterator[Settings]:
    """Settings of a hub whose chain has so many finished orders. It is filled by a server that may
    forget, which is faster, and measured with one that does not."""
    home.parent.chmod(0o711)
    with embedded(home) as server:
        asyncio.run(_begin(server.dsn))
    with embedded(home) as server:
        asyncio.run(fill(server.dsn, now, finished))
        asyncio.run(rehearsal_watch.hurry(server.dsn, on=False))
    with embedded(home, durable=True) as server:
        yield Settings.from_env(
            {
                "HUB_DATA": str(home),
                "HUB_DATABASE_URL": server.dsn,
                "HUB_MASTER_KEY": base64.urlsafe_b64encode(bytes(32)).decode(),
            }
        )


async def _begin(dsn: str) -> None:
    await migrate(dsn)
    await rehearsal_watch.hurry(dsn, on=True)


async def fill(
    dsn: str, now: datetime, finished: int, *, active: int = ACTIVE, stores: int = STORES
) -> None:
    """Put the chain and its orders into a database that has only the schema."""
    conn = await asyncpg.connect(dsn)
    await prepare(conn)
    merchant = await setup.merchant(conn, "Замер", CHAT)
    accounts = [
        await setup.account(conn, merchant, f"bench-{n}", "kuper", ({}, {}))
        for n in range(ACCOUNTS)
    ]
    shops = []
    for n in range(stores):
        names = f"B-{n:03}", f"Магазин № {n}", "Europe/Moscow"
        shops.append(await setup.store(conn, merchant, names, None))
        await setup.map_store(conn, accounts[n % ACCOUNTS], f"{n}", shops[-1])
    people = [(new_id(), shops[n % stores], f"B{n}", f"{n}".encode()) for n in range(PICKERS)]
    await rehearsal.people(conn, people)
    await conn.close()
    pickers: list[UUID] = [one[0] for one in people]
    where = Chain(now, shops, accounts, pickers)
    await rehearsal_watch.furnish(dsn, where, active, finished, LINES)
