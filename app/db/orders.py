"""Orders and their lines: lock, read, place, save."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from asyncpg import Record

from app.db import bags, marks
from app.db.conn import Conn
from app.db.order_rows import line_of, line_values, new_values, order_of, order_values
from app.db.queries import load
from app.domain.order import WITHDRAWN, Draft, Line, Order

_SQL = load("orders")


async def lock_by_external(conn: Conn, account_id: UUID, external_id: str) -> Order | None:
    """Read a marketplace's order and keep others from changing it until the transaction ends."""
    return await _whole(
        conn, await conn.fetchrow(_SQL["lock_by_external"], account_id, external_id)
    )


async def by_external(conn: Conn, account_id: UUID, external_id: str) -> Order | None:
    """Read a marketplace's order."""
    return await _whole(conn, await conn.fetchrow(_SQL["by_external"], account_id, external_id))


async def lock(conn: Conn, id_: UUID) -> Order | None:
    """Read an order and keep others from changing it until the transaction ends."""
    return await _whole(conn, await conn.fetchrow(_SQL["lock"], id_))


async def read(conn: Conn, id_: UUID) -> Order | None:
    """Read an order as it stands."""
    return await _whole(conn, await conn.fetchrow(_SQL["read"], id_))


async def insert(conn: Conn, order: Order, draft: Draft) -> bool:
    """Place a new order with its lines; False when it is here already."""
    placed = await conn.fetchval(_SQL["insert"], *new_values(order))
    if placed is None:
        return False
    await conn.execute(_SQL["insert_contact"], order.id, dict(draft.customer), dict(draft.address))
    await _save_lines(conn, order, order.lines)
    return True


async def save(conn: Conn, before: Order, after: Order) -> None:
    """Write what changed: the order's row, and only the lines that differ."""
    await conn.execute(_SQL["update"], *order_values(after))
    old = {line.id: line for line in before.lines}
    fixed = before.final_total != after.final_total  # totals of all lines are written then
    changed = [line for line in after.lines if fixed or old.get(line.id) != line]
    await _save_lines(conn, after, changed)
    await bags.save(conn, before, after)
    await marks.follow(conn, before, after)


async def _save_lines(conn: Conn, order: Order, lines: Collection[Line]) -> None:
    """What comes to nothing goes first: its goods may be in the order again, on another line."""
    if lines:
        first = sorted(lines, key=lambda line: line.reason != WITHDRAWN)
        await conn.execute(_SQL["save_lines"], [line_values(order, line) for line in first])


async def browse(conn: Conn, limit: int, state: str | None, store: str | None) -> list[Record]:
    """The newest orders, for an operator."""
    rows: list[Record] = await conn.fetch(_SQL["browse"], limit, state, store)
    return rows


async def find_id(conn: Conn, text: str) -> UUID | None:
    """An order's id by our number, the marketplace's number or the id itself."""
    try:
        id_ = UUID(text)
    except ValueError:
        id_ = None
    found: UUID | None = await conn.fetchval(_SQL["find_id"], text, id_)
    return found


async def names(conn: Conn, id_: UUID) -> Record:
    """The codes of an order's account, marketplace and store."""
    row = await conn.fetchrow(_SQL["names"], id_)
    assert row is not None  # orders point at both
    return row


async def same_merchant(conn: Conn, store_id: UUID, other_id: UUID) -> bool:
    """Whether two stores belong to the same merchant."""
    kin: bool = await conn.fetchval(_SQL["same_merchant"], store_id, other_id)
    return kin


async def _whole(conn: Conn, row: Record | None) -> Order | None:
    if row is None:
        return None
    lines = tuple(line_of(line) for line in await conn.fetch(_SQL["lines"], row["id"]))
    return order_of(row, lines, await bags.of_order(conn, row["id"]))
