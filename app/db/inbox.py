"""Deliveries as they arrived, their dedupe keys, and who was refused."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.contract import Delivery, Reply
from app.db.conn import Conn
from app.db.queries import load

_SQL = load("inbox")
#: Refusals kept per minute; the rest are only counted in the metrics.
REFUSALS_PER_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Arrival:
    """One authentic delivery on its way into the inbox."""

    id: UUID
    account_id: UUID
    dedupe_key: str
    fifo_key: str
    event: str
    headers: Mapping[str, str]
    body: bytes
    reply: Reply
    trace_id: str

    @property
    def key(self) -> tuple[UUID, str]:
        """What makes a repeat a repeat."""
        return self.account_id, self.dedupe_key


@dataclass(frozen=True, slots=True)
class Refusal:
    """One delivery that was not let in; `account` is what its URL named, `peer` who knocked."""

    id: UUID
    account: str
    reason: str
    delivery: Delivery
    peer: str
    trace_id: str
    word: str = ""


async def store_batch(conn: Conn, arrivals: Sequence[Arrival]) -> list[Reply | None]:
    """Store many deliveries at once; a repeat gets the reply the first one got. None: nothing is
    stored, since the account lives in another cell by now."""
    ordered = sorted(arrivals, key=lambda arrival: arrival.key)
    stored = {row["inbox_id"] for row in await conn.fetch(_SQL["store_batch"], *_columns(ordered))}
    repeats = [arrival for arrival in arrivals if arrival.id not in stored]
    first = await _first_replies(conn, repeats) if repeats else {}
    return [a.reply if a.id in stored else first.get(a.key) for a in arrivals]


def _columns(arrivals: Sequence[Arrival]) -> list[list[Any]]:
    return [
        [a.id for a in arrivals],
        [a.account_id for a in arrivals],
        [a.dedupe_key for a in arrivals],
        [a.fifo_key for a in arrivals],
        [a.event for a in arrivals],
        [msgspec.json.encode(dict(a.headers)).decode() for a in arrivals],
        [a.body for a in arrivals],
        [a.reply.status for a in arrivals],
        [a.reply.body for a in arrivals],
        [a.trace_id for a in arrivals],
    ]


async def _first_replies(conn: Conn, repeats: Sequence[Arrival]) -> dict[tuple[UUID, str], Reply]:
    accounts, keys = zip(*(arrival.key for arrival in repeats), strict=True)
    rows = await conn.fetch(_SQL["first_replies"], list(accounts), list(keys))
    return {
        (row["account_id"], row["dedupe_key"]): Reply(row["reply_status"], row["reply_body"])
        for row in rows
    }


def fifo_key(account_id: UUID, order_ref: str) -> str:
    """What keeps the deliveries of one order in order."""
    return f"{account_id}:{order_ref}"


async def waits(conn: Conn, key: str) -> bool:
    """Whether a delivery with this fifo key is not worked through yet."""
    found: bool = await conn.fetchval(_SQL["waits"], key)
    return found


async def delivery(conn: Conn, id_: UUID) -> tuple[Delivery, str, datetime]:
    """The delivery, its event name and when it arrived."""
    row = await conn.fetchrow(_SQL["delivery"], id_)
    assert row is not None  # written in the same transaction as its queue row
    found = Delivery(row["headers"], row["body"], origin=row["origin"])
    return found, row["event"], row["received_at"]


async def fetched(conn: Conn, id_: UUID, body: bytes) -> None:
    """Keep the order as the marketplace showed it."""
    await conn.execute(_SQL["fetched"], id_, body)


async def refuse(conn: Conn, refusal: Refusal) -> None:
    """Remember a refused delivery without its body."""
    await conn.execute(
        _SQL["refuse"],
        refusal.id,
        refusal.account,
        refusal.reason,
        dict(refusal.delivery.headers),
        len(refusal.delivery.body),
        refusal.peer,
        REFUSALS_PER_MINUTE,
        refusal.trace_id,
        refusal.word,
    )
