"""Shapes of Wolt's webhooks and orders, as far as we follow them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app.marketplaces import reading

Moment = Annotated[datetime, Meta(tz=True)]


class Named(msgspec.Struct):
    """An order as a webhook names it. `resource_url` is not followed: the id is enough."""

    id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)")]
    status: str = ""


class Details(msgspec.Struct):
    """What `pickup_completed.notification` says besides."""

    is_pickup_completed: bool = True


class Notification(msgspec.Struct):
    """A webhook."""

    order: Named
    type: str = ""
    details: Details = msgspec.field(default_factory=Details)


class Price(msgspec.Struct):
    """Minor units of a currency."""

    amount: int
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")]

    def ours(self, where: str) -> int:
        """Kopecks, or hundredth parts of whatever it is."""
        return reading.needed(reading.minor(self.amount, where, self.currency), where)


class Breakdown(msgspec.Struct):
    """Parts of a price."""

    total_before_discounts: Price | None = None
    total_discounts: Price | None = None


class Prices(msgspec.Struct):
    """What a line, or the basket, comes to."""

    total: Price
    unit_price: Price | None = None
    price_breakdown: Breakdown = msgspec.field(default_factory=Breakdown)


class Weight(msgspec.Struct):
    """Of a line that is sold by weight."""

    purchased_weight_in_grams: int


class Item(msgspec.Struct):
    """One row of an order."""

    item_price: Prices
    count: int = 1
    id: str = ""
    sku: str | None = None
    pos_id: str | None = None
    gtin: str | None = None
    name: str = ""
    row_number: int | None = None
    weighted_item_info: Weight | None = None


class Venue(msgspec.Struct):
    """A shop of ours."""

    id: reading.Id


class Handing(msgspec.Struct):
    """How the customer gets it."""

    type: str = ""
    location: dict[str, Any] | None = None


class Preorder(msgspec.Struct):
    """When the customer wants it."""

    preorder_time: Moment | None = None


class Order(msgspec.Struct):
    """OrderV2, as far as we follow it; every enumeration may get new values."""

    id: str
    venue: Venue
    items: list[Item]
    basket_price: Prices
    order_status: str
    created_at: Moment | None = None
    pickup_eta: Moment | None = None
    consumer_comment: str | None = None
    consumer_name: str | None = None
    consumer_phone_number: str | None = None
    order_number: str = ""
    type: str = "instant"
    pre_order: Preorder | None = None
    delivery: Handing = msgspec.field(default_factory=Handing)
