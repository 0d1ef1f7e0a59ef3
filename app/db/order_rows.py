"""Between an order's rows and its dataclasses, both ways."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final

from asyncpg import Record

from app.domain.bag import Bag
from app.domain.goods import Place, Restriction, Temperature
from app.domain.order import Line, LineState, MarkUse, Order, OrderState, Replacement, Unit

#: Columns that are fields of the same name and type.
_ORDER: Final = (
    "id", "store_id", "account_id", "number", "external_id", "external_uuid", "due_at",
    "requested_total", "version", "currency", "final_total", "paid_total", "delivery_from",
    "delivery_to", "planned", "comment", "business", "courier", "implied", "cancelled_by",
    "cancel_reason", "sale_due", "trace_id", "authorised_total", "pickup", "bag_count", "putback",
    "reopened", "agreed_total", "delivery_fee", "discount",
)  # fmt: skip
#: The column that says since when an order is in a state; of the other states, `ended_at`.
_SINCE: Final = {
    state: f"{state}_at"
    for state in ("received", "accepted", "picking", "picked", "ready", "handed_over", "delivered")
}
_LINE: Final = (
    "id", "position", "external_id", "name", "price", "requested_pieces", "requested_grams",
    "unit_grams", "plu", "vat", "marked", "picked_pieces", "picked_grams", "reason", "shelf_empty",
    "category", "postponed", "min_age", "photo_url", "replaces", "decide_by", "override_by",
    "refused", "refused_reason", "list_price", "ref",
)  # fmt: skip


def order_of(row: Record, lines: tuple[Line, ...], bags: tuple[Bag, ...]) -> Order:
    """An order from its row, its lines and its bags."""
    return Order(
        **{name: row[name] for name in _ORDER},
        state=OrderState(row["state"]),
        lines=lines,
        bags=bags,
        paid=row["payment_state"] == "paid",
        replacement=Replacement(row["replacement_policy"]),
        payment_methods=tuple(row["payment_methods"]),
        since=row[_SINCE.get(row["state"], "ended_at")],
    )


def line_of(row: Record) -> Line:
    """A line from its row."""
    return Line(
        **{name: row[name] for name in _LINE},
        unit=Unit(row["unit"]),
        state=LineState(row["state"]),
        barcodes=tuple(row["barcodes"]),
        marks=tuple(row["marks"]),
        mark_uses=tuple(_use(**use) for use in row["mark_uses"]),
        temperature=Temperature(row["temperature"]),
        restriction=Restriction(row["restriction"]),
        place=Place(row["zone"], row["aisle"], row["shelf"], row["rank"]),
        wish=Replacement(row["wish"]) if row["wish"] else None,
        wish_skus=tuple(row["wish_skus"]),
    )


def new_values(order: Order) -> tuple[Any, ...]:
    """What `insert` takes."""
    return (
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
        order.authorised_total,
        order.pickup,
        order.delivery_fee,
        order.discount,
        order.currency,
    )


def order_values(order: Order) -> tuple[Any, ...]:
    """What `update` takes."""
    return (
        order.id,
        order.state,
        order.version,
        order.requested_total,
        order.final_total,
        order.paid_total,
        "paid" if order.paid else "unpaid",
        order.replacement,
        order.comment,
        order.planned,
        order.delivery_from,
        order.delivery_to,
        order.due_at,
        order.courier,
        order.implied,
        order.cancelled_by,
        order.cancel_reason,
        order.sale_due,
        order.authorised_total,
        order.bag_count,
        order.putback,
        order.reopened,
        order.agreed_total,
        order.pickup,
        order.delivery_fee,
        order.discount,
    )


def line_values(order: Order, line: Line) -> dict[str, Any]:
    """The columns of a line, as `save_lines` takes them in one JSON list."""
    values = {name: getattr(line, name) for name in _LINE}
    place = line.place
    return values | {
        "order_id": order.id,
        "store_id": order.store_id,
        "unit": line.unit,
        "state": line.state,
        "barcodes": list(line.barcodes),
        "marks": list(line.marks),
        "mark_uses": [asdict(use) for use in line.mark_uses],
        "temperature": line.temperature,
        "restriction": line.restriction,
        "zone": place.zone,
        "aisle": place.aisle,
        "shelf": place.shelf,
        "rank": place.rank,
        "wish": line.wish,
        "wish_skus": list(line.wish_skus),
        "total": None if order.final_total is None else line.total(),
    }


def _use(checked_at: str | None = None, **fields: Any) -> MarkUse:
    return MarkUse(checked_at=datetime.fromisoformat(checked_at) if checked_at else None, **fields)
