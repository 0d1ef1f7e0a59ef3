"""СМ's names for things, as data: events in, notifications out, policies, what answers mean."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from app.domain import events as ev
from app.domain.order import OrderState as S
from app.domain.order import Replacement

#: Events that carry no more than themselves. `order.created`, `.updated`, `.changed`, `.paid` and
#: `.canceled` have payloads and are read in parse.py.
PLAIN_EVENTS: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "courier.assigned": ev.CourierAssigned(),
    "courier.arrived": ev.CourierArrived(),
    "order.received": ev.Taken(),
    "order.delivering": ev.Delivering(),
    "order.delivered": ev.Delivered(),
}
CREATED: Final = "order.created"
#: The platform's documents and its clients disagree on the name: both mean the same.
CHANGED: Final = ("order.updated", "order.changed")
PAID: Final = "order.paid"
CANCELED: Final = "order.canceled"

KNOWN_EVENTS: Final = frozenset({*PLAIN_EVENTS, CREATED, *CHANGED, PAID, CANCELED})

#: A shipment's state as it is listed.
STATES: Final[Mapping[str, S]] = {
    "ready": S.ACCEPTED,
    "collecting": S.PICKING,
    "ready_to_ship": S.READY,
    "shipping": S.HANDED_OVER,
    "shipped": S.DELIVERED,
    "canceled": S.CANCELLED,
}
#: What is listed then is what was picked; before, what was ordered.
PICKED: Final = (S.READY, S.HANDED_OVER, S.DELIVERED)
#: States of a listed position that nobody gets.
NOT_THERE: Final = frozenset({"canceled", "cancelled", "replaced"})

#: Our kinds of messages and СМ's types.
NOTIFICATIONS: Final[Mapping[str, str]] = {
    "accepted": "order.accepted",
    "in_work": "order.in_work",
    "assembled": "order.assembled",
    "ready": "order.ready_for_delivery",
    "delivered": "order.delivered",  # only what customers collect in the shop
    "cancelled": "order.canceled",
}
#: Sent only when an account's `notify` setting says so.
OPTIONAL: Final = frozenset({"accepted", "assembled"})

#: The customer comes to the shop; any other `shipmentMethod` is a delivery.
PICKUP: Final = "pickup"

#: Only `call_or_replace` was seen on the wire; the others are guesses, hence several spellings.
POLICIES: Final[Mapping[str, Replacement]] = {
    "call_or_replace": Replacement.CALL_OR_REPLACE,
    "call_or_remove": Replacement.CALL_OR_REMOVE,
    "call_or_cancel": Replacement.CALL_OR_REMOVE,
    "replace": Replacement.REPLACE,
    "remove": Replacement.REMOVE,
    "cancel": Replacement.REMOVE,
}

#: Slugs with which СМ calls an order off because the shop did not react. Its list is not published;
#: none of these was seen on the wire: guesses after what other marketplaces call it.
SHOP_SILENT: Final = frozenset(
    {
        "no_response", "store_no_response", "retailer_no_response", "merchant_no_response",
        "not_accepted", "store_not_accepted", "order_not_accepted", "acceptance_timeout",
        "not_collected", "not_assembled", "assembly_timeout", "collecting_timeout", "timeout",
        "auto_reject", "auto_cancel", "auto_canceled",
    }
)  # fmt: skip
