"""What is known of partner picking at Glovo and its sisters, without asking them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain.order import OrderState
from app.domain.pace import Limit

WEBHOOK_SECRET: Final = "webhook_secret"  # noqa: S105 - the kinds' names, not secrets
CLIENT_SECRET: Final = "client_secret"  # noqa: S105
API_TOKEN: Final = "api_token"  # noqa: S105
#: Who brings the goods: our shop, or the platform (whatever else the word is).
OURS: Final = "VENDOR_DELIVERY"
THEIRS: Final = "LOGISTICS_DELIVERY"
#: An order of our own couriers is confirmed with the word that elsewhere means "packed".
CONFIRMED: Final = f"{OURS} READY_FOR_PICKUP"

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$(?!\n)")]


class GlovoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the API of the brand is (https://glovo.partner.deliveryhero.io), and who we are there.
    `vendors`: the shops whose orders are listed; `client_id`: none, where a token made in the
    Partner Portal is used. `proof`: how webhooks prove themselves, and in which `header`. `sold`:
    the last word of an order; `minutes`: to pick, where an order does not say until when."""

    url: Annotated[str, Meta(pattern=r"^https?://[^\s/]+[^\s]*[^\s/]$(?!\n)")]
    chain_id: Name
    vendors: list[Name] = []
    client_id: str = ""
    proof: Literal["secret", "hmac"] = "secret"
    header: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,60}$(?!\n)")] = "authorization"
    currency: Annotated[str, Meta(pattern=r"^[A-Z]{3}$(?!\n)")] = "EUR"
    sold: Literal["dispatched", "delivered"] = "dispatched"
    minutes: Annotated[int, Meta(ge=1, le=1440)] = 30


#: How far an order is; of one that our own courier brings, see `parse.state`.
STATES: Final[Mapping[str, OrderState]] = {
    "RECEIVED": OrderState.ACCEPTED,
    "ACCEPTED": OrderState.ACCEPTED,
    "UPDATE_CART": OrderState.PICKING,
    "READY_FOR_PICKUP": OrderState.READY,
    "DISPATCHED": OrderState.HANDED_OVER,
    "DELIVERED": OrderState.DELIVERED,
    "CANCELLED": OrderState.CANCELLED,
}
#: What a status of ours is called once it was taken, and what may follow it.
DONE: Final[Mapping[str, tuple[str, ...]]] = {
    "ACCEPTED": ("ACCEPTED", "UPDATE_CART", "READY_FOR_PICKUP", "DISPATCHED", "DELIVERED"),
    "READY_FOR_PICKUP": ("READY_FOR_PICKUP", "DISPATCHED", "DELIVERED"),
    "DISPATCHED": ("READY_FOR_PICKUP", "DISPATCHED", "DELIVERED"),
    "CANCELLED": ("CANCELLED",),
}
#: Reasons of ours, and the platform's three.
REASONS: Final[Mapping[str, str]] = {
    "out_of_stock": "ITEM_UNAVAILABLE",
    "store_closed": "CLOSED",
}
OTHER_REASON: Final = "TOO_BUSY"
TELLS: Final = frozenset({"accepted", "ready", "handed_over", "cancelled"})

PROFILE: Final = Profile(
    title="Glovo",
    settings=GlovoSettings,
    secrets=(
        SecretKind(
            WEBHOOK_SECRET,
            "webhooks show it, or are signed with it: the field secret of the Partner Portal",
            shape=r"[\x21-\x7e][\x20-\x7e]{6,4094}[\x21-\x7e]",  # "Basic …" has a space
            ours=True,
        ),
        SecretKind(CLIENT_SECRET, "we get tokens with this one", required=False),
        SecretKind(API_TOKEN, "a token of the Partner Portal, without client_id", required=False),
    ),
    events={
        "RECEIVED": "placed",
        "READY_FOR_PICKUP": "",
        CONFIRMED: "handed over, as we said ourselves",
        "DISPATCHED": "handed over",
        "DELIVERED": "delivered",
        "CANCELLED": "cancelled; after the goods have left it is a return",
    },
    statuses={word: state.value for word, state in STATES.items()},
    capabilities=Capabilities(amends="with_ready", own_delivery=True, answer_within=10),
    limit=Limit(0.5, 20),  # 60 requests a minute; a repeat may need two
)
