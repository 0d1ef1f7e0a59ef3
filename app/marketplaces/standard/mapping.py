"""A shop's own format as data: where things are in its JSON, and what its words mean. Everything
has a value to begin with, so a shop that speaks our format says nothing (docs/own-shop.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec

from app.domain import events as ev
from app.domain.order import OrderState, Replacement
from app.errors import SettingsInvalid
from app.marketplaces.standard import places

#: A code of ISO 4217.
CURRENCY: Final = re.compile("[A-Z]{3}", re.ASCII)
#: Signs of a place or a word, words of a table: mistakes are told in sentences.
LONGEST: Final = 200
MOST: Final = 500
#: What an event may mean. `status`: how far the order is stands in it; `ignored`: nothing.
PLAIN: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "courier_assigned": ev.CourierAssigned(),
    "courier_arrived": ev.CourierArrived(),
    "taken": ev.Taken(),
    "delivering": ev.Delivering(),
    "delivered": ev.Delivered(),
}
MEANINGS: Final = ("placed", "changed", "paid", "cancelled", "status", "ignored", *PLAIN)
STATES: Final = tuple(state.value for state in OrderState)
POLICIES: Final = tuple(policy.value for policy in Replacement)
#: Grams of one of each; a piece has none.
UNITS: Final[Mapping[str, int | None]] = {"piece": None, "gram": 1, "kilogram": 1000}

EVENTS: Final[Mapping[str, str]] = {
    "order.placed": "placed",
    "order.changed": "changed",
    "order.paid": "paid",
    "order.updated": "status",
    "order.cancelled": "cancelled",
    "courier.assigned": "courier_assigned",
    "courier.arrived": "courier_arrived",
    "order.taken": "taken",
    "order.delivering": "delivering",
    "order.delivered": "delivered",
    "ping": "ignored",
}
STATUSES: Final[Mapping[str, str]] = {
    "new": "accepted",
    "accepted": "accepted",
    "picking": "picking",
    "picked": "picked",
    "ready": "ready",
    "taken": "handed_over",
    "delivered": "delivered",
    "cancelled": "cancelled",
    "returned": "returned",
}


class Fields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places inside the order; null: the shop does not say it."""

    id: str = "id"
    store: str | None = "store"
    lines: str = "lines"
    status: str | None = "status"
    changed_at: str | None = "changed_at"
    ready_by: str | None = "ready_by"
    delivery_from: str | None = "delivery_from"
    delivery_to: str | None = "delivery_to"
    total: str | None = "total"
    paid: str | None = "paid"
    delivery_fee: str | None = "delivery_fee"
    discount: str | None = "discount"
    currency: str | None = "currency"
    comment: str | None = "comment"
    replacement: str | None = "replacement"
    pickup: str | None = "pickup"
    reason: str | None = "reason"
    customer: str | None = "customer"
    address: str | None = "address"


class LineFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places inside a line. `per`: grams that the price of a weighed good is for; `full_price`:
    what the price was before a discount; `ref`: the shop's own name of the line."""

    sku: str = "sku"
    name: str | None = "name"
    quantity: str = "quantity"
    unit: str | None = "unit"
    price: str = "price"
    full_price: str | None = "full_price"
    per: str | None = "per"
    ref: str | None = "ref"


class ListFields(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Places in the answer to "which orders changed"."""

    orders: str = "orders"
    next: str | None = "next"


class Otherwise(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What holds where the shop says nothing. `minutes`: from its coming until it is due."""

    event: str = ""
    store: str = ""
    currency: str = "RUB"
    unit: str = "piece"
    per: int = 1000
    minutes: int = 60
    replacement: str = "ask"


class ShopFormat(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole mapping. `event` and `order` are places in the body; `zone` is for times without
    one; words of a table stand instead of ours, not beside them."""

    event: str | None = "type"
    order: str = "data"
    fields: Fields = Fields()
    line: LineFields = LineFields()
    list: ListFields = ListFields()
    otherwise: Otherwise = Otherwise()
    events: dict[str, str] = msgspec.field(default_factory=lambda: dict(EVENTS))
    statuses: dict[str, str] = msgspec.field(default_factory=lambda: dict(STATUSES))
    units: dict[str, str] = msgspec.field(default_factory=lambda: {u: u for u in UNITS})
    replacements: dict[str, str] = msgspec.field(default_factory=lambda: {p: p for p in POLICIES})
    money: Literal["major", "minor"] = "major"
    time: Literal["iso", "seconds", "milliseconds"] = "iso"
    zone: str | None = None


def check(mapping: ShopFormat) -> None:
    """SettingsInvalid, a line for each mistake, with its place."""
    mistakes = [*_places(mapping), *_words(mapping), *_rest(mapping)]
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes))


def _places(mapping: ShopFormat) -> Iterator[str]:
    named: dict[str, Any] = {"event": mapping.event, "order": mapping.order}
    for group in ("fields", "line", "list"):
        inner = msgspec.structs.asdict(getattr(mapping, group))
        named |= {f"{group}.{name}": place for name, place in inner.items()}
    for where, place in named.items():
        if place == "" and where != "order":
            yield f"mapping.{where} is empty: say a place, or null where the shop does not say it"
            continue
        if len(place or "") > LONGEST:
            yield f"mapping.{where} is longer than {LONGEST} signs"
            continue
        try:
            places.parts(place or "")
        except ValueError as error:
            yield f"mapping.{where}: {error}"


def _words(mapping: ShopFormat) -> Iterator[str]:
    tables = {
        "events": MEANINGS, "statuses": STATES, "units": tuple(UNITS), "replacements": POLICIES
    }  # fmt: skip
    for name, known in tables.items():
        table = getattr(mapping, name)
        if len(table) > MOST or max(map(len, (*table, *table.values())), default=0) > LONGEST:
            yield f"mapping.{name}: {MOST} words of {LONGEST} signs at most"
            continue
        for theirs, ours in table.items():
            if ours not in known:
                yield f"mapping.{name}: {theirs!r} means {ours!r}, which is none of {_any(known)}"
    if not {"placed", "status"} & set(mapping.events.values()):
        yield "mapping.events: no word means placed or status, so no order would ever come"


def _rest(mapping: ShopFormat) -> Iterator[str]:
    usual = mapping.otherwise
    if usual.unit not in UNITS:
        yield f"mapping.otherwise.unit: {usual.unit[:40]!r} is none of {_any(tuple(UNITS))}"
    if usual.replacement not in POLICIES:
        said = repr(usual.replacement[:40])
        yield f"mapping.otherwise.replacement: {said} is none of {_any(POLICIES)}"
    if not CURRENCY.fullmatch(usual.currency):
        yield f"mapping.otherwise.currency: {usual.currency[:40]!r} is no code such as RUB"
    if not 0 < usual.per <= 1_000_000:
        yield "mapping.otherwise.per: grams, from 1 to 1000000"
    if not 0 < usual.minutes <= 10_080:
        yield "mapping.otherwise.minutes: from 1 to 10080"
    if mapping.fields.store is None and not usual.store:
        yield "mapping.fields.store is null: say in mapping.otherwise.store which store it is"
    try:
        ZoneInfo("UTC" if mapping.zone is None else mapping.zone[:LONGEST])
    except (KeyError, ValueError, OSError):
        yield f"mapping.zone: {(mapping.zone or '')[:40]!r} is no time zone such as Europe/Moscow"


def _any(known: tuple[str, ...]) -> str:
    return ", ".join(known)
