"""Documents on their way to ERPs: what is to be brought, how every try went, and doing it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.destinations import Sealed, of_row
from app.db.queries import load
from app.db.queue import Item

_SQL = load("erp")
#: Characters kept of an answer: for a person to read.
_KEPT = 300


@dataclass(frozen=True, slots=True)
class Delivery:
    """One document for one destination. `settled`: the ERP has told that it has it. `held_by`: the
    number of an earlier document of the order that it has not got."""

    id: UUID
    message_id: UUID
    document_id: UUID
    cause: str
    settled: bool
    held_by: str | None
    kind: str
    number: str
    issued_on: date
    order_id: UUID | None
    store_id: UUID | None
    to: Sealed


@dataclass(frozen=True, slots=True)
class Try:
    """One try: milliseconds, HTTP status if any, how it ended, what was said."""

    ms: int
    status: int | None
    outcome: str
    said: str


@dataclass(frozen=True, slots=True)
class Deed:
    """Something a person asks for: what it is, who asks, why."""

    cause: str
    actor: str
    reason: str
    trace_id: str


async def delivery(conn: Conn, id_: UUID) -> Delivery:
    """What a claimed row is about."""
    row = await conn.fetchrow(_SQL["delivery"], id_)
    assert row is not None  # written in the same transaction as its queue row
    same = (
        "message_id", "document_id", "cause", "settled", "held_by", "kind", "number", "issued_on",
        "order_id", "store_id",
    )  # fmt: skip
    return Delivery(id=row["delivery_id"], to=of_row(row), **{name: row[name] for name in same})


async def record(conn: Conn, item: Item, destination_id: UUID, tried: Try) -> None:
    """Keep how a try went."""
    said = _readable(tried.said)
    await conn.execute(
        _SQL["attempt"],
        item.id,
        min(item.attempts, 32_767),
        destination_id,
        tried.ms,
        tried.status,
        tried.outcome,
        said,
    )


async def sent(conn: Conn, id_: UUID, sha256: str, number: str | None) -> None:
    """It is there; an ERP that told its number has acknowledged it as well."""
    await conn.execute(_SQL["sent"], id_, sha256, number)


async def made(conn: Conn, id_: UUID, sha256: str) -> None:
    """Its file is there to be fetched."""
    await conn.execute(_SQL["made"], id_, sha256)


async def refused(conn: Conn, id_: UUID, said: str) -> None:
    """The ERP does not take it."""
    await conn.execute(_SQL["refused"], id_, _readable(said))


async def resend(conn: Conn, ids: Sequence[UUID], code: str | None, deed: Deed) -> list[Record]:
    """Bring documents again; what still waits is tried at once instead. Each delivery with the code
    of its destination."""
    waiting: list[Record] = await conn.fetch(_SQL["hasten"], list(ids), code)
    new: list[Record] = await conn.fetch(
        _SQL["resend"], list(ids), code, deed.cause, deed.actor, deed.reason, deed.trace_id
    )
    return waiting + new


async def period(
    conn: Conn, code: str, days: tuple[date, date], after: int, limit: int
) -> list[UUID]:
    """Documents of a period (both days included) that a destination takes, some of them."""
    rows = await conn.fetch(_SQL["period"], code, *days, after, limit)
    return [row["id"] for row in rows]


async def counted(conn: Conn, code: str, days: tuple[date, date]) -> int:
    """How many documents of a period a destination takes."""
    count: int = await conn.fetchval(_SQL["counted"], code, *days)
    return count


async def of_document(conn: Conn, document_id: UUID) -> tuple[list[Record], list[Record]]:
    """All deliveries of a document, and all tries."""
    deliveries: list[Record] = await conn.fetch(_SQL["of_document"], document_id)
    attempts: list[Record] = await conn.fetch(_SQL["attempts_of_document"], document_id)
    return deliveries, attempts


async def latest(conn: Conn, limit: int) -> list[Record]:
    """The latest documents, and what became of them at each ERP."""
    rows: list[Record] = await conn.fetch(_SQL["latest"], limit)
    return rows


async def find_documents(conn: Conn, text: str) -> list[UUID]:
    """Documents that somebody means: by id, by number, or all of an order."""
    try:
        id_ = UUID(text)
    except ValueError:
        id_ = None
    return [row["id"] for row in await conn.fetch(_SQL["find_documents"], text, id_)]


def _readable(text: str) -> str:
    return text.replace("\x00", "").encode(errors="replace").decode()[:_KEPT]
