"""Bags and what goes back to the shelves, as the picker API shows them."""

from __future__ import annotations

from uuid import UUID

import msgspec

from app.domain.goods import Temperature
from app.domain.handover import to_put_back
from app.domain.order import Line, Order, Unit


class BagView(msgspec.Struct):
    """One bag; `code` is what its label says."""

    id: UUID
    position: int
    code: str
    temperature: Temperature
    state: str
    place: str | None = None


class BackView(msgspec.Struct):
    """Goods that go back to their shelf."""

    line_id: UUID
    name: str
    sku: str
    pieces: int
    aisle: str
    shelf: str
    temperature: Temperature
    grams: int | None = None


class PutBackView(msgspec.Struct):
    """An order whose goods wait to go back, and where its bags stand."""

    id: UUID
    number: str
    version: int
    state: str
    bags: list[BagView]
    lines: list[BackView]


class PutBackList(msgspec.Struct):
    """What waits in this store, the oldest first."""

    orders: list[PutBackView]


class HandoverCheck(msgspec.Struct):
    """Whether an order could be handed over like this; nothing was done."""

    possible: bool
    courier_code: str
    missing: list[str]
    extra: list[str]
    check_age: int | None = None


def bag_views(order: Order) -> list[BagView]:
    """The bags that count."""
    return [
        BagView(bag.id, bag.position, bag.code, bag.temperature, bag.state, bag.place)
        for bag in order.live_bags()
    ]


def put_back_view(order: Order) -> PutBackView:
    """What of this order goes back."""
    lines = [_back(line, amount) for line, amount in to_put_back(order)]
    return PutBackView(order.id, order.number, order.version, order.state, bag_views(order), lines)


def _back(line: Line, amount: int) -> BackView:
    weighed = line.unit is Unit.WEIGHT
    return BackView(
        line_id=line.id,
        name=line.name,
        sku=line.external_id,
        pieces=(line.picked_pieces or 0) if weighed else amount,
        aisle=line.place.aisle,
        shelf=line.place.shelf,
        temperature=line.temperature,
        grams=amount if weighed else None,
    )
