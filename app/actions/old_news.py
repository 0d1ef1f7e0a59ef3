"""What is said again must not undo what was said since: replays of both directions ask here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, TypeAlias, get_args
from uuid import UUID

from app.contract import Delivery
from app.db import finished, inbox
from app.db.conn import Conn
from app.db.queue import Item
from app.domain.after_sale_events import AfterSaleEvent
from app.domain.events import Changed, MarketplaceEvent, Paid
from app.errors import Malformed

#: News that describes how things are: the latest counts. Steps of an order tell for themselves
#: whether they still may happen.
_DESCRIBES: Final = (Changed, Paid)
#: News that is true once.
_ADDS: Final = get_args(AfterSaleEvent)
#: Makes events of a delivery that arrived then.
Parse: TypeAlias = Callable[[Delivery, datetime], Sequence[MarketplaceEvent]]


async def was_taken(conn: Conn, item: Item) -> bool:
    """Whether this repeats a delivery that was worked through before: what is to be noticed about
    it has been noticed."""
    return item.first_seq is not None and await finished.taken(conn, item.id)


async def undone(
    conn: Conn, item: Item, order_id: UUID, news: tuple[str, MarketplaceEvent], parse: Parse
) -> bool:
    """Whether an event of a replayed delivery (named so) adds to a sale what was added, or
    describes an order that was described anew since it came."""
    name, event = news
    if isinstance(event, _ADDS):
        return await was_taken(conn, item)
    if item.first_seq is None or not isinstance(event, _DESCRIBES):
        return False
    for id_ in await finished.later(conn, order_id, item.first_seq):
        delivery, called, at = await inbox.delivery(conn, id_)
        try:
            describes = any(type(each) is type(event) for each in parse(delivery, at))
        except Malformed:  # it was read otherwise then: a thin one, for instance
            describes = called == name
        if describes:
            return True
    return False


async def said_since(conn: Conn, item: Item, order_id: UUID) -> tuple[bool, bool]:
    """Of a replayed message, whether a marketplace has taken a later word on the order: the last
    word may be said again, an earlier one never after it; and whether it has taken this very one,
    be it from another replay."""
    last = None if item.first_seq is None else await finished.last_word(conn, order_id)
    if item.first_seq is None or last is None:
        return False, False
    return last > item.first_seq, last == item.first_seq
