"""Bags of orders, and how many stand where."""

from __future__ import annotations

from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.bag import Bag, BagState
from app.domain.goods import Temperature
from app.domain.order import Order
from app.domain.refusals import Code, Refused

_SQL = load("bags")


async def of_order(conn: Conn, order_id: UUID) -> tuple[Bag, ...]:
    """All bags an order ever had, in the order they were opened."""
    return tuple(_bag(row) for row in await conn.fetch(_SQL["of_order"], order_id))


async def save(conn: Conn, before: Order, after: Order) -> None:
    """Write the bags that differ; refused when another order's live bag has a new one's code."""
    if before.bags == after.bags:
        return
    known = {bag.id: bag for bag in before.bags}
    for bag in after.bags:
        if bag.id not in known:
            await _open(conn, after, bag)
        elif known[bag.id] != bag:
            await conn.execute(_SQL["move"], bag.id, bag.state, bag.place)


async def _open(conn: Conn, order: Order, bag: Bag) -> None:
    opened = await conn.fetchval(
        _SQL["open"],
        bag.id,
        order.id,
        order.store_id,
        bag.position,
        bag.code,
        bag.temperature,
        bag.state,
    )
    if opened is None:
        raise Refused(Code.BAG_BELONGS_TO_OTHER_ORDER, scanned=bag.code)


async def owner(conn: Conn, store_id: UUID, code: str) -> Record | None:
    """The order (id, number) whose live bag has this code."""
    return await conn.fetchrow(_SQL["owner"], store_id, code)


async def taken(conn: Conn, store_id: UUID, place: str, order_id: UUID) -> int:
    """How many bags of other orders stand at a place, which is kept as it is until the commit."""
    await conn.execute(_SQL["lock_place"], store_id, place)
    count: int = await conn.fetchval(_SQL["taken"], store_id, place, order_id)
    return count


async def putbacks(conn: Conn, store_id: UUID, limit: int) -> list[UUID]:
    """The orders of a store whose goods wait to go back to the shelves, the oldest first."""
    return [row["id"] for row in await conn.fetch(_SQL["putbacks"], store_id, limit)]


def _bag(row: Record) -> Bag:
    return Bag(
        row["id"],
        row["position"],
        row["code"],
        Temperature(row["temperature"]),
        BagState(row["state"]),
        row["place"],
    )
