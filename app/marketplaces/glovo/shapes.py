"""What Glovo's messages look like. Sums are in whole units of the currency, weights are kilograms;
fields we do not follow are ignored, the raw body keeps them. A null is as good as nothing."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from app.marketplaces import reading

#: What became of a row: these were not ordered, of those nothing is in the bags.
ADDED: Final = "ADDITION"
REPLACED: Final = "REPLACED"
ABSENT: Final = ("NOT_FOUND", REPLACED)


class Pricing(msgspec.Struct):
    """Of a row: a price for a piece, or for a kilogram of `weight`."""

    unit_price: reading.Amount
    pricing_type: str | None = None
    quantity: reading.Amount | None = None
    weight: reading.Amount | None = None


class Item(msgspec.Struct):
    """One row; `original_pricing` is how it was ordered."""

    sku: reading.Id
    pricing: Pricing | None = None
    original_pricing: Pricing | None = None
    id: reading.Id | None = msgspec.field(default=None, name="_id")
    name: str | None = None
    status: str | None = None
    replaced_id: reading.Id | None = None


class Client(msgspec.Struct):
    """The shop. `external_partner_config_id` is what we call it, where somebody said so."""

    store_id: reading.Id | None = None
    external_partner_config_id: reading.Id | None = None


class Cancellation(msgspec.Struct):
    """Why, and who."""

    reason: str | None = None
    cancelled_by: str | None = None


class Sys(msgspec.Struct):
    """When the platform wrote what."""

    created_at: str | None = None
    updated_at: str | None = None


class Payment(msgspec.Struct):
    """Sums beside the goods."""

    type: str | None = None
    delivery_fee: reading.Amount | None = None


class Shape(msgspec.Struct):
    """An order, as every message has it."""

    order_id: reading.Id
    status: str
    items: list[Item] = []
    client: Client | None = None
    transport_type: str | None = None
    order_type: str | None = None
    is_preorder: bool | None = msgspec.field(default=None, name="isPreorder")
    order_code: reading.Id | None = None
    comment: str | None = None
    accepted_for: str | None = None
    promised_for: str | None = None
    customer: dict[str, Any] | None = None
    payment: Payment | None = None
    cancellation: Cancellation | None = None
    sys: Sys | None = None


class Told(msgspec.Struct):
    """No more of an order than an event needs."""

    order_id: reading.Id
    status: str
    transport_type: str | None = None
    cancellation: Cancellation | None = None


class Found(msgspec.Struct):
    """One page of a list."""

    orders: list[msgspec.Raw]
    total_pages: int = 0
