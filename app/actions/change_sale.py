"""Keep what happened to an order's sale, in the caller's transaction and under the order's lock."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from app.db import changed_sales, marks
from app.db.changed_sales import Change
from app.db.conn import Conn
from app.db.timeline import Entry
from app.domain.after_sale import RETURN, Sold, marks_given, nothing_left
from app.domain.order import Order
from app.identifiers import new_id


async def keep(conn: Conn, order: Order, change: Change, after: Collection[Sold]) -> bool:
    """Note a change with its lines as it leaves them, and free the marks of units that are not sold
    any more; False, and nothing is done, when its source has said so before."""
    sold = await changed_sales.stand(conn, order.id)
    if not await changed_sales.note(conn, order.id, change, after):
        return False
    await marks.give_back(conn, order, marks_given(sold, after))
    return True


async def all_back(conn: Conn, order: Order, cause: Entry) -> None:
    """A delivered order was called off: all of it that is still sold comes back. What its marks
    are free for follows from the order's state."""
    after = nothing_left(await changed_sales.stand(conn, order.id))
    if after:
        source = f"{cause.kind}:{cause.detail.get('id', '')}"
        reason = order.cancel_reason or ""
        change = Change(new_id(), RETURN, None, reason, cause.actor, source, cause.trace_id)
        await changed_sales.note(conn, order.id, change, after)


async def sold_now(conn: Conn, order_id: UUID) -> tuple[Sold, ...]:
    """What is sold of each line of an order now."""
    return await changed_sales.stand(conn, order_id)
