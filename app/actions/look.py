"""An order as one picker sees it, for reads and beside a conflict."""

from __future__ import annotations

from uuid import UUID

from app.actions.write import in_store, see
from app.db.people import Picker
from app.domain.refusals import Refused
from app.hub import Hub
from app.render.picker import OrderView


async def order_of(hub: Hub, order_id: UUID, picker: Picker) -> OrderView:
    """One order of the picker's store; Refused when it is none."""
    async with hub.pools.picking.acquire() as conn:
        return await see(conn, await in_store(conn, order_id, picker), picker)


async def order_if_any(hub: Hub, order_id: UUID, picker: Picker) -> OrderView | None:
    """The same; None when it is not this store's."""
    try:
        return await order_of(hub, order_id, picker)
    except Refused:
        return None
