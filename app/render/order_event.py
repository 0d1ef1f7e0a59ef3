"""Events as a retailer's own systems get them: typed, so that their JSON Schemas are made from
these very types. Money in kopecks. Nothing here is about a person: neither customer nor picker."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.domain.integrator import EventType
from app.domain.order import Line, Order

#: Bytes of an event: an order with more lines than fit is told without them.
MOST: Final = 20_000
_REF: Final = "#/$defs/{name}"
_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


class OrderLine(msgspec.Struct, omit_defaults=True):
    """A position: as ordered, and what became of it; what is not known or does not apply is not
    there. `price` is for one piece, or for `price_grams` of goods sold by weight; `unit`: piece or
    weight; `state`: todo, picked, short, dropped, proposed, replaced; `replaces`: the line that
    this one stands for; `total`: for what was picked. Of a large order the names are left out."""

    id: UUID
    sku: str
    unit: str
    price: int
    ordered: int
    state: str
    total: int
    name: str | None = None
    price_grams: int | None = None
    ordered_grams: int | None = None
    picked: int | None = None
    picked_grams: int | None = None
    reason: str | None = None
    replaces: UUID | None = None


class OrderFacts(msgspec.Struct):
    """An order as it was when this happened. `version` grows with its changes; `implied`: steps
    were skipped, the marketplace told the later one; `cancelled_by`: marketplace, shop or customer;
    `lines` is null, and `lines_omitted` true, when they do not fit into 20 000 bytes."""

    id: UUID
    number: str
    external_id: str
    marketplace: str
    account: str
    store: str
    state: str
    version: int
    due_at: datetime
    delivery_from: datetime | None
    delivery_to: datetime | None
    planned: bool
    pickup: bool
    paid: bool
    currency: str
    requested_total: int
    final_total: int | None
    delivery_fee: int
    discount: int
    bag_count: int | None
    implied: bool
    reopened: bool
    cancelled_by: str | None
    cancel_reason: str | None
    lines_omitted: bool
    lines: list[OrderLine] | None


class DocumentFacts(msgspec.Struct):
    """A sales document, without its lines. `kind`: sale, return, correction, …; `base_id`: the
    document it changes."""

    id: UUID
    kind: str
    number: str
    issued_on: date
    currency: str
    total: int
    vat_total: int
    base_id: UUID | None
    order_id: UUID | None
    order_number: str | None
    store: str | None


class OrderData(msgspec.Struct):
    """What an event of an order says."""

    order: OrderFacts


class DocumentData(msgspec.Struct):
    """What an event of a document says."""

    document: DocumentFacts


class TestData(msgspec.Struct):
    """What a trial says."""

    subscription: str
    message: str


class Names(msgspec.Struct):
    """What an order's marketplace, account and store are called."""

    marketplace: str
    account: str
    store: str


_DATA: Final = {
    **dict.fromkeys(EventType, OrderData),
    EventType.DOCUMENT_ISSUED: DocumentData,
    EventType.TEST: TestData,
}


def envelope(type_: EventType, at: datetime, data: msgspec.Struct) -> bytes:
    """The body of an event: what it is, when it happened, what there is to say."""
    said = {"type": type_.value, "timestamp": at.astimezone(UTC), "data": data}
    return msgspec.json.encode(said)


def order_event(type_: EventType, at: datetime, order: Order, names: Names) -> bytes:
    """The body of an order's event; of a large order without its lines' names, of a very large one
    without its lines."""
    facts = order_facts(order, names)
    whole = envelope(type_, at, OrderData(facts))
    if len(whole) < MOST:
        return whole
    nameless = [msgspec.structs.replace(line, name=None) for line in facts.lines or ()]
    short = msgspec.structs.replace(facts, lines=nameless)
    said = envelope(type_, at, OrderData(short))
    if len(said) < MOST:
        return said
    thin = msgspec.structs.replace(facts, lines=None, lines_omitted=True)
    return envelope(type_, at, OrderData(thin))


def order_facts(order: Order, names: Names) -> OrderFacts:
    """What is told of an order, all its lines with it."""
    same = (
        "id", "number", "external_id", "version", "planned", "pickup", "paid", "currency",
        "requested_total", "final_total", "delivery_fee", "discount", "bag_count", "implied",
        "reopened", "cancelled_by", "cancel_reason",
    )  # fmt: skip
    return OrderFacts(
        **{name: getattr(order, name) for name in same},
        marketplace=names.marketplace,
        account=names.account,
        store=names.store,
        state=order.state.value,
        due_at=order.due_at.astimezone(UTC),
        delivery_from=order.delivery_from and order.delivery_from.astimezone(UTC),
        delivery_to=order.delivery_to and order.delivery_to.astimezone(UTC),
        lines_omitted=False,
        lines=[_line(line) for line in order.wanted()],
    )


def schema(type_: EventType) -> dict[str, Any]:
    """The JSON Schema (2020-12) of an event. Fields may be added; none ever goes."""
    (data,), defs = msgspec.json.schema_components([_DATA[type_]], ref_template=_REF)
    return {"$schema": _DIALECT, **_event(type_, data), "$defs": defs}


def any_schema() -> dict[str, Any]:
    """The JSON Schema of whatever event may come; under $defs each one has its own."""
    types = list(EventType)
    datas, defs = msgspec.json.schema_components(
        [_DATA[type_] for type_ in types], ref_template=_REF
    )
    events = {type_.value: _event(type_, data) for type_, data in zip(types, datas, strict=True)}
    return {
        "$schema": _DIALECT,
        "title": "Events of the order hub",
        "oneOf": [{"$ref": _REF.format(name=name)} for name in events],
        "$defs": {**events, **defs},
    }


def _event(type_: EventType, data: dict[str, Any]) -> dict[str, Any]:
    return {
        "title": type_.value,
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {
            "type": {"const": type_.value},
            "timestamp": {"type": "string", "format": "date-time"},
            "data": data,
        },
    }


def _line(line: Line) -> OrderLine:
    return OrderLine(
        id=line.id,
        sku=line.external_id,
        name=line.name,
        unit=line.unit.value,
        price=line.price,
        price_grams=line.unit_grams,
        ordered=line.requested_pieces,
        ordered_grams=line.requested_grams,
        state=line.state.value,
        picked=line.picked_pieces,
        picked_grams=line.picked_grams,
        reason=line.reason,
        replaces=line.replaces,
        total=line.total(),
    )
