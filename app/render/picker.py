"""The picker API's answers as typed values; OpenAPI is generated from these very types."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from app.domain.handover import age_to_check
from app.domain.order import Line, LineState, Order, OrderState
from app.domain.path import path, short_code, zone_of, zones
from app.domain.pick_job import Claims, PickJob, allowed, writable
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


class ZoneView(msgspec.Struct):
    """The lines of one zone, and who picks them."""

    zone: str
    lines: int
    lines_done: int
    picker: PickerView | None = None
    lease_until: datetime | None = None


class Totals(msgspec.Struct):
    """Kopecks: as ordered, and as picked once the composition is final."""

    currency: str
    requested: int
    final: int | None = None


class OrderView(msgspec.Struct):
    """The whole order as a picker needs it, its lines as they are walked. `picker` is the first of
    those who pick it; `zones` tells them apart where the store picks by zones."""

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
    short_code: str = ""
    zones: list[ZoneView] = []


class OrderSummary(msgspec.Struct):
    """An order in the shop's queue; `lines` is how many it has, `short_code` the end of its number,
    `minutes_left` until it is due (below zero: late)."""

    id: UUID
    number: str
    external_id: str
    state: str
    version: int
    due_at: datetime
    lines: int
    lines_done: int
    minutes_left: int
    short_code: str
    picker: PickerView | None = None


class OrderList(msgspec.Struct):
    """The shop's queue, the most urgent first; `cursor` leads to what comes after it."""

    orders: list[OrderSummary]
    cursor: str | None = None


class Changed(msgspec.Struct):
    """Which lines a write changed."""

    line_ids: list[UUID]


class Notice(msgspec.Struct):
    """Something the picker should know, though the write was done."""

    code: str
    level: str
    text: str
    signal: str = "attention"


class ScanView(msgspec.Struct):
    """What a scanned code meant, and the pieces or grams it adds. `hint` is for programs, `message`
    for the person. `sku` and `name` are of the goods (or place) scanned, `code` of the bag, place
    or badge; `here`: the line asked for stands at this place; `expires`: the pack's own date;
    `signal`: how the handheld says it without words (see the configuration)."""

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
    signal: str = "accepted"


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


def order_view(order: Order, claims: Claims, me: UUID, names: tuple[str, str]) -> OrderView:
    """One order for one picker; names = (marketplace, account)."""
    job = next(claims.held(), PickJob())
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
        allowed_actions=_actions(order, claims, me),
        lines=[
            line_view(order, line, pickable=_pickable(order, line, claims, me), turn=turn)
            for turn, line in enumerate(path(order.lines), 1)
        ],
        delivery_from=order.delivery_from,
        delivery_to=order.delivery_to,
        picker=_holder(job),
        lease_until=job.lease_until,
        bags=bag_views(order),
        bag_count=order.bag_count,
        check_age=age_to_check(order),
        putback=order.putback,
        short_code=short_code(order.number),
        zones=[_zone(order, claims, zone) for zone in zones(order)],
    )


def _actions(order: Order, claims: Claims, me: UUID) -> list[str]:
    back = ["putback"] if order.putback == "due" else []
    return [*allowed(claims, me, order.state, zones(order)), *back]


def _holder(job: PickJob) -> PickerView | None:
    return PickerView(job.badge, job.name) if job.badge and job.name else None


def _pickable(order: Order, line: Line, claims: Claims, me: UUID) -> bool:
    return order.state is OrderState.PICKING and writable(claims, me, zone_of(order, line))


def _zone(order: Order, claims: Claims, zone: str) -> ZoneView:
    lines = [line for line in order.wanted() if zone_of(order, line) == zone]
    closed = [x for x in lines if x.state not in (LineState.TODO, LineState.PROPOSED)]
    job = next((job for job in claims.held() if job.zone in ("", zone)), PickJob())
    return ZoneView(zone, len(lines), len(closed), _holder(job), job.lease_until)
