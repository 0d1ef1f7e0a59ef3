"""The picker API's answers as typed values; OpenAPI is generated from these very types."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

import msgspec

from app.domain.handover import age_to_check
from app.domain.order import Line, LineState, Order, Unit
from app.domain.pick_job import PickJob, allowed
from app.domain.picking import verbs
from app.render.bags import BagView, bag_views


class PickerView(msgspec.Struct):
    """Who picks."""

    badge: str
    name: str


class StoreView(msgspec.Struct):
    """Where."""

    code: str
    name: str
    timezone: str


class Quantity(msgspec.Struct):
    """Pieces, and grams for weighed goods."""

    pieces: int
    grams: int | None = None


class MarkUseView(msgspec.Struct):
    """A mark of which only `part` thousandths are used, or which the marking system let pass."""

    code: str
    part: int
    check_id: str | None = None
    checked_at: datetime | None = None


class LineView(msgspec.Struct):
    """One line; `price` in kopecks per piece, or per `unit_grams` of a weighed good.
    `restriction`: none, blocked, or pickup_only: such goods can only be dropped. `override_by`: the
    badge of the supervisor who let the weight pass."""

    id: UUID
    position: int
    sku: str
    name: str
    unit: Unit
    price: int
    requested: Quantity
    state: LineState
    barcodes: list[str]
    marked: bool
    marks: list[str]
    allowed_actions: list[str]
    unit_grams: int | None = None
    picked: Quantity | None = None
    reason: str | None = None
    shelf_empty: bool = False
    category: str = ""
    min_age: int | None = None
    restriction: str = "none"
    photo_url: str | None = None
    override_by: str | None = None
    mark_uses: list[MarkUseView] = []


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
        lines=[_line(order, line, pickable="scan" in actions) for line in order.lines],
        delivery_from=order.delivery_from,
        delivery_to=order.delivery_to,
        picker=PickerView(job.badge, job.name) if job.held and job.badge and job.name else None,
        lease_until=job.lease_until if job.held else None,
        bags=bag_views(order),
        bag_count=order.bag_count,
        check_age=age_to_check(order),
        putback=order.putback,
    )


def _line(order: Order, line: Line, *, pickable: bool) -> LineView:
    begun = line.picked_pieces is not None or line.picked_grams is not None
    return LineView(
        id=line.id,
        position=line.position,
        sku=line.external_id,
        name=line.name,
        unit=line.unit,
        price=line.price,
        requested=Quantity(line.requested_pieces, line.requested_grams),
        state=line.state,
        barcodes=list(line.barcodes),
        marked=line.marked,
        marks=list(line.marks),
        allowed_actions=list(verbs(order, line)) if pickable else [],
        unit_grams=line.unit_grams,
        picked=Quantity(line.picked_pieces or 0, line.picked_grams) if begun else None,
        reason=line.reason,
        shelf_empty=line.shelf_empty,
        category=line.category,
        min_age=line.min_age,
        restriction=line.restriction,
        photo_url=line.photo_url,
        override_by=line.override_by,
        mark_uses=[
            MarkUseView(use.code, use.part, use.check_id, use.checked_at) for use in line.mark_uses
        ],
    )
