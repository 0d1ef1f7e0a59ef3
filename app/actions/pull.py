"""An ERP fetches: its list page by page, nothing missed; and says what it has or refuses."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog
from asyncpg import Record

from app.actions.staying import documents_must_stay
from app.db import documents, pull
from app.db.conn import Conn
from app.db.pull import Said
from app.domain.destination import Destination
from app.domain.document import Document
from app.domain.place import Place, mark_of
from app.hub import Hub

log = structlog.get_logger()
#: Seconds between looks while somebody waits for something to come.
LOOK: Final = 0.5


@dataclass(frozen=True, slots=True)
class Page:
    """Some deliveries with their documents, where to go on, and whether more follow at once."""

    rows: Sequence[Record]
    documents: dict[UUID, Document]
    cursor: Place
    more: bool


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for: what is behind a place, at most so many; only what is unacknowledged; and
    how many seconds may be waited for something."""

    after: Place
    limit: int
    unacknowledged: bool = False
    wait: float = 0.0


async def fetch(hub: Hub, destination: Destination, asked: Asked) -> Page:
    """The next page; a paused destination has none."""
    until = time.monotonic() + asked.wait
    while True:
        page = await _look(hub, destination, asked)
        left = until - time.monotonic()
        if page.rows or left <= 0:
            return page
        await asyncio.sleep(min(LOOK, left))


async def acknowledge(
    hub: Hub, destination: Destination, said: Sequence[Said], trace_id: str
) -> list[UUID]:
    """Write down what an ERP says of documents; ids of those that were never for it. Refused while
    some of them go to another cell."""
    async with hub.pools.drains.acquire() as conn:
        await documents_must_stay(conn, [each.id for each in said])
        unknown = await pull.acknowledge(conn, destination.id, said, trace_id)
    refused = sum(each.error is not None for each in said)
    log.info(
        "acknowledged", destination=destination.code, documents=len(said), refused=refused,
        unknown=len(unknown),
    )  # fmt: skip
    return unknown


async def _look(hub: Hub, destination: Destination, asked: Asked) -> Page:
    if not destination.active:
        return Page([], {}, asked.after, more=False)
    async with hub.pools.drains.acquire() as conn:
        await pull.place(conn, destination.id)
        after = asked.after.position
        if not asked.after.stands(await pull.at(conn, destination.id, after) if after else None):
            first = await pull.first_unacknowledged(conn, destination.id)
            after = min(after, first - 1) if first is not None else after
            log.warning("cursor of another time", destination=destination.code, after=after)
        rows = await pull.page(
            conn, destination.id, after, asked.limit, unacknowledged=asked.unacknowledged
        )
        found = await _documents(conn, destination, rows)
    if not rows:
        return Page([], {}, asked.after, more=False)
    last = rows[-1]
    cursor = Place(last["position"], mark_of(last["id"]))
    return Page(rows, found, cursor, more=last["found"] > len(rows))


async def _documents(
    conn: Conn, destination: Destination, rows: Sequence[Record]
) -> dict[UUID, Document]:
    """The documents themselves, for a form that is said within the page."""
    if destination.form != "json":
        return {}
    ids = list({row["document_id"] for row in rows})
    return {each.id: each for each in await documents.read(conn, ids)}
