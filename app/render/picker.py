"""The picker API's answers as typed values; OpenAPI is generated from these very types."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from app.domain.handover import age_to_check
from app.domain.order import Order
from app.domain.pick_job import PickJob, allowed
from app.render.bags import BagView, bag_views
from app.render.line import LineView, line_view


class PickerView(msgspec.Struct):
    """Who picks."""

    badge: str
    name: str


class StoreView(msgspec.Struct):
    """Where."""

    code: str
    name: str
    timezone: str


class Totals(msgspec.Struct):
    """Kopecks: as ordered, and as picked once the composition is final."""

    currency: str
    requested: int
    final: int | None = None


class OrderView(msgspec.Struct):
    """The whole order as a picker needs it."""

    id: UUID
    number: str
    external_id: str
    marketplace: str
    account: str
    state: str
    version: int
    due_at: datetime
    replacement_policy: str
    comment: str
    totals: Totals
    allowed_actions: list[str]
    lines: list[LineView]
    delivery_from: datetime | None = None
    delivery_to: datetime | None = None
    picker: PickerView | None = None
    lease_until: datetime | None = None
    bags: list[BagView] = []
    bag_count: int | None = None
    check_age: int | None = None
    putback: str = "none"


class OrderSummary(msgspec.Struct):
    """An order in the shop's queue; `lines` is how many it has."""

    id: UUID
    number: str
    external_id: str
    state: str
    version: int
    due_at: datetime
    lines: int
    picker: PickerView | None = None


class OrderList(msgspec.Struct):
    """The shop's queue, the most urgent first."""

    orders: list[OrderSummary]


class Changed(msgspec.Struct):
    """Which lines a write changed."""

    line_ids: list[UUID]


class Notice(msgspec.Struct):
    """Something the picker should know, though the write was done."""

    code: str
    level: str
    text: str


class ScanView(msgspec.Struct):
    """What a scanned code meant, and the pieces or grams it adds. `hint` is for programs, `message`
    for the person. `sku` and `name` are of the goods (or place) scanned, `code` of the bag, place
    or badge; `here`: the line asked for stands at this place; `expires`: the pack's own date."""

    outcome: str
    line_id: UUID | None = None
    pieces: int | None = None
    grams: int | None = None
    hint: str | None = None
    message: str | None = None
    sku: str | None = None
    name: str | None = None
    code: str | None = None
    here: bool | None = None
    expires: date | None = None


class WriteResult(msgspec.Struct):
    """The answer to every write on an order: the whole order, and what may come next."""

    order: OrderView
    changed: Changed
    allowed_actions: list[str]
    message: Notice | None = None
    scan: ScanView | None = None


class Problem(msgspec.Struct, omit_defaults=True):
    """problem+json (RFC 9457); `code` is for programs, `message` for the person."""

    type: str
    title: str
    status: int
    code: str
    message: str
    retryable: bool = False
    details: dict[str, msgspec.Raw] | None = None
    current: OrderView | None = None


def order_view(order: Order, job: PickJob, me: UUID, names: tuple[str, str]) -> OrderView:
    """One order for one picker; names = (marketplace, account)."""
    actions = list(allowed(job, me, order.state))
    return OrderView(
        id=order.id,
        number=order.number,
        external_id=order.external_id,
        marketplace=names[0],
        account=names[1],
        state=order.state,
        version=order.version,
        due_at=order.due_at,
        replacement_policy=order.replacement,
        comment=order.comment,
        totals=Totals(order.currency, order.requested_total, order.final_total),
        allowed_actions=actions,
        lines=[line_view(order, line, pickable="scan" in actions) for line in order.lines],
        delivery_from=order.delivery_from,
        delivery_to=order.delivery_to,
        picker=PickerView(job.badge, job.name) if job.held and job.badge and job.name else None,
        lease_until=job.lease_until if job.held else None,
        bags=bag_views(order),
        bag_count=order.bag_count,
        check_age=age_to_check(order),
        putback=order.putback,
    )
