"""What is known of Yandex Market without asking it: settings, secrets, its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain import events as ev
from app.domain.order import OrderState as S
from app.domain.pace import Limit

API_KEY: Final = "api_key"
#: Where its notifications come from (push-notifications/index, seen in a copy of 2026-07-17).
NETWORKS: Final = ("5.45.207.0/25", "141.8.142.0/25", "5.255.253.0/25")


class YandexMarketSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`business_id`: the cabinet; its shops (campaigns) are stores of the account. `networks`: who
    may notify us. `utc_hours`: the zone of shipment times. `ship_hour`: until when an order of a
    day without a time is packed; `express_minutes`: and an Express order without one.
    `own_delivery`: DBS: the shop tells that it delivers."""

    business_id: Annotated[int, Meta(ge=1)]
    url: Annotated[str, Meta(pattern=r"^https?://[^\s/]+[^\s]*[^\s/]$(?!\n)")] = (
        "https://api.partner.market.yandex.ru"
    )
    networks: tuple[str, ...] = NETWORKS
    name: Annotated[str, Meta(pattern=r"^[\x20-\x7e]{1,100}$(?!\n)")] = "order-hub"
    utc_hours: Annotated[int, Meta(ge=-12, le=14)] = 3
    ship_hour: Annotated[int, Meta(ge=0, le=23)] = 18
    express_minutes: Annotated[int, Meta(ge=1, le=1440)] = 30
    own_delivery: bool = False


PING: Final = "PING"
#: Its notifications; PING is answered before anything else is done. Of one about an order only the
#: order's name counts, and what its state was: the order itself is fetched.
EVENTS: Final[Mapping[str, str]] = {
    "ORDER_CREATED": "as far as it is",
    "ORDER_STATUS_UPDATED": "as far as it is",
    "ORDER_UPDATED": "as far as it is",
    "ORDER_CANCELLED": "cancelled",
    "ORDER_CANCELLATION_REQUEST": "as far as it is",
    "ORDER_RETURN_CREATED": "as far as it is",
    "ORDER_RETURN_STATUS_UPDATED": "as far as it is",
    "GOODS_FEEDBACK_CREATED": "",
    "GOODS_FEEDBACK_COMMENT_CREATED": "",
    "CHAT_CREATED": "",
    "CHAT_MESSAGE_SENT": "",
    "CHAT_ARBITRAGE_STARTED": "",
    "CHAT_ARBITRAGE_FINISHED": "",
    "QUESTION_CREATED": "",
    "QUESTION_ANSWER_CREATED": "",
    "QUESTION_COMMENT_CREATED": "",
}

#: How far an order is; None: it is not the shop's yet.
STATES: Final[Mapping[str, S | None]] = {
    "PLACING": None,
    "RESERVED": None,
    "UNPAID": None,
    "PENDING": None,
    "UNKNOWN": None,
    "PROCESSING": S.ACCEPTED,
    "DELIVERY": S.HANDED_OVER,
    "PICKUP": S.HANDED_OVER,
    "DELIVERED": S.DELIVERED,
    "PARTIALLY_RETURNED": S.DELIVERED,
    "CANCELLED": S.CANCELLED,
    "RETURNED": S.RETURNED,
}
#: Stages that say more than their status.
STAGES: Final[Mapping[str, S]] = {
    "PACKAGING": S.PICKING,
    "READY_TO_SHIP": S.READY,
    "SHIPPED": S.HANDED_OVER,
    "COURIER_SEARCH": S.READY,
    "COURIER_NOT_FOUND": S.READY,
    "COURIER_FOUND": S.READY,
    "COURIER_IN_TRANSIT_TO_SENDER": S.READY,
    "COURIER_ARRIVED_TO_SENDER": S.READY,
    "COURIER_RECEIVED": S.HANDED_OVER,
}
COURIER: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "COURIER_FOUND": ev.CourierAssigned(),
    "COURIER_IN_TRANSIT_TO_SENDER": ev.CourierAssigned(),
    "COURIER_ARRIVED_TO_SENDER": ev.CourierArrived(),
}
#: Orders of its own warehouse and parcels that it only carries: no shop picks them.
NOT_PICKED: Final = frozenset({"FBY", "LAAS"})
#: Reasons of a cancellation before the order was ever the shop's.
NEVER_OURS: Final = frozenset(
    {
        "RESERVATION_EXPIRED", "RESERVATION_FAILED", "USER_NOT_PAID",
        "PENDING_CANCELLED", "SHOP_PENDING_CANCELLED",
    }
)  # fmt: skip
#: Reasons of a cancellation that say that the shop did not react in time.
SHOP_SILENT: Final = frozenset({"PENDING_EXPIRED", "PROCESSING_EXPIRED"})
#: What a shop sets, and a shop with couriers of its own besides: status and stage.
TOLD: Final[Mapping[str, tuple[str, str | None]]] = {
    "ready": ("PROCESSING", "READY_TO_SHIP"),
    "cancelled": ("CANCELLED", "SHOP_FAILED"),
    "handed_over": ("DELIVERY", None),
    "delivered": ("DELIVERED", None),
}
TELLS: Final = frozenset({"ready", "cancelled"})

PROFILE: Final = Profile(
    title="Яндекс Маркет",
    settings=YandexMarketSettings,
    secrets=(SecretKind(API_KEY, "we show it in the header Api-Key"),),
    events=EVENTS,
    statuses={word: "" if state is None else state.value for word, state in STATES.items()},
    capabilities=Capabilities(
        replaces=False, weighs=False, marks=True, own_delivery=True, answer_within=10
    ),
    limit=Limit(2.5, 20),  # 10,000 an hour for each method
)
