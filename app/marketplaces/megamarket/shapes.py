"""The shapes of MegaMarket; fields we do not follow are ignored, the raw body keeps them. Every
unit is a lot of its own."""

from __future__ import annotations

from typing import Any

import msgspec

from app.marketplaces import reading


class Goods(msgspec.Struct):
    """What order/get says of a lot's goods."""

    name: str = ""


class Lot(msgspec.Struct, rename="camel"):
    """One unit, or some; in order/cancel only its index counts."""

    item_index: reading.Id
    offer_id: reading.Id | None = None
    item_name: str = ""
    price: reading.Amount | None = None
    final_price: reading.Amount | None = None
    quantity: reading.Amount = 1
    status: str = ""
    goods_data: Goods | None = None


class Window(msgspec.Struct, rename="camel"):
    """From when to when."""

    date_from: str | None = None
    date_to: str | None = None


class Shipping(msgspec.Struct, rename="camel"):
    """Where and when the shop hands it over."""

    shipping_date: str | None = None
    shipping_point: reading.Id | None = None
    shipping_interval: Window | None = None


class Shipment(msgspec.Struct, rename="camel"):
    """An order, as order/new brings it and as order/get shows it."""

    shipment_id: reading.Id
    items: list[Lot]
    status: str = ""
    shipment_date: str | None = None
    creation_date: str | None = None
    packing_time_limit: str | None = None
    shipping_time_limit: str | None = None
    shipping: Shipping | None = None
    shipping_point: reading.Id | None = None
    label: dict[str, Any] | None = None
    customer_full_name: str = ""


class Data(msgspec.Struct, rename="camel"):
    """What is in an envelope."""

    shipments: list[msgspec.Raw]
    merchant_id: reading.Id | None = None


class Envelope(msgspec.Struct):
    """Every message has one."""

    data: Data


class Ids(msgspec.Struct):
    """What order/search finds."""

    shipments: list[reading.Id]


class Found(msgspec.Struct):
    """Its answer."""

    data: Ids
