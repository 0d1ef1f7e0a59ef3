"""What is known of DoorDash (retail) without asking it. Sources and dates: README.md."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain import events as ev

WEBHOOK_SECRET: Final = "webhook_secret"  # noqa: S105 - the kind's name, not a secret
SIGNING_SECRET: Final = "signing_secret"  # noqa: S105 - the kind's name, not a secret

Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s/?#]+)*$(?!\n)")]
Word = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{1,100}$(?!\n)")]


class DoorDashSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who we are there and where its API is; how webhooks prove themselves; what a measured weight
    is called; which store the connection is tried with."""

    developer_id: Word
    key_id: Word
    url: Url = "https://openapi.doordash.com/marketplace"
    user_agent: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{0,100}$(?!\n)")] = ""
    webhook_auth: Literal["basic", "token"] = "basic"
    webhook_user: Word = "doordash"
    weight_field: Word = "measured_quantity"
    store_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.-]{0,100}$(?!\n)")] = ""


#: Where a Dasher is: DoorDash's own words, and those of a third party's description.
DASHER: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "dasher_confirmed": ev.CourierAssigned(),
    "arriving_at_store": ev.CourierAssigned(),
    "arrived_at_store": ev.CourierArrived(),
    "dasher_at_store": ev.CourierArrived(),
    "dasher_out_for_delivery": ev.Taken(),
    "dasher_picked_up": ev.Taken(),
    "dropoff": ev.Delivered(),
    "dasher_delivered": ev.Delivered(),
}
PLACED: Final = ("OrderCreate", "order")
ADJUSTED: Final = ("OrderAdjust", "OrderAdjustment")
#: It has no name of its own: a body about an order and nothing else.
CANCELLED: Final = "cancellation"
DASHERS: Final = "dasher_status_update"
#: Grams of a unit of weight.
UNITS: Final[Mapping[str, Fraction]] = {
    "g": Fraction(1),
    "gm": Fraction(1),
    "kg": Fraction(1000),
    "oz": Fraction("28.349523125"),
    "lb": Fraction("453.59237"),
    "lbs": Fraction("453.59237"),
}
TELLS: Final = frozenset({"accepted", "ready", "cancelled"})

PROFILE: Final = Profile(
    title="DoorDash",
    settings=DoorDashSettings,
    secrets=(
        SecretKind(WEBHOOK_SECRET, "DoorDash shows this one with its webhooks", ours=True),
        SecretKind(
            SIGNING_SECRET,
            "we sign our tokens with this one, Base64url",
            shape=r"[A-Za-z0-9_-]{16,512}={0,2}",
        ),
    ),
    events={
        "OrderCreate": "placed",
        "order": "placed",
        "OrderAdjust": "what the goods come to after our adjustment",
        "OrderAdjustment": "the same",
        CANCELLED: "cancelled",
        DASHERS: "where the Dasher is",
    },
    capabilities=Capabilities(answer_within=10),
)
