"""Orders and their lines: lock, read, place, save."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.order import Draft, Line, LineState, Order, OrderState, Replacement, Unit

_SQL = load("orders")


async def lock_by_external(conn: Conn, account_id: UUID, external_id: str) -> Order | None:
    """Read a marketplace's order and keep others from changing it until the transaction ends."""
    return await _whole(
        conn, await conn.fetchrow(_SQL["lock_by_external"], account_id, external_id)
    )


async def lock(conn: Conn, id_: UUID) -> Order | None:
    """Read an order and keep others from changing it until the transaction ends."""
    return await _whole(conn, await conn.fetchrow(_SQL["lock"], id_))


async def read(conn: Conn, id_: UUID) -> Order | None:
    """Read an order as it stands."""
    return await _whole(conn, await conn.fetchrow(_SQL["read"], id_))


async def insert(conn: Conn, order: Order, draft: Draft) -> bool:
    """Place a new order with its lines; False when it is here already."""
    placed = await conn.fetchval(
        _SQL["insert"],
        order.id,
        order.store_id,
        order.account_id,
        order.number,
        order.external_id,
        order.external_uuid,
        order.state,
        order.requested_total,
        list(order.payment_methods),
        order.replacement,
        order.comment,
        order.business,
        order.planned,
        order.delivery_from,
        order.delivery_to,
        order.due_at,
        order.trace_id,
        order.version,
    )
    if placed is None:
        return False
    await conn.execute(_SQL["insert_contact"], order.id, dict(draft.customer), dict(draft.address))
    await conn.executemany(_SQL["save_line"], [_line_row(order, line) for line in order.lines])
    return True


async def save(conn: Conn, before: Order, after: Order) -> None:
    """Write what changed: the order's row, and only the lines that differ."""
    await conn.execute(
        _SQL["update"],
        after.id,
        after.state,
        after.version,
        after.requested_total,
        after.final_total,
        after.paid_total,
        "paid" if after.paid else "unpaid",
        after.replacement,
        after.comment,
        after.planned,
        after.delivery_from,
        after.delivery_to,
        after.due_at,
        after.courier,
        after.implied,
        after.cancelled_by,
        after.cancel_reason,
        after.sale_due,
    )
    old = {line.id: line for line in before.lines}
    fixed = before.final_total != after.final_total  # totals of all lines are written then
    rows = [_line_row(after, line) for line in after.lines if fixed or old.get(line.id) != line]
    await conn.executemany(_SQL["save_line"], rows)


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


async def _whole(conn: Conn, row: Record | None) -> Order | None:
    if row is None:
        return None
    lines = tuple(_line(line) for line in await conn.fetch(_SQL["lines"], row["id"]))
    return Order(
        id=row["id"],
        store_id=row["store_id"],
        account_id=row["account_id"],
        number=row["number"],
        external_id=row["external_id"],
        external_uuid=row["external_uuid"],
        state=OrderState(row["state"]),
        lines=lines,
        due_at=row["due_at"],
        requested_total=row["requested_total"],
        version=row["version"],
        currency=row["currency"],
        final_total=row["final_total"],
        paid_total=row["paid_total"],
        paid=row["payment_state"] == "paid",
        delivery_from=row["delivery_from"],
        delivery_to=row["delivery_to"],
        planned=row["planned"],
        replacement=Replacement(row["replacement_policy"]),
        comment=row["comment"],
        payment_methods=tuple(row["payment_methods"]),
        business=row["business"],
        courier=row["courier"],
        implied=row["implied"],
        cancelled_by=row["cancelled_by"],
        cancel_reason=row["cancel_reason"],
        sale_due=row["sale_due"],
        trace_id=row["trace_id"],
    )


def _line(row: Record) -> Line:
    return Line(
        id=row["id"],
        position=row["position"],
        external_id=row["external_id"],
        name=row["name"],
        unit=Unit(row["unit"]),
        price=row["price"],
        requested_pieces=row["requested_pieces"],
        requested_grams=row["requested_grams"],
        unit_grams=row["unit_grams"],
        barcodes=tuple(row["barcodes"]),
        plu=row["plu"],
        vat=row["vat"],
        marked=row["marked"],
        state=LineState(row["state"]),
        picked_pieces=row["picked_pieces"],
        picked_grams=row["picked_grams"],
        reason=row["reason"],
        shelf_empty=row["shelf_empty"],
        marks=tuple(row["marks"]),
        replaced_by=row["replaced_by"],
    )


def _line_row(order: Order, line: Line) -> tuple[Any, ...]:
    return (
        line.id,
        order.id,
        order.store_id,
        line.position,
        line.external_id,
        line.name,
        line.unit,
        line.unit_grams,
        line.price,
        line.requested_pieces,
        line.requested_grams,
        list(line.barcodes),
        line.plu,
        line.vat,
        line.marked,
        line.state,
        line.picked_pieces,
        line.picked_grams,
        None if order.final_total is None else line.total(),
        line.reason,
        line.shelf_empty,
        list(line.marks),
    )
