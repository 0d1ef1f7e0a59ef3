"""Shapes of Uber's webhooks and orders, as far as we follow them (Order Fulfillment API 1.0.0)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta, field

from app.marketplaces.uber_eats.profile import Id

Moment = Annotated[datetime, Meta(tz=True)]


class About(msgspec.Struct):
    """What an event is about. Couriers' events name the order in `order_id`."""

    resource_id: Id | None = None
    order_id: Id | None = None
    status: str = ""


class Event(msgspec.Struct):
    """A webhook. `resource_href` is not followed: the id is enough."""

    event_type: str
    meta: About = field(default_factory=About)


class Amount(msgspec.Struct):
    """Hundred-thousandths of the currency's unit."""

    amount_e5: int
    currency_code: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "USD"


class Money(msgspec.Struct):
    """With its tax, or without."""

    gross: Amount | None = None
    net: Amount | None = None


class Weight(msgspec.Struct):
    """The unit of a weight."""

    unit_type: str = ""


class Measure(msgspec.Struct):
    """Whether something is counted or weighed, and in what."""

    measurement_type: str = ""
    weight: Weight = field(default_factory=Weight)


class Measured(msgspec.Struct):
    """An amount; some of Uber's own examples leave `measurement_unit` out."""

    amount_e5: int
    measurement_unit: Measure | None = None
    measurement_type: str = ""
    weight: Weight = field(default_factory=Weight)


class Quantity(msgspec.Struct):
    """Of a line: as it is sold, as it is priced, and as the former API said it."""

    amount: float | None = None
    unit: str = "PIECE"
    in_sellable_unit: Measured | None = None
    in_priceable_unit: Measured | None = None


class Stand(msgspec.Struct):
    """Goods that may stand for others."""

    id: str = ""


class Action(msgspec.Struct):
    """What the customer wants when something is missing."""

    action_type: str = ""
    item_substitutes: list[Stand] = []


class Item(msgspec.Struct):
    """One row of a cart; `id` is the retailer's own, as its menu says."""

    id: str
    cart_item_id: str
    quantity: Quantity
    title: str = ""
    fulfillment_action: Action = field(default_factory=Action)


class Which(msgspec.Struct):
    """A row of the cart by its name."""

    cart_item_id: str = ""


class Available(msgspec.Struct):
    """What is there of a row."""

    items_available: Quantity


class Other(msgspec.Struct):
    """Goods that stand for a row."""

    id: str
    quantity: Quantity


class Issue(msgspec.Struct):
    """What the shop said of a row, and what the customer says to that. What is `Any` is read only
    to compare: no order waits for it."""

    item: Which = field(default_factory=Which)
    issue_type: str = ""
    action_type: str = ""
    customer_ack_type: str = ""
    item_availability: Any = None
    item_substitute: Any = None


class Cart(msgspec.Struct):
    """What is bought."""

    items: list[Item] = []
    fulfillment_issues: list[Issue] = []
    special_instructions: str = ""


class Charge(msgspec.Struct):
    """What a row costs."""

    cart_item_id: str = ""
    price_type: str = "ITEM"
    total: Money | None = None
    unit: Money | None = None


class Charges(msgspec.Struct):
    """What the goods cost."""

    total: Money = field(default_factory=Money)
    subtotal_including_promos: Money | None = None
    price_breakdown: list[Charge] = []


class Detail(msgspec.Struct):
    """The money of an order."""

    item_charges: Charges = field(default_factory=Charges)
    currency_code: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] | None = None


class Payment(msgspec.Struct):
    """See Detail."""

    payment_detail: Detail = field(default_factory=Detail)


class Store(msgspec.Struct):
    """A shop."""

    id: str


class Prepared(msgspec.Struct):
    """When it must be ready."""

    ready_for_pickup_time: Moment | None = None


class Courier(msgspec.Struct):
    """One courier's way."""

    estimated_pick_up_time: Moment | None = None


class Range(msgspec.Struct):
    """When the customer wants it."""

    start_time: Moment | None = None
    end_time: Moment | None = None


class Failure(msgspec.Struct):
    """Why it came to nothing."""

    reason: str = ""


class Order(msgspec.Struct):
    """An order."""

    id: str
    state: str
    store: Store
    carts: list[Cart] = []
    payment: Payment = field(default_factory=Payment)
    deliveries: list[Courier] = []
    preparation_time: Prepared = field(default_factory=Prepared)
    scheduled_order_target_delivery_time_range: Range | None = None
    status: str = ""
    preparation_status: str = ""
    fulfillment_type: str = ""
    store_instructions: str = ""
    created_time: Moment | None = None
    failure_info: Failure | None = None


class Shown(msgspec.Struct):
    """What is shown of one order when it is fetched."""

    order: Order


class Paging(msgspec.Struct):
    """Where a list goes on."""

    next_page_token: str | None = None


class Found(msgspec.Struct):
    """One page of a list."""

    data: list[msgspec.Raw]
    pagination_data: Paging = field(default_factory=Paging)
