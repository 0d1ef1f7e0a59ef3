"""The shapes of Yandex Market: notifications, and orders as POST v1/businesses/{id}/orders shows
them; fields we do not follow are ignored, the raw body keeps them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from app.marketplaces import reading

Moment = Annotated[datetime, Meta(tz=True)]
#: What is larger could never be told back.
Int64 = Annotated[int, Meta(ge=0, le=2**63 - 1)]


class Note(msgspec.Struct, rename="camel"):
    """A notification: of most kinds only some of this is there."""

    notification_type: str
    order_id: reading.Id | None = None
    status: str = ""
    substatus: str = ""
    created_at: Moment | None = None
    updated_at: Moment | None = None
    cancelled_at: Moment | None = None


class Value(msgspec.Struct):
    """A sum in units of its currency."""

    value: reading.Amount
    currencyId: str = "RUR"  # noqa: N815 - the platform's spelling


class Prices(msgspec.Struct):
    """What all pieces of an item cost: money and points."""

    payment: Value | None = None
    cashback: Value | None = None


class Unit(msgspec.Struct):
    """What became of some pieces of an item."""

    status: str = ""
    count: int = 0


class Item(msgspec.Struct, rename="camel"):
    """One line."""

    id: Int64
    offer_id: reading.Id
    count: Annotated[int, Meta(ge=0)]
    offer_name: str = ""
    prices: Prices | None = None
    item_statuses: list[Unit] | None = None

    def left(self) -> int:
        """Pieces that were not taken out of the order, whether or not `count` has them still."""
        units = self.item_statuses or ()
        gone = sum(unit.count for unit in units if unit.status == "CANCELLED")
        there = sum(unit.count for unit in units if unit.status != "CANCELLED")
        return min(self.count, max(self.count - gone, there, 0))


class Shipment(msgspec.Struct, rename="camel"):
    """When the shop hands it over; times are without a zone."""

    shipment_date: date | None = None
    shipment_time: str | None = None


class Delivery(msgspec.Struct):
    """How it gets there."""

    type: str = ""
    shipment: Shipment | None = None


class Order(msgspec.Struct, rename="camel"):
    """An order as it is now."""

    order_id: reading.Id
    campaign_id: reading.Id
    status: str
    creation_date: Moment
    items: list[Item]
    substatus: str = ""
    update_date: Moment | None = None
    program_type: str = ""
    payment_type: str = ""
    payment_method: str = ""
    delivery: Delivery | None = None
    buyer_type: str = ""
    notes: str = ""


class Paging(msgspec.Struct, rename="camel"):
    """Where to go on."""

    next_page_token: str | None = None


class Found(msgspec.Struct):
    """A page of orders."""

    orders: list[msgspec.Raw]
    paging: Paging | None = None
