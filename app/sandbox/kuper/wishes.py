"""Orders on demand: a test names the positions and fields it needs, the rest is believable."""

from __future__ import annotations

from typing import Any

import msgspec

from app.sandbox.catalogue import BY_SKU
from app.sandbox.credentials import Store
from app.sandbox.kuper.orders import Draft
from app.sandbox.kuper.positions import ordered_units, position, totals
from app.sandbox.kuper.shipment import Integration, Shipment, Webhook
from app.sandbox.kuper.stand_in import StandIn
from app.sandbox.kuper.windows import Kind


class WishedPosition(msgspec.Struct, forbid_unknown_fields=True):
    """One position: pieces by `quantity`, goods by weight by `weight` in grams."""

    id: str
    quantity: int = 1
    weight: int | str | None = None
    percent_off: int = 0


class Wish(msgspec.Struct, forbid_unknown_fields=True):
    """An order on demand; everything may be left out.

    `plays`: courier, payment and delivery follow by themselves. `fields` go into the payload as
    they are and win over everything else, right or wrong: it is how a test sends nonsense.
    """

    positions: list[WishedPosition] = []
    store: str | None = None
    kind: Kind = "express"
    integration: Integration = Integration.DELIVERY_BY_SBERMARKET
    plays: bool = True
    trouble: str | None = None
    fields: dict[str, Any] = {}
    wait: bool = True


def place(stand_in: StandIn, wish: Wish) -> tuple[Shipment, Webhook]:
    """Place the wished order; ValueError names what the assortment or the stores do not have."""
    store = _store(stand_in, wish.store)
    payload = stand_in.customers.payload(store, wish.kind)
    if wish.positions:
        positions = [_position(row) for row in wish.positions]
        payload |= {"positions": positions, "total": totals(positions)}
    if isinstance(wish.fields.get("originalOrderId"), str):
        payload["originalOrderId"] = wish.fields["originalOrderId"]
    draft = Draft(payload, store, wish.trouble, wish.integration)
    return stand_in.place(draft, plays=wish.plays, fields=wish.fields)


def _store(stand_in: StandIn, code: str | None) -> Store:
    stores = stand_in.credentials["stores"]
    found = next((row for row in stores if code in (None, row["code"])), None)
    if found is None:
        raise ValueError(f"no store {code!r}; there are {[row['code'] for row in stores]}")
    return found


def _position(wished: WishedPosition) -> dict[str, Any]:
    product = BY_SKU.get(wished.id)
    if product is None:
        raise ValueError(f"no article {wished.id!r} in the demo assortment")
    if product.unit_grams is None:
        return position(product, wished.quantity, 0, percent_off=wished.percent_off)
    grams = int(wished.weight or product.unit_grams * wished.quantity)
    units = ordered_units(product, grams)
    return position(product, units, grams, percent_off=wished.percent_off)
