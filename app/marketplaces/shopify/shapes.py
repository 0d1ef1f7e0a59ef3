"""The shapes of Shopify's orders and parcels, as far as we follow them; fields we do not follow are
ignored, the raw body keeps them (shopify.dev, REST Admin API: Order, Fulfillment)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app.marketplaces.reading import Amount, Id

Moment = Annotated[datetime, Meta(tz=True)]


class LineItem(msgspec.Struct):
    """One line. `current_quantity`: after edits and removals."""

    id: Id
    price: Amount
    quantity: int
    current_quantity: int | None = None
    sku: str | None = None
    variant_id: Id | None = None
    title: str | None = None
    name: str | None = None


class Attribute(msgspec.Struct):
    """A note attribute, which the shop's checkout filled in."""

    name: str = ""
    value: Any = None


class Money(msgspec.Struct):
    """An amount in the shop's currency."""

    amount: Amount | None = None


class MoneySet(msgspec.Struct):
    """The same sum in two currencies."""

    shop_money: Money = msgspec.field(default_factory=Money)


class Parcel(msgspec.Struct):
    """A fulfilment of an order."""

    order_id: Id | None = None
    shipment_status: str | None = None
    status: str | None = None


class Shape(msgspec.Struct):
    """An order."""

    id: Id
    created_at: Moment | None = None
    updated_at: Moment | None = None
    cancelled_at: Moment | None = None
    cancel_reason: str | None = None
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "USD"
    financial_status: str | None = None
    fulfillment_status: str | None = None
    fulfillments: list[Parcel] | None = None
    tags: str = ""
    note: str | None = None
    note_attributes: list[Attribute] | None = None
    location_id: Id | None = None
    line_items: list[LineItem] | None = None
    subtotal_price: Amount | None = None
    current_subtotal_price: Amount | None = None
    total_discounts: Amount | None = None
    current_total_discounts: Amount | None = None
    total_shipping_price_set: MoneySet | None = None
    customer: dict[str, Any] | None = None
    shipping_address: dict[str, Any] | None = None


class Found(msgspec.Struct):
    """A page of orders."""

    orders: list[msgspec.Raw]
