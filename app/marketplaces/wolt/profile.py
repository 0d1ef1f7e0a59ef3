"""What is known of Wolt without asking it. Sources and dates: README.md."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain.order import OrderState

SIGNING: Final = "signing"
CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the kind's name, not a secret
REFRESH_TOKEN: Final = "refresh_token"  # noqa: S105 - the kind's name, not a secret

Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s/?#]+)*$(?!\n)")]


class WoltSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the order API and the token endpoint are, who we are there; `self_delivery`: couriers
    are the shop's own; `venue_id`: the venue to try the connection with."""

    client_id: Annotated[str, Meta(min_length=1, max_length=200)]
    url: Url = "https://pos-integration-service.wolt.com"
    token_url: Url = "https://integrations-authentication-service.wolt.com/oauth2/token"  # noqa: S105
    venue_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$(?!\n)")] = ""
    self_delivery: bool = False


#: What `order_status` says of an order that is fetched.
STATES: Final[Mapping[str, OrderState]] = {
    "received": OrderState.RECEIVED,
    "fetched": OrderState.RECEIVED,
    "acknowledged": OrderState.RECEIVED,
    "production": OrderState.ACCEPTED,
    "ready": OrderState.READY,
    "delivered": OrderState.DELIVERED,
    "rejected": OrderState.CANCELLED,
    "refunded": OrderState.CANCELLED,
}
#: Events are thin: these ones need the order.
FETCHED: Final = ("CREATED", "PRODUCTION", "DELIVERED")
#: Events with a type of their own instead of a status.
COURIER: Final = "courier.notification"
PICKED_UP: Final = "pickup_completed.notification"

PROFILE: Final = Profile(
    title="Wolt",
    settings=WoltSettings,
    secrets=(
        SecretKind(SIGNING, "Wolt signs its webhooks with this one", ours=True),
        SecretKind(CLIENT_SECRET, "we get tokens with this one"),
        SecretKind(REFRESH_TOKEN, "the first refresh token; what follows is kept by the hub"),
    ),
    events={
        "CREATED": "placed",
        "PRODUCTION": "placed, if we were not told before",
        "READY": "",
        "CANCELED": "cancelled",
        "COURIER ARRIVAL": "courier arrived",
        "PICK-UP-COMPLETED": "handed over",
        "DELIVERED": "delivered, and what the goods came to",
        "REVIEW": "",
        COURIER: "courier assigned",
        PICKED_UP: "handed over",
    },
    statuses={word: state.value for word, state in STATES.items()},
    capabilities=Capabilities(amends="with_ready", accept_within=180, answer_within=10),
)
