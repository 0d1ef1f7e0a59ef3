"""What is known of Ozon without asking it: settings, notifications, statuses, limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain import events as ev
from app.domain.order import OrderState
from app.domain.pace import Limit

API_KEY: Final = "api_key"
#: Where its notifications come from (docs.ozon.ru, "push_start").
NETWORKS: Final = ("195.34.21.0/24", "185.73.192.0/22", "91.223.93.0/24")


class OzonSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who we are there. `out_of_stock`: the reason with which we cancel what is not there."""

    client_id: Annotated[int, Meta(ge=1)]
    url: Annotated[str, Meta(pattern=r"^https?://[^\s/]+[^\s]*[^\s/]$(?!\n)")] = (
        "https://api-seller.ozon.ru"
    )
    networks: tuple[str, ...] = NETWORKS
    out_of_stock: Annotated[int, Meta(ge=1)] = 352


#: What a posting's state becomes (the `new_state` of notifications, the `substatus` of postings).
STATES: Final[Mapping[str, ev.MarketplaceEvent | None]] = {
    "posting_acceptance_in_progress": ev.Taken(),
    "posting_created": None,
    "posting_registered": None,
    "posting_awaiting_registration": None,
    "posting_awaiting_passport_data": None,
    "posting_registration_error": None,
    "posting_split_pending": None,
    "posting_transferring_to_delivery": None,
    "posting_in_carriage": None,
    "posting_not_in_carriage": None,
    "posting_in_arbitration": None,
    "posting_in_client_arbitration": None,
    "posting_not_in_sort_center": None,
    "ship_failed": None,
    "posting_on_way_to_city": ev.Delivering(),
    "posting_transferred_to_courier_service": ev.Delivering(),
    "posting_in_courier_service": ev.Delivering(),
    "posting_on_way_to_pickup_point": ev.Delivering(),
    "posting_in_pickup_point": ev.Delivering(),
    "posting_driver_pick_up": ev.Taken(),
    "posting_conditionally_delivered": ev.Delivered(),
    "posting_delivered": ev.Delivered(),
    "posting_received": ev.Delivered(),
    "posting_returned_to_warehouse": ev.Cancelled("returned"),
    "posting_canceled": ev.Cancelled("not said"),
}
#: What a person may say that a state nobody documented means.
MEANINGS: Final[Mapping[str, ev.MarketplaceEvent | None]] = {
    "nothing": None,
    "handed_over": ev.Taken(),
    "delivered": ev.Delivered(),
    "cancelled": ev.Cancelled("not said"),
}
#: How far an order is in a posting's `status`.
STATUSES: Final[Mapping[str, OrderState]] = {
    "awaiting_registration": OrderState.ACCEPTED,
    "awaiting_approve": OrderState.ACCEPTED,
    "awaiting_verification": OrderState.ACCEPTED,
    "awaiting_packaging": OrderState.ACCEPTED,
    "awaiting_deliver": OrderState.READY,
    "acceptance_in_progress": OrderState.HANDED_OVER,
    "arbitration": OrderState.READY,
    "client_arbitration": OrderState.HANDED_OVER,
    "not_accepted": OrderState.READY,
    "sent_by_seller": OrderState.HANDED_OVER,
    "driver_pickup": OrderState.HANDED_OVER,
    "delivering": OrderState.HANDED_OVER,
    "delivered": OrderState.DELIVERED,
    "cancelled": OrderState.CANCELLED,
    "cancelled_from_split_pending": OrderState.CANCELLED,
}
PING: Final = "TYPE_PING"
STATE: Final = "TYPE_STATE_CHANGED"
CANCELLED: Final = "TYPE_POSTING_CANCELLED"
Meaning = Literal["placed", "changed", "state", "cancelled", ""]
#: Every notification there is; those that mean "" are not about orders a shop picks.
EVENTS: Final[Mapping[str, Meaning]] = {
    "TYPE_NEW_POSTING": "placed",
    CANCELLED: "cancelled",
    STATE: "state",
    "TYPE_CUTOFF_DATE_CHANGED": "changed",
    "TYPE_DELIVERY_DATE_CHANGED": "changed",
    PING: "",
    "TYPE_CREATE_ITEM": "",
    "TYPE_UPDATE_ITEM": "",
    "TYPE_CREATE_OR_UPDATE_ITEM": "",
    "TYPE_PRICE_INDEX_CHANGED": "",
    "TYPE_STOCKS_CHANGED": "",
    "TYPE_NEW_MESSAGE": "",
    "TYPE_UPDATE_MESSAGE": "",
    "TYPE_MESSAGE_READ": "",
    "TYPE_CHAT_CLOSED": "",
}

PROFILE: Final = Profile(
    title="Ozon",
    settings=OzonSettings,
    secrets=(SecretKind(API_KEY, "we show it in the header Api-Key"),),
    events=EVENTS,
    statuses={word: state.value for word, state in STATUSES.items()}
    | {word: type(event).__name__ if event else "" for word, event in STATES.items()},
    capabilities=Capabilities(replaces=False, weighs=False, marks=True, answer_within=10),
    limit=Limit(20.0, 20),
)
