"""Keep what happened to an order's sale, in the caller's transaction and under the order's lock."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from uuid import UUID

from app.db import changed_sales, marks, receipts
from app.db.changed_sales import Change
from app.db.conn import Conn
from app.db.timeline import Entry
from app.domain.after_sale import RETURN, Sold, marks_given, nothing_left
from app.domain.document import Kind
from app.domain.order import Order, OrderState
from app.domain.transitions import ACTIVE, ENDED
from app.identifiers import new_id


async def keep(conn: Conn, order: Order, change: Change, after: Collection[Sold]) -> Change:
    """Note a change with its lines as it leaves them, and free the marks of units that are not sold
    any more; as it is kept. Its source has said nothing of this order yet."""
    sold = await changed_sales.stand(conn, order.id)
    at = await changed_sales.note(conn, order.id, change, after)
    await marks.give_back(conn, order, marks_given(sold, after))
    return replace(change, occurred_at=at)


async def all_back(conn: Conn, order: Order, cause: Entry) -> None:
    """A delivered order was called off: all of it that is still sold comes back. What its marks
    are free for follows from the order's state."""
    after = nothing_left(await changed_sales.stand(conn, order.id))
    if after:
        source = f"{cause.kind}:{cause.detail.get('id', '')}"
        reason = order.cancel_reason or ""
        change = Change(new_id(), RETURN, None, reason, cause.actor, source, cause.trace_id)
        await changed_sales.note(conn, order.id, change, after)


async def receipts_due(conn: Conn, before: Order, after: Order) -> None:
    """Money is taken for goods that are still to come, goods arrive, or never will: each is a
    receipt, for merchants who make them."""
    if after.paid and not before.paid and after.state in ACTIVE:
        await receipts.note(conn, after.id, Kind.RECEIPT_ADVANCE)
    if before.state is after.state:
        return
    if after.state is OrderState.DELIVERED:
        await receipts.note(conn, after.id, Kind.RECEIPT_FINAL)
    elif after.state in ENDED and after.paid and before.state is not OrderState.DELIVERED:
        await receipts.give_advance_back(conn, after.id)


async def sold_now(conn: Conn, order_id: UUID) -> tuple[Sold, ...]:
    """What is sold of each line of an order now."""
    return await changed_sales.stand(conn, order_id)
