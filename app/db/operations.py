"""What each operation did to the lines of its order, kept beside its answer."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

import msgspec

from app.db.conn import Conn
from app.db.people import Picker
from app.db.queries import load
from app.domain.order import Line, Order
from app.domain.undo import images

_SQL = load("operations")
_Lines = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class Done:
    """An operation that changed lines: who did it under which key, and the lines it changed, as
    they were and as it left them. `undone_by`: the key that took it back."""

    picker_id: UUID
    key: str
    verb: str
    badge: str | None
    before: tuple[Line, ...]
    after: tuple[Line, ...]
    undone_by: str | None


async def note(conn: Conn, who: tuple[Picker, str], verb: str, orders: tuple[Order, Order]) -> None:
    """Keep what an operation did, if it changed lines; who = (picker, key), orders = (before,
    after). The operation's row is there since its key was reserved."""
    before, after = images(*orders)
    if not after:
        return
    order = orders[1]
    await conn.execute(
        _SQL["note"], who[0].id, who[1], order.id, verb, order.version, before, after
    )


async def last(
    conn: Conn, order_id: UUID, key: str | None, picker_id: UUID | None = None
) -> Done | None:
    """The order's last change of lines that still stands, of one picker or anybody; with a key,
    that very operation. None when there is none, or its lines cannot be read any more."""
    row = await conn.fetchrow(_SQL["last"], order_id, key, picker_id)
    if row is None:
        return None
    fields = dict(row)
    stored = fields.pop("before"), fields.pop("after")
    try:
        before, after = (msgspec.convert(image, _Lines) for image in stored)
    except msgspec.ValidationError:
        return None  # kept by an older release, whose lines were others
    return Done(**fields, before=before, after=after)


async def undone(conn: Conn, done: Done, key: str) -> None:
    """Note that an operation was taken back, by the operation with this key."""
    await conn.execute(_SQL["undone"], done.picker_id, done.key, key)


async def forget(conn: Conn, picker: Picker, key: str) -> None:
    """Free a key that was reserved for a question."""
    await conn.execute(_SQL["forget"], picker.id, key)
