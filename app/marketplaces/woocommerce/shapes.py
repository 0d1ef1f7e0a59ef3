"""The shape of WooCommerce's orders (REST API v3), as far as we follow it; fields we do not follow
are ignored, the raw body keeps them. Times named GMT say no zone."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from app.marketplaces.reading import Amount, Id

Moment = Annotated[datetime, Meta(tz=False)]


class Item(msgspec.Struct):
    """One line: sums of all of it, without taxes; `subtotal` is before coupons."""

    id: Id
    quantity: Amount
    total: Amount
    total_tax: Amount | None = None
    subtotal: Amount | None = None
    subtotal_tax: Amount | None = None
    sku: str | None = None
    product_id: int = 0
    variation_id: int = 0
    name: str | None = None


class MetaData(msgspec.Struct):
    """What plug-ins keep with an order."""

    key: str = ""
    value: Any = None


class Shape(msgspec.Struct):
    """An order."""

    id: Id
    status: str = ""
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "USD"
    date_created_gmt: Moment | None = None
    date_modified_gmt: Moment | None = None
    date_paid_gmt: Moment | None = None
    customer_note: str | None = None
    shipping_total: Amount | None = None
    shipping_tax: Amount | None = None
    payment_method_title: str | None = None
    billing: dict[str, Any] | None = None
    shipping: dict[str, Any] | None = None
    line_items: list[Item] | None = None
    meta_data: list[MetaData] | None = None


class Deleted(msgspec.Struct, forbid_unknown_fields=True):
    """All that is said of an order that is gone."""

    id: Id
