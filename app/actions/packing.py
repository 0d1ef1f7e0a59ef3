"""What is asked around an order without changing it: may it go out, what goes back, its papers."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from app.actions.write import in_store
from app.db import bags as stored
from app.db import orders
from app.db.conn import Conn
from app.db.people import Picker
from app.domain import bags
from app.domain.handover import age_to_check
from app.domain.order import Line, LineState, Order, OrderState
from app.domain.path import path
from app.domain.reasons import REASONS
from app.hub import Hub
from app.render.bag_label import BagLabel
from app.render.bags import HandoverCheck, PutBackView, put_back_view
from app.render.language import say
from app.render.picking_list import PickingList, Row

#: Orders in one list; more wait behind them.
_MOST = 100


async def check_handover(
    hub: Hub, order_id: UUID, picker: Picker, codes: Collection[str], courier_code: str | None
) -> HandoverCheck:
    """Whether this courier with these bags could take the order now."""
    async with hub.pools.picking.acquire() as conn:
        order = await in_store(conn, order_id, picker)
        account = await hub.accounts.by_id(order.account_id, conn)
    asked = account is not None and account.rules.handout_code
    right = courier_code == order.handout_code
    missing = bags.missing(order, codes)
    extra = sorted(set(codes) - {bag.code for bag in order.live_bags()})
    return HandoverCheck(
        possible=order.state is OrderState.READY
        and (right or not asked)
        and not missing
        and not extra,
        courier_code=("right" if right else "wrong") if asked else "not_needed",
        missing=missing,
        extra=extra,
        check_age=age_to_check(order),
    )


async def putbacks(conn: Conn, picker: Picker) -> list[PutBackView]:
    """The orders of the picker's store whose goods wait to go back, the oldest first."""
    found = [
        await orders.read(conn, id_) for id_ in await stored.putbacks(conn, picker.store_id, _MOST)
    ]
    return [put_back_view(order) for order in found if order is not None]


async def bag_label(
    hub: Hub, order_id: UUID, bag_id: UUID, picker: Picker, language: str
) -> BagLabel:
    """What a bag's label says; how many bags there are only once the order is packed."""
    async with hub.pools.picking.acquire() as conn:
        order = await in_store(conn, order_id, picker)
        names = await orders.names(conn, order.id)
        shop = await hub.shops.get(conn, order.store_id)
    bag = bags.find(order, bag_id)
    live = order.live_bags()
    packed = order.bag_count is not None and bag in live
    return BagLabel(
        code=bag.code,
        order_number=order.number,
        marketplace=names["marketplace"],
        store_name=shop.name,
        temperature=bag.temperature,
        index=live.index(bag) + 1 if bag in live else bag.position,
        due_at=order.due_at,
        language=language,
        timezone=shop.timezone,
        count=len(live) if packed else None,
        place=bag.place,
    )


async def picking_list(hub: Hub, order_id: UUID, picker: Picker, language: str) -> PickingList:
    """What a printed picking list says: what is still to be picked, accepted replacements too, as
    it is walked, and the known reasons in words."""
    async with hub.pools.picking.acquire() as conn:
        order = await in_store(conn, order_id, picker)
        names = await orders.names(conn, order.id)
        shop = await hub.shops.get(conn, order.store_id)
    return PickingList(
        order_number=order.number,
        store_name=shop.name,
        marketplace=names["marketplace"],
        account=names["account"],
        due_at=order.due_at,
        timezone=shop.timezone,
        policy=order.replacement,
        rows=tuple(_row(line) for line in path(_open(order))),
        language=language,
        comment=order.comment,
        reasons=tuple(say(language, f"reason.{code}") for code in REASONS),
    )


def _open(order: Order) -> list[Line]:
    """Not what is in the basket, nor what another line stands for or a customer is asked about."""
    return [line for line in order.wanted() if line.state is LineState.TODO]


def _row(line: Line) -> Row:
    return Row(
        position=line.position,
        name=line.name,
        sku=line.external_id,
        unit=line.unit,
        pieces=line.requested_pieces,
        grams=line.requested_grams,
        place=line.place,
        barcode=next(iter(line.barcodes), None),
        plu=line.plu,
        marked=line.marked,
        min_age=line.min_age,
        temperature=line.temperature,
        wish=line.wish,
        unit_grams=line.unit_grams,
    )
