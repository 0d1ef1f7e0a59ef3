"""Bodies of СМ's webhooks: `{event_type, timestamp, payload}`, and what events carry. Pure."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from random import Random
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.sandbox.kuper.composition import final_sums
from app.sandbox.kuper.invented import CANCEL_REASONS, COURIERS
from app.sandbox.kuper.money import billed_quantity, line_sum, roubles
from app.sandbox.kuper.positions import kopecks
from app.sandbox.kuper.shipment import Item, ItemState, Shipment, State

Writer = Callable[[Shipment, Random], dict[str, Any]]


def body(event_type: str, shipment: Shipment, at: datetime, payload: Mapping[str, Any]) -> bytes:
    """Encode one webhook; milliseconds keep two events of one second apart."""
    local = at.astimezone(ZoneInfo(shipment.timezone))
    envelope = {
        "event_type": event_type,
        "timestamp": local.isoformat(timespec="milliseconds"),
        "payload": payload,
    }
    return json.dumps(envelope, ensure_ascii=False, separators=(",", ":")).encode()


def payload_of(event_type: str, shipment: Shipment, rng: Random) -> dict[str, Any]:
    """Write the payload an event of that name carries; an unknown name carries the identity."""
    return WRITERS.get(event_type, _identity)(shipment, rng)


def _identity(shipment: Shipment, _rng: Random) -> dict[str, Any]:
    names = ("originalOrderId", "orderUUID", "storeID", "storeImportKey")
    return {name: shipment.payload[name] for name in names}


def _whole(shipment: Shipment, _rng: Random) -> dict[str, Any]:
    return dict(shipment.payload)


def _updated(shipment: Shipment, rng: Random) -> dict[str, Any]:
    return _whole(shipment, rng) | {"kind": "composition"}


def _courier(shipment: Shipment, rng: Random) -> dict[str, Any]:
    phone = f"+7000{rng.randrange(10**7):07d}"
    courier = {"name": rng.choice(COURIERS), "phone": phone}
    return _identity(shipment, rng) | {"courier": courier}


def _final(shipment: Shipment, rng: Random) -> dict[str, Any]:
    """What was charged: the composition after picking and its sums."""
    whole, discounted = final_sums(shipment)
    return {
        **_identity(shipment, rng),
        "positions": [_final_position(item) for item in shipment.items.values()],
        "total": {"totalPrice": roubles(whole), "discountTotalPrice": roubles(discounted)},
        "paymentMethods": shipment.payload["paymentMethods"],
    }


def picked(shipment: Shipment) -> dict[str, Any]:
    """What the read side shows once an order is picked: what was charged, and was ordered."""
    whole, discounted = final_sums(shipment)
    ordered = {row["id"]: row["originalQuantity"] for row in shipment.payload["positions"]}
    return {
        "positions": [
            _final_position(item) | {"originalQuantity": ordered.get(item.product.sku, 0)}
            for item in shipment.items.values()
        ],
        "total": {"totalPrice": roubles(whole), "discountTotalPrice": roubles(discounted)},
    }


def wrong(total: Mapping[str, str], rng: Random) -> dict[str, str]:
    """The same sums as a bank might take them by mistake: from a kopeck to ten roubles more."""
    more = rng.randint(1, 1000)
    return {name: roubles(kopecks(said) + more) for name, said in total.items()}


def _final_position(item: Item) -> dict[str, Any]:
    found = item.state is not ItemState.CANCELED
    quantity = billed_quantity(item.product, item.quantity, item.grams) if found else 0
    grams = item.grams if found else 0
    paid = (item.quantity, grams) if item.state is ItemState.ASSEMBLED else (0, 0)
    return {
        "id": item.product.sku,
        "name": item.product.name,
        "quantity": quantity,
        "weight": str(grams),
        "price": roubles(item.price),
        "discountPrice": roubles(item.discount_price),
        "totalPrice": roubles(line_sum(item.product, item.price, *paid)),
        "totalDiscountPrice": roubles(line_sum(item.product, item.discount_price, *paid)),
        "replacedByID": item.replaced_by,
        "state": item.state.value,
    }


def _canceled(shipment: Shipment, rng: Random) -> dict[str, Any]:
    slug, description = rng.choice(CANCEL_REASONS)
    return {
        **_identity(shipment, rng),
        "cancellation": {"slug": slug, "description": description},
        "cancellationReason": description,
    }


WRITERS: Final[Mapping[str, Writer]] = {
    "order.created": _whole,
    "order.changed": _whole,
    "order.updated": _updated,
    "courier.assigned": _courier,
    "courier.arrived": _courier,
    "order.paid": _final,
    "order.received": _identity,
    "order.delivering": _identity,
    "order.delivered": _final,
    "order.canceled": _canceled,
}

#: Where our own events take the shipment.
LEADS_TO: Final[Mapping[str, State]] = {
    "order.received": State.SHIPPING,
    "order.delivering": State.SHIPPING,
    "order.delivered": State.SHIPPED,
    "order.canceled": State.CANCELED,
}


def happen(event_type: str, shipment: Shipment, at: datetime) -> None:
    """Let an event of the marketplace's side have its effect on the shipment."""
    shipment.updated_at = at
    shipment.state = LEADS_TO.get(event_type, shipment.state)
    if event_type == "order.paid":
        shipment.payment_state = "paid"
