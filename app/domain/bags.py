"""Bags by temperature: opened while picking, sealed, staged, handed over. Pure.

open ─seal→ sealed ─stage→ staged ─hand over→ handed_over;   open, sealed ─→ void
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.domain import events as ev
from app.domain import packing_events as pack
from app.domain.bag import Bag, BagState
from app.domain.order import Order
from app.domain.refusals import Code, Refused
from app.domain.shop import Spot
from app.domain.terms import Terms

#: More bags than any order fills: a mistake of the app, not an order.
MAX_BAGS: Final = 100


def find(order: Order, bag_id: UUID) -> Bag:
    """The bag, or a refusal."""
    bag = next((bag for bag in order.bags if bag.id == bag_id), None)
    if bag is None:
        raise Refused(Code.BAG_NOT_FOUND, bag_id=str(bag_id))
    return bag


def by_code(order: Order, code: str) -> Bag:
    """The live bag with this code, or a refusal."""
    bag = next((bag for bag in order.live_bags() if bag.code == code), None)
    if bag is None:
        raise Refused(Code.BAG_NOT_FOUND, scanned=code)
    return bag


def open_bag(order: Order, event: pack.BagOpened, terms: Terms) -> Order:
    """One more bag; its own printed code, or one made from the order's id."""
    if len(order.bags) >= MAX_BAGS:
        raise Refused(Code.INVALID_QUANTITY, max=MAX_BAGS)
    position = len(order.bags) + 1
    code = event.code or f"B-{order.id.hex[-8:].upper()}-{position}"
    if any(bag.code == code for bag in order.live_bags()):
        return order  # scanned a second time
    bag = Bag(terms.new_id(), position, code, event.temperature)
    return replace(order, bags=(*order.bags, bag))


def seal(order: Order, event: pack.BagSealed, _terms: Terms) -> Order:
    """Closed; sealing it again changes nothing."""
    bag = find(order, event.bag_id)
    if bag.state is BagState.VOID:
        raise Refused(Code.BAG_NOT_FOUND, bag_id=str(bag.id))
    return _with(order, replace(bag, state=BagState.SEALED)) if bag.open else order


def void(order: Order, event: pack.BagVoided, _terms: Terms) -> Order:
    """Not used after all: torn, or one too many."""
    bag = find(order, event.bag_id)
    return order if bag.state is BagState.VOID else _with(order, _voided(bag))


def stage(order: Order, event: pack.Staged, terms: Terms) -> Order:
    """Sealed bags stand at a place; the caller counted how many stand there already."""
    spot = staging(terms.shop.spots, event.place)
    bags = [by_code(order, code) for code in dict.fromkeys(event.codes)]
    if any(bag.open for bag in bags):
        raise Refused(Code.BAGS_NOT_SEALED, codes=[bag.code for bag in bags if bag.open])
    wrong = [bag.code for bag in bags if spot.temperature not in (None, bag.temperature)]
    if wrong:
        raise Refused(Code.WRONG_PLACE, codes=wrong, place=spot.code, keeps=spot.temperature)
    own = {bag.id for bag in (*bags, *order.live_bags()) if bag in bags or bag.place == spot.code}
    if spot.capacity is not None and event.taken + len(own) > spot.capacity:
        raise Refused(Code.PLACE_FULL, capacity=spot.capacity, taken=event.taken)
    staged = {bag.id: replace(bag, state=BagState.STAGED, place=spot.code) for bag in bags}
    return replace(order, bags=tuple(staged.get(bag.id, bag) for bag in order.bags))


def staging(spots: Mapping[str, Spot], code: str) -> Spot:
    """The staging place with this code, or a refusal."""
    spot = spots.get(code)
    if spot is None or spot.kind != "staging":
        raise Refused(Code.PLACE_NOT_FOUND, scanned=code)
    return spot


def ready(order: Order, event: ev.Readied, terms: Terms) -> Order:
    """Packed: all bags are sealed, and there is one where the shop wants bags."""
    live = order.live_bags()
    if any(bag.open for bag in live):
        raise Refused(Code.BAGS_NOT_SEALED, codes=[bag.code for bag in live if bag.open])
    if terms.shop.bags == "required" and not live:
        raise Refused(Code.BAGS_NOT_SEALED, needed=1)
    return replace(order, bag_count=len(live) if live else event.bags)


def missing(order: Order, codes: Collection[str]) -> list[str]:
    """The bags of the order that are not among the scanned codes."""
    return [bag.code for bag in order.live_bags() if bag.code not in codes]


def left(order: Order) -> Order:
    """All bags are gone with the courier."""
    gone = tuple(
        bag if bag.state is BagState.VOID else replace(bag, state=BagState.HANDED_OVER)
        for bag in order.bags
    )
    return replace(order, bags=gone)


def emptied(order: Order) -> Order:
    """What was packed goes back to the shelves; the codes are free again."""
    return replace(order, bags=tuple(_voided(bag) for bag in order.bags))


def _voided(bag: Bag) -> Bag:
    return replace(bag, state=BagState.VOID, place=None)


def _with(order: Order, bag: Bag) -> Order:
    return replace(order, bags=tuple(bag if old.id == bag.id else old for old in order.bags))


APPLY: Final[Mapping[type[ev.Event], Callable[[Order, Any, Terms], Order]]] = {
    pack.BagOpened: open_bag,
    pack.BagSealed: seal,
    pack.BagVoided: void,
    pack.Staged: stage,
    ev.Readied: ready,
}
