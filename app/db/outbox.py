"""What marketplaces must be told, and how every try went."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from app.db import queue
from app.db.conn import Conn
from app.db.queries import load
from app.db.queue import Item, Queue
from app.domain.order import Order
from app.identifiers import new_id

_SQL = load("outbox")
#: So many late messages at most are tried again at once when an account is back.
HURRIED = 5000
#: Characters kept of a request and of an answer; both are for people to read.
KEPT = 8000


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message's payload: which order, and what about it."""

    order_id: UUID
    account_id: UUID
    kind: str


@dataclass(frozen=True, slots=True)
class Try:
    """One try: milliseconds, HTTP status if any, how it ended, what was said."""

    ms: int
    status: int | None
    outcome: str
    request: str
    response: str


async def add(conn: Conn, order: Order, kind: str, trace_id: str) -> None:
    """Queue one message in the caller's transaction; messages of an order go out in order."""
    id_ = new_id()
    await conn.execute(_SQL["add"], id_, order.id, order.account_id, kind)
    await queue.add(
        conn,
        Queue.OUTBOX,
        id_,
        account_id=order.account_id,
        fifo_key=str(order.id),
        trace_id=trace_id,
    )


async def waits(conn: Conn, order_id: UUID, kind: str) -> bool:
    """Whether a message of this kind waits for its first try, and so will tell the latest."""
    found: bool = await conn.fetchval(_SQL["waits"], order_id, kind)
    return found


async def held_up(conn: Conn, account_id: UUID, seconds: float) -> bool:
    """Whether a message of this account has waited for longer than so many seconds."""
    found: bool = await conn.fetchval(_SQL["held_up"], account_id, seconds)
    return found


async def hurry(conn: Conn, account_id: UUID) -> None:
    """An account that was away answers again: what waits for that is tried at once."""
    await conn.execute(_SQL["hurry"], account_id, HURRIED)


async def message(conn: Conn, id_: UUID) -> Outgoing:
    """The payload of a claimed row."""
    row = await conn.fetchrow(_SQL["message"], id_)
    assert row is not None  # written in the same transaction as its queue row
    return Outgoing(**row)


async def record(conn: Conn, item: Item, outgoing: Outgoing, tried: Try) -> None:
    """Keep how a try went."""
    await conn.execute(
        _SQL["record"],
        item.id,
        item.attempts,
        outgoing.account_id,
        tried.ms,
        tried.status,
        tried.outcome,
        _readable(tried.request),
        _readable(tried.response),
    )


async def of_order(conn: Conn, order_id: UUID) -> tuple[list[Record], list[Record]]:
    """All messages of an order, and all tries."""
    messages: list[Record] = await conn.fetch(_SQL["of_order"], order_id)
    attempts: list[Record] = await conn.fetch(_SQL["attempts_of_order"], order_id)
    return messages, attempts


def _readable(text: str) -> str:
    return text.replace("\x00", "")[:KEPT]
