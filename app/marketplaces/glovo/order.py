"""An order of Glovo's as we keep it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from app.contract import Account
from app.domain.order import Draft, DraftLine, Unit
from app.errors import Malformed, Unmapped
from app.marketplaces import reading, rows
from app.marketplaces.account import settings_of
from app.marketplaces.glovo.profile import OURS, THEIRS, GlovoSettings
from app.marketplaces.glovo.shapes import (
    ABSENT,
    ADDED,
    REPLACED,
    Client,
    Item,
    Payment,
    Pricing,
    Shape,
    Sys,
)
from app.marketplaces.text import clean

_GRAMS: Final = 1000
_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,100}")


def ref(value: reading.Id) -> str:
    """An order's id. It stands in addresses, so it is nothing but a name."""
    text = reading.order_ref(value)
    if not _ID.fullmatch(text):
        raise Malformed(f"order_id is no id: {text[:40]!r}")
    return text


def draft(account: Account, order: Shape, at: datetime) -> Draft:
    """The order as the customer placed it. Which way it goes is kept as `external_uuid`: what a
    shop has to say when it is packed depends on that."""
    way = order.transport_type or THEIRS
    if way not in (OURS, THEIRS):
        raise Malformed(f"transport_type is {clean(way, 60)!r}")
    ordered = filter(was_ordered, order.items)
    lines = reading.lines(_line(account, item, n) for n, item in enumerate(ordered))
    client, payment = order.client or Client(), order.payment or Payment()
    return Draft(
        external_id=ref(order.order_id),
        external_uuid=way,
        external_store=reading.name(
            client.external_partner_config_id or client.store_id, "client.store_id"
        ),
        lines=lines,
        due_at=_due(account, order, at),
        delivery_to=moment(order.promised_for),
        requested_total=reading.total(lines),
        planned=bool(order.is_preorder),
        pickup=order.order_type == "PICKUP",
        comment=clean(order.comment or "", 2000),
        payment_methods=(clean(payment.type, 50),) if payment.type else (),
        delivery_fee=reading.units(payment.delivery_fee, "payment.delivery_fee"),
        customer=_customer(order),
        currency=settings_of(account, GlovoSettings).currency,
    )


def _customer(order: Shape) -> tuple[tuple[str, str], ...]:
    """With the code that its rider will say."""
    code = {"order_code": order.order_code} if order.order_code else {}
    return reading.texts({**code, **(order.customer or {})})


def _due(account: Account, order: Shape, at: datetime) -> datetime:
    """When it must be packed: what is said, or so long after it was placed."""
    said = moment(order.accepted_for)
    if said is None and order.is_preorder:
        said = moment(order.promised_for)
    begun = moment((order.sys or Sys()).created_at) or at
    return said or begun + timedelta(minutes=settings_of(account, GlovoSettings).minutes)


def _line(account: Account, item: Item, n: int) -> DraftLine:
    where = f"items[{n}]"
    sku = reading.name(item.sku, f"{where}.sku")
    pricing = _ordered(item, where)
    weighed = _weighed(account, pricing)
    pieces, grams = _amount(pricing, where, weighed=weighed)
    price = reading.units(pricing.unit_price, f"{where}.unit_price")
    row = None if item.id in (None, "") else reading.name(item.id, f"{where}._id")
    return DraftLine(
        external_id=sku,
        name=clean(item.name or "", 300) or sku,
        unit=Unit.WEIGHT if weighed else Unit.PIECE,
        price=reading.needed(price, where),
        pieces=pieces,
        grams=grams,
        unit_grams=_GRAMS if weighed else None,
        ref=row and rows.ref(row, grams or pieces),
    )


def _ordered(item: Item, where: str) -> Pricing:
    pricing = item.original_pricing or item.pricing
    if pricing is None:
        raise Malformed(f"{where}.pricing is missing")
    return pricing


def _weighed(account: Account, pricing: Pricing) -> bool:
    word = "UNIT" if pricing.pricing_type is None else pricing.pricing_type
    known = account.codes.get("unit", {}).get(word, word)
    if known not in ("UNIT", "KG"):
        raise Unmapped("unit", clean(word, 100) or "none")
    return known == "KG"


def _amount(pricing: Pricing, where: str, *, weighed: bool) -> tuple[int, int | None]:
    """Pieces, and grams of what is weighed: without a weight, its quantity is kilograms."""
    if not weighed:
        return reading.pieces(_said(pricing.quantity, where), f"{where}.quantity"), None
    if not pricing.weight:
        return 1, reading.grams(_said(pricing.quantity, where), f"{where}.quantity", _GRAMS)
    grams = reading.grams(pricing.weight, f"{where}.weight", _GRAMS)
    return reading.pieces(pricing.quantity or 1, f"{where}.quantity"), grams


def _said(value: reading.Amount | None, where: str) -> reading.Amount:
    if value is None:
        raise Malformed(f"{where}.quantity is missing")
    return value


def was_ordered(item: Item) -> bool:
    """Whether the customer ordered this row: it was not added, and stands for no other."""
    return item.status != ADDED and (item.replaced_id in (None, "") or item.status == REPLACED)


def moment(text: str | None) -> datetime | None:
    """A time of theirs, UTC also where it does not say so. What is no time loses no order."""
    try:
        found = datetime.fromisoformat(text or "")
        return reading.plausible(found if found.tzinfo else found.replace(tzinfo=UTC))
    except (ValueError, Malformed):
        return None


def amounts(account: Account, order: Shape, *, final: bool) -> dict[str, int]:
    """What was picked, or what was ordered, by SKU."""
    found: dict[str, int] = {}
    for n, item in enumerate(order.items):
        where, sku = f"items[{n}]", str(item.sku)
        if item.status in ABSENT if final else not was_ordered(item):
            continue
        pricing = (item.pricing if final else None) or _ordered(item, where)
        weighed = _weighed(account, pricing)
        pieces, grams = _amount(pricing, where, weighed=weighed)
        found[sku] = found.get(sku, 0) + (grams or pieces)
    return found
