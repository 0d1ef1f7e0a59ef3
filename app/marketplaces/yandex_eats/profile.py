"""What is known of Yandex Eats without asking it: settings, secrets, its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain import events as ev
from app.domain.order import OrderState

#: Whose couriers deliver.
DELIVERIES: Final = ("yandex", "marketplace")
#: It logs in with this one, and the tokens it gets are signed with it.
CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the kind's name, not a secret


class YandexEatsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`client_id`: what we told Yandex to log in with. `place`: our code of the shop, for orders
    that name none. `delivery`: whose couriers deliver where an order does not say. `unit_grams`:
    what the nomenclature calls one measure of weighed goods. `token_seconds`: how long a token is
    good."""

    client_id: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,200}$(?!\n)")]
    place: Annotated[str, Meta(max_length=100)] = ""
    number_prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,20}$(?!\n)")] = ""
    delivery: Literal["yandex", "marketplace"] = "yandex"
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "RUB"
    unit_grams: Annotated[int, Meta(ge=1, le=100_000)] = 1000
    token_seconds: Annotated[int, Meta(ge=60, le=86_400)] = 3600


#: What it tells of an order's way, by agreement; `CANCELLED` has a reason besides.
TOLD: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "TAKEN_BY_COURIER": ev.Taken(),
    "DELIVERED": ev.Delivered(),
}
CANCELLED: Final = "CANCELLED"

#: What it hears when it asks how far an order is; picked is not packed yet.
STATUS_OF: Final[Mapping[OrderState, str]] = {
    OrderState.RECEIVED: "NEW",
    OrderState.ACCEPTED: "ACCEPTED_BY_RESTAURANT",
    OrderState.PICKING: "COOKING",
    OrderState.PICKED: "COOKING",
    OrderState.READY: "READY",
    OrderState.HANDED_OVER: "TAKEN_BY_COURIER",
    OrderState.DELIVERED: "DELIVERED",
    OrderState.REJECTED: CANCELLED,
    OrderState.CANCELLED: CANCELLED,
    OrderState.RETURNED: CANCELLED,
}

#: Its reasons for a cancellation.
REASONS: Final = frozenset(
    {
        "place.unable_to_call", "place.missing_dish", "place.closed_early",
        "place.technical_problem", "place.busy_period", "place.some_other_reason",
        "place.integration_failed", "place.late", "client.does_not_want_to_wait",
        "client.refused_order_changes", "place.high_load", "service.integration_failed", "other",
    }
)  # fmt: skip
#: Ours, where one of its own fits.
REASON_OF: Final[Mapping[str, str]] = {
    "out_of_stock": "place.missing_dish",
    "not_found": "place.missing_dish",
    "not_enough": "place.missing_dish",
    ev.NO_RESPONSE: "place.unable_to_call",
}

PROFILE: Final = Profile(
    title="Яндекс Еда, Яндекс Маркет Деливери: розница",
    settings=YandexEatsSettings,
    secrets=(SecretKind(CLIENT_SECRET, "it logs in to our server with this one", ours=True),),
    events={
        "order": "placed",
        "status.TAKEN_BY_COURIER": "handed over",
        "status.DELIVERED": "delivered",
        "status.CANCELLED": "cancelled",
    },
    statuses={
        "NEW": "received",
        "ACCEPTED_BY_RESTAURANT": "accepted",
        "COOKING": "picking",
        "READY": "ready",
        "TAKEN_BY_COURIER": "handed over",
        "DELIVERED": "delivered",
        "CANCELLED": "cancelled",
    },
    capabilities=Capabilities(bag_count=True, marks=True, own_delivery=True, answer_within=5),
)
