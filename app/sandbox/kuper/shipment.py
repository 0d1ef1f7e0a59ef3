"""What the marketplace knows of an order: its shipment, its items, what was said about it."""

from __future__ import annotations

import asyncio
from collections import OrderedDict, deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from app.sandbox.catalogue import BY_SKU, Product
from app.sandbox.kuper.positions import kopecks


class State(StrEnum):
    """Where a shipment stands; СМ's own words."""

    READY = "ready"
    COLLECTING = "collecting"
    READY_TO_SHIP = "ready_to_ship"
    SHIPPING = "shipping"
    SHIPPED = "shipped"
    CANCELED = "canceled"


class ItemState(StrEnum):
    """What became of one position."""

    PENDING = "pending"
    ASSEMBLED = "assembled"
    CANCELED = "canceled"
    REPLACED = "replaced"


class Integration(StrEnum):
    """Who picks and who delivers; СМ numbers these 3, 5 and 6."""

    DELIVERY_BY_SBERMARKET = "delivery_by_sbermarket"
    DELIVERY_BY_RETAILER = "delivery_by_retailer"
    ACCOUNTING_WITH_PICKUP = "accounting_with_pickup"


@dataclass(slots=True)
class Item:
    """One article of a shipment; prices in kopecks per piece or per unit of weight."""

    product: Product
    price: int
    discount_price: int
    quantity: float
    grams: int
    state: ItemState = ItemState.PENDING
    replaced_by: str | None = None
    marks: tuple[str, ...] = ()
    removed: bool = False  #: by the customer; known, but nobody may charge for it


@dataclass(frozen=True, slots=True)
class Received:
    """One notification as the hub sent it and as it was answered."""

    at: datetime
    endpoint: str
    event_type: str | None
    body: str
    status: int
    errors: tuple[dict[str, str], ...] = ()


@dataclass(slots=True)
class Webhook:
    """One event on its way to the hub; the body is the same bytes on every attempt."""

    event_type: str
    body: bytes
    attempts: int = 0
    status: int | None = None  #: of the last answer; None while there was none
    answer: str = ""
    outcome: str = "waiting"  #: waiting | accepted | refused | given_up | dropped
    answered: asyncio.Event = field(default_factory=asyncio.Event)  #: first attempt is over


@dataclass(slots=True)
class Shipment:
    """One order on the marketplace's side."""

    account: str
    timezone: str
    payload: dict[str, Any]
    items: dict[str, Item]
    created_at: datetime
    updated_at: datetime
    integration: Integration = Integration.DELIVERY_BY_SBERMARKET
    state: State = State.READY
    payment_state: str = "not_paid"
    trouble: str | None = None
    plays: bool = True  #: payment, courier and delivery happen by themselves
    number: str | None = None  #: the hub's own, from its answer to order.created
    accepted: set[str] = field(default_factory=set)
    received: deque[Received] = field(default_factory=lambda: deque(maxlen=50))
    webhooks: deque[Webhook] = field(default_factory=lambda: deque(maxlen=50))

    @property
    def order_id(self) -> str:
        """СМ's number of the order, "H…"."""
        return str(self.payload["originalOrderId"])

    @property
    def delivers_itself(self) -> bool:
        """Whether the retailer's own courier delivers."""
        return self.integration is Integration.DELIVERY_BY_RETAILER


def items_of(payload: dict[str, Any]) -> dict[str, Item]:
    """Read a payload's own positions back into items, by SKU."""
    return {row["id"]: _item(row) for row in payload["positions"]}


def items_after_change(before: dict[str, Item], payload: dict[str, Any]) -> dict[str, Item]:
    """Items of a changed order; what the customer took out stays known."""
    removed = {
        sku: replace(item, state=ItemState.CANCELED, removed=True) for sku, item in before.items()
    }
    return removed | items_of(payload)


def _item(row: dict[str, Any]) -> Item:
    return Item(
        BY_SKU[row["id"]],
        kopecks(row["price"]),
        kopecks(row["discountPrice"]),
        row["quantity"],
        int(row.get("weight", "0")),
    )


class Book:
    """The newest shipments, found by either of their names; the oldest are forgotten."""

    def __init__(self, limit: int) -> None:
        self._limit: Final = limit
        self._shipments: OrderedDict[str, Shipment] = OrderedDict()
        self._by_uuid: dict[str, str] = {}

    def __len__(self) -> int:
        return len(self._shipments)

    def __iter__(self) -> Iterator[Shipment]:
        return iter(list(self._shipments.values()))

    def add(self, shipment: Shipment) -> None:
        """Remember a new shipment, forgetting the oldest when the book is full."""
        self._shipments[shipment.order_id] = shipment
        self._by_uuid[shipment.payload["orderUUID"]] = shipment.order_id
        if len(self._shipments) > self._limit:
            _, oldest = self._shipments.popitem(last=False)
            self._by_uuid.pop(oldest.payload["orderUUID"], None)

    def find(self, name: object) -> Shipment | None:
        """Look up by originalOrderId or orderUUID; None when unknown or forgotten."""
        if not isinstance(name, str):
            return None
        return self._shipments.get(self._by_uuid.get(name, name))
