"""Events on their way to a retailer's own systems: written down, told, and how every try went."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.integrators import Sealed, of_row
from app.db.queries import load
from app.db.queue import Item
from app.domain.integrator import EventType
from app.identifiers import new_id

_SQL = load("events")
#: Characters kept of an answer: for a person to read.
_KEPT = 300


@dataclass(frozen=True, slots=True)
class Happened:
    """An event and who is told of it. `about`: its order, or what else it is about; what is about
    the same goes out one after the other. `body`: what is posted."""

    type: EventType
    store_id: UUID | None
    order_id: UUID | None
    about: UUID
    body: bytes
    to: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event for one subscription."""

    id: UUID
    message_id: UUID
    created_at: datetime
    type: EventType
    body: bytes
    order_id: UUID | None
    to: Sealed


@dataclass(frozen=True, slots=True)
class Try:
    """One try: milliseconds, HTTP status if any, how it ended, what was said."""

    ms: int
    status: int | None
    outcome: str
    said: str


async def wanted(
    conn: Conn, store_id: UUID, account_id: UUID, types: Sequence[EventType]
) -> list[Record]:
    """Subscriptions that want any of these types; what store, account and marketplace are
    called."""
    rows: list[Record] = await conn.fetch(_SQL["wanted"], store_id, account_id, list(types))
    return rows


async def wanted_documents(conn: Conn, ids: Sequence[UUID]) -> list[Record]:
    """Those of these documents that somebody wants to know of, and who does."""
    type_ = EventType.DOCUMENT_ISSUED
    rows: list[Record] = await conn.fetch(_SQL["wanted_documents"], list(ids), type_)
    return rows


async def add(conn: Conn, happened: Sequence[Happened], trace_id: str) -> None:
    """Write events and their deliveries, in this order, in the caller's transaction."""
    ids = [new_id() for _ in happened]
    events = [
        {
            "id": id_,
            "type": each.type,
            "store_id": each.store_id,
            "order_id": each.order_id,
            "about": each.about,
            "body": each.body.decode(),
        }
        for id_, each in zip(ids, happened, strict=True)
    ]
    told = [(id_, to) for id_, each in zip(ids, happened, strict=True) for to in each.to]
    await conn.execute(
        _SQL["add"],
        events,
        [event for event, _ in told],
        [to for _, to in told],
        [new_id() for _ in told],
        trace_id,
    )


async def delivery(conn: Conn, id_: UUID) -> Delivery:
    """What a claimed row is about."""
    row = await conn.fetchrow(_SQL["delivery"], id_)
    assert row is not None  # written in the same transaction as its queue row
    return Delivery(
        id=row["delivery_id"],
        message_id=row["message_id"],
        created_at=row["created_at"],
        type=EventType(row["type"]),
        body=row["body"].encode(),
        order_id=row["order_id"],
        to=of_row(row),
    )


async def record(conn: Conn, item: Item, tried: Try) -> None:
    """Keep how a try went."""
    said = tried.said.replace("\x00", "").encode(errors="replace").decode()[:_KEPT]
    attempt = min(item.attempts, 32_767)
    await conn.execute(
        _SQL["attempt"], item.id, attempt, tried.ms, tried.status, tried.outcome, said
    )


async def taken(conn: Conn, id_: UUID) -> None:
    """The other side has it."""
    await conn.execute(_SQL["taken"], id_)


async def resend(conn: Conn, old: UUID, new: UUID, who: str, trace_id: str) -> bool:
    """Queue a finished delivery's message again in a new row; False for one that is not
    finished."""
    return await conn.fetchval(_SQL["resend"], old, new, who, trace_id) is not None


async def given_up(conn: Conn, code: str, limit: int) -> list[UUID]:
    """Deliveries of a subscription that were given up, and that nobody has resent."""
    return [row["id"] for row in await conn.fetch(_SQL["given_up"], code, limit)]


async def hasten(conn: Conn, id_: UUID) -> bool:
    """A delivery that waits is due now; False for one that does not wait."""
    return await conn.fetchval(_SQL["hasten"], id_) is not None


async def state(conn: Conn, id_: UUID) -> Record | None:
    """Where a delivery stands; None where there is no such one."""
    return await conn.fetchrow(_SQL["state"], id_)


@dataclass(frozen=True, slots=True)
class Sought:
    """What somebody wants to see of a log."""

    state: str | None = None
    type: str | None = None
    order: str | None = None
    limit: int = 50


async def log(conn: Conn, code: str, sought: Sought) -> tuple[list[Record], list[Record]]:
    """Deliveries of a subscription, the latest first, and all tries of them."""
    found: list[Record] = await conn.fetch(
        _SQL["log"], code, sought.state, sought.type, sought.order, sought.limit
    )
    tries: list[Record] = await conn.fetch(_SQL["attempts"], [row["id"] for row in found])
    return found, tries
