"""What follows sales: a document of every return and every correction, in the order in which they
happened, and the data of fiscal receipts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol
from uuid import UUID

import structlog

from app.actions.hand_on import hand_on
from app.db import changed_sales, sales
from app.db import receipts as due_receipts
from app.db.conn import Conn
from app.db.queue import Queue
from app.hub import Hub
from app.identifiers import new_id
from app.log import where

log = structlog.get_logger()
#: Documents in one transaction, 100 ms or less of them: locks stay short.
BATCH: Final = 50
RECEIPTS: Final = 20
#: Who issues documents by itself.
ACTOR: Final = "hub"


class _Due(Protocol):
    """Where due documents of one sort are: taken in hand, issued, or kept as broken."""

    async def pick(self, conn: Conn, limit: int, began: datetime, /) -> list[UUID]:
        """Lock the next ones."""

    async def issue(
        self, conn: Conn, ids: Sequence[UUID], actor: str, trace_id: str, /
    ) -> list[UUID]:
        """Make documents of them; their ids."""

    async def broken(self, conn: Conn, due_id: UUID, error: str, /) -> None:
        """Keep that none can be made."""


@dataclass(frozen=True, slots=True)
class _Run:
    """What is issued, so many at a time, and since when, by the database's clock."""

    due: _Due
    limit: int
    began: datetime


async def changes(hub: Hub) -> int:
    """Returns and corrections of all sales that have their documents; how many were issued. Each
    round takes one change of an order, so the next one of it finds the ledger as it is then."""
    return await _until_none(hub, (changed_sales, BATCH), "changes of sales issued")


async def receipts(hub: Hub) -> int:
    """Data of all fiscal receipts that merchants have to make; how many were issued."""
    return await _until_none(hub, (due_receipts, RECEIPTS), "receipts issued")


async def _until_none(hub: Hub, what: tuple[_Due, int], done: str) -> int:
    """Batch after batch, each in a transaction of its own."""
    async with hub.pools.drains.acquire() as conn:
        run = _Run(*what, await sales.begin(conn))
    total = 0
    while (issued := await _batch(hub, run)) is not None:
        total += issued
    if total:
        hub.wakes[Queue.ERP].set()
    log.info(done, count=total)
    return total


async def _batch(hub: Hub, run: _Run) -> int | None:
    """How many of the next ones were issued; None when there were none. Where one of them breaks,
    the next one goes alone."""
    try:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await sales.plan(conn)
            picked = await run.due.pick(conn, run.limit, run.began)
            return await _issue(conn, run, picked) if picked else None
    except sales.BROKEN:
        return await _alone(hub, run)


async def _alone(hub: Hub, run: _Run) -> int | None:
    """The next one, kept as broken when no document can be made of it: others must not suffer."""
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await sales.plan(conn)
        picked = await run.due.pick(conn, 1, run.began)
        try:
            async with conn.transaction():
                return await _issue(conn, run, picked) if picked else None
        except sales.BROKEN as error:
            await _keep(conn, run, picked[0], error)
            return 0


async def _issue(conn: Conn, run: _Run, picked: Sequence[UUID]) -> int:
    trace_id = new_id().hex
    issued = await run.due.issue(conn, picked, ACTOR, trace_id)
    await hand_on(conn, issued, trace_id)
    return len(issued)


async def _keep(conn: Conn, run: _Run, broken: UUID, error: Exception) -> None:
    log.error("a document cannot be issued", id=str(broken), where=where(error))
    await run.due.broken(conn, broken, type(error).__name__)
