"""Goods come back after they were sold, or were sold otherwise than we took it for: noted under
the order's lock; the hourly job makes a document of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from app.actions import change_sale
from app.actions.carry_out import carry_out
from app.db import changed_sales, orders
from app.db.changed_sales import Change
from app.db.conn import Conn
from app.db.timeline import Entry
from app.domain.after_sale import CORRECTION, RETURN, Sold, agrees, corrected, returned
from app.domain.after_sale_events import AfterSaleEvent, Returned, Wish
from app.domain.decide import Decision
from app.domain.order import Draft, Order, OrderState
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED
from app.identifiers import new_id

_SUMS: Final[Mapping[str, Callable[[Sequence[Sold], Sequence[Wish]], tuple[Sold, ...]]]] = {
    RETURN: returned,
    CORRECTION: corrected,
}


@dataclass(frozen=True, slots=True)
class Said:
    """Who says so, and how. `source` names this saying among all of its order: a second time it
    changes nothing, and with another `request_hash` it is refused. `at`: when it happened, at the
    latest `now`."""

    by: str
    source: str
    reason: str
    now: datetime
    trace_id: str
    at: datetime | None = None
    request_hash: bytes | None = None


@dataclass(frozen=True, slots=True)
class Changed:
    """A change that is noted, and its lines as it leaves them."""

    order: str
    change: Change
    lines: tuple[Sold, ...]


async def give_back(conn: Conn, order_id: UUID, wishes: Sequence[Wish], said: Said) -> Changed:
    """Goods of a delivered order came back. In the caller's transaction; raises Refused with
    nothing changed."""
    return await _change(conn, order_id, (RETURN, wishes), said)


async def correct(conn: Conn, order_id: UUID, wishes: Sequence[Wish], said: Said) -> Changed:
    """Goods of a delivered order were sold in another quantity or for another price; as above."""
    return await _change(conn, order_id, (CORRECTION, wishes), said)


async def hear(conn: Conn, order: Order, event: AfterSaleEvent, said: Said) -> None:
    """A marketplace says so of a delivered order that the caller has locked, and writes to its
    timeline. It happened when it says, but not before what we know already."""
    kind = RETURN if isinstance(event, Returned) else CORRECTION
    if await changed_sales.by_source(conn, order.id, said.source) is None:
        at = min(event.at or said.now, said.now)
        await _note(conn, order, (kind, event.lines), replace(said, at=at))


async def compare(conn: Conn, order: Order, draft: Draft) -> None:
    """A marketplace describes a delivered order anew: what differs from what is sold is for a
    person to look at, documents do not follow it by themselves."""
    sold = await changed_sales.stand(conn, order.id)
    if agrees(sold, order, draft):
        await changed_sales.agree(conn, order.id)
    else:
        goods = sum(line.total for line in sold if line.kind == "goods")
        await changed_sales.doubt(conn, order.id, goods, draft.requested_total)


async def _change(
    conn: Conn, order_id: UUID, wanted: tuple[str, Sequence[Wish]], said: Said
) -> Changed:
    order = await orders.lock(conn, order_id)
    if order is None:
        raise Refused(Code.ORDER_NOT_FOUND)
    known = await changed_sales.by_source(conn, order_id, said.source)
    if known is not None:
        return await _again(conn, order, known, (wanted[0], said))
    _must_be_delivered(order, wanted[0])
    if not said.reason.strip():
        raise Refused(Code.REASON_REQUIRED)
    await _mind_time(conn, order_id, said)
    change, lines = await _note(conn, order, wanted, said)
    detail = {"event": change.kind, "change": str(change.id), "reason": change.reason,
              "lines": [_told(line) for line in lines]}  # fmt: skip
    cause = Entry("deed", said.by, said.trace_id, detail)
    moved = Decision(replace(order, version=order.version + 1))
    await carry_out(conn, order, moved, cause, frozenset())
    return Changed(order.number, change, lines)


async def _note(
    conn: Conn, order: Order, wanted: tuple[str, Sequence[Wish]], said: Said
) -> tuple[Change, tuple[Sold, ...]]:
    kind, wishes = wanted
    lines = _SUMS[kind](await changed_sales.stand(conn, order.id), wishes)
    change = Change(
        new_id(), kind, said.at or said.now, said.reason.strip(), said.by, said.source,
        said.trace_id, said.request_hash,
    )  # fmt: skip
    return await change_sale.keep(conn, order, change, lines), lines


async def _again(conn: Conn, order: Order, known: Change, asked: tuple[str, Said]) -> Changed:
    """The same request once more gets the same answer."""
    kind, said = asked
    if (known.kind, known.request_hash) != (kind, said.request_hash):
        raise Refused(Code.IDEMPOTENCY_KEY_REUSED)
    sold = await changed_sales.stand(conn, order.id)
    return Changed(order.number, known, await changed_sales.left(conn, known.id, sold))


def _must_be_delivered(order: Order, kind: str) -> None:
    if order.state is OrderState.DELIVERED:
        return
    if order.state in ENDED:
        raise Refused(Code.ORDER_CANCELLED, state=str(order.state), by=order.cancelled_by)
    raise Refused(Code.ILLEGAL_TRANSITION, state=str(order.state), event=kind)


async def _mind_time(conn: Conn, order_id: UUID, said: Said) -> None:
    """What happened to a sale happened after it, and in the order in which it was said."""
    if said.at is None:
        return
    earliest = max(filter(None, await changed_sales.moments(conn, order_id)), default=said.now)
    if not earliest <= said.at <= said.now:
        span = f"{earliest.isoformat()} to {said.now.isoformat()}"
        raise Refused(Code.INVALID_BODY, field="at", expected=span)


def _told(line: Sold) -> dict[str, Any]:
    """What the timeline says of a line: how much is left of it, for how much."""
    return {"sku": line.sku, "left": line.quantity, "price": line.price, "total": line.total}
