"""Show what an order was sold for: its documents, what is sold now, what waits, what holds it."""

from __future__ import annotations

from uuid import UUID

from app.db import changed_sales, documents, orders
from app.db.conn import Conn
from app.domain.refusals import Code, Refused
from app.render.after_sale import SaleLedger, ledger


async def find(conn: Conn, number: str) -> UUID:
    """An order's id by our number, the marketplace's or the id itself; Refused when there is
    none."""
    found = await orders.find_id(conn, number.replace("\x00", ""))
    if found is None:
        raise Refused(Code.ORDER_NOT_FOUND)
    return found


async def show_sale(conn: Conn, order_id: UUID) -> SaleLedger:
    """The order's ledger at one moment, in a transaction of its own."""
    async with conn.transaction(isolation="repeatable_read", readonly=True):
        order = await orders.read(conn, order_id)
        if order is None:
            raise Refused(Code.ORDER_NOT_FOUND)
        delivered_at, _ = await changed_sales.moments(conn, order_id)
        # What never arrived is not sold, whatever is in the bags.
        sold = await changed_sales.stand(conn, order_id) if delivered_at else ()
        issued = await documents.read(conn, await documents.of_order(conn, order_id))
        changes = await changed_sales.changes(conn, order_id)
        holds = await changed_sales.hold(conn, order_id)
    names = {"number": order.number, "external_id": order.external_id, "state": str(order.state)}
    return ledger(names, sold, issued, [dict(row) for row in changes], holds)
