"""The shapes of СМ's webhooks, as far as we follow them. Field names after facts collected from its
clients and published tests (README.md)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, UnsetType

Moment = Annotated[datetime, Meta(tz=True)]
Id = str | int
Amount = str | int | float


class Position(msgspec.Struct):
    """One position; `weight` is grams of the whole position, present for weighed goods."""

    id: Id
    name: str = ""
    originalQuantity: Amount | None = None  # noqa: N815 - the platform's spelling
    quantity: Amount | None = None
    price: Amount | None = None
    discountPrice: Amount | None = None  # noqa: N815
    weight: Amount | None = None


class Total(msgspec.Struct):
    """Sums over the whole order."""

    totalPrice: Amount | None = None  # noqa: N815
    discountTotalPrice: Amount | None = None  # noqa: N815


class Window(msgspec.Struct):
    """When the customer expects the courier."""

    expectedFrom: Moment | None = None  # noqa: N815
    expectedTo: Moment | None = None  # noqa: N815
    isPlanned: bool = False  # noqa: N815


class Cancellation(msgspec.Struct):
    """Why, as a slug and in words."""

    slug: str = ""
    description: str = ""


class Payload(msgspec.Struct):
    """The order; fields we do not follow are ignored, the raw body keeps them."""

    originalOrderId: Id  # noqa: N815
    orderUUID: str | None = None  # noqa: N815
    storeID: Id | None = None  # noqa: N815
    storeImportKey: Id | None = None  # noqa: N815
    positions: list[Position] | UnsetType = UNSET
    delivery: Window | None = None
    completeBefore: Moment | None = None  # noqa: N815
    total: Total | None = None
    paymentMethods: list[str] | None = None  # noqa: N815
    replacementPolicy: str | None = None  # noqa: N815
    comment: str | None = None
    clientType: str | None = None  # noqa: N815
    customer: dict[str, Any] | None = None
    address: dict[str, Any] | None = None
    cancellation: Cancellation | None = None
    cancellationReason: str | None = None  # noqa: N815
    shipmentMethod: str | None = None  # noqa: N815
    deliveryCost: Amount | None = None  # noqa: N815


class Envelope(msgspec.Struct):
    """The outer shape; `payload` is decoded only for events we follow."""

    event_type: str
    payload: msgspec.Raw = msgspec.Raw(b"{}")
