"""What is known of MegaMarket without asking it: settings, secrets, its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain.order import OrderState as S

#: Where they show us something; how is agreed with them.
INBOUND: Final = "inbound_token"
#: We put it into the body of every call.
TOKEN: Final = "api_token"  # noqa: S105 - the kind's name, not a secret
_WORD: Final = r"[\x21-\x7e]{1,200}"


class MegamarketSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`auth`: how they prove who they are: Basic (`user` and the inbound token), the token in
    `header`, or nothing but their `networks`, which count besides where there are any.
    `look_back_days`: how old an order may be that still changes. `own_delivery`: the shop tells
    that it ships and hands over."""

    merchant_id: Annotated[int, Meta(ge=1)]
    url: Annotated[str, Meta(pattern=r"^https?://[^\s/]+[^\s]*[^\s/]$(?!\n)")] = (
        "https://api.megamarket.tech/api/market/v1/orderService"
    )
    auth: Literal["basic", "token", "networks"] = "basic"
    user: Annotated[str, Meta(pattern=r"^[\x21-\x39\x3b-\x7e]{1,100}$(?!\n)")] = "megamarket"
    header: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9-]{0,99}$(?!\n)")] = "authorization"
    networks: tuple[str, ...] = ()
    number_prefix: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,20}$(?!\n)")] = ""
    utc_hours: Annotated[int, Meta(ge=-12, le=14)] = 3
    look_back_days: Annotated[int, Meta(ge=1, le=30)] = 7
    own_delivery: bool = False


NEW: Final = "order/new"
CANCEL: Final = "order/cancel"

#: What a lot's status says; lots that are called off are in no order any more.
STATES: Final[Mapping[str, S]] = {
    "NEW": S.ACCEPTED,
    "CONFIRMED": S.ACCEPTED,
    "PACKING_EXPIRED": S.ACCEPTED,
    "PACKED": S.READY,
    "SHIPPED": S.HANDED_OVER,
    "DELIVERED": S.DELIVERED,
}
OFF: Final = ("MERCHANT_CANCELED", "CUSTOMER_CANCELED")
ROAD: Final = (S.ACCEPTED, S.READY, S.HANDED_OVER, S.DELIVERED)

TELLS: Final = frozenset({"accepted", "ready", "cancelled"})
OWN: Final = frozenset({"handed_over", "delivered"})
#: Reasons for goods that are not there.
REASON: Final = "OUT_OF_STOCK"

PROFILE: Final = Profile(
    title="Мегамаркет",
    settings=MegamarketSettings,
    secrets=(
        SecretKind(INBOUND, "they show it to us", required=False, shape=_WORD, ours=True),
        SecretKind(TOKEN, "we put it into the body of every call", shape=_WORD),
    ),
    events={NEW: "placed", CANCEL: "what is left, or called off"},
    statuses={
        **{word: state.value for word, state in STATES.items()},
        **dict.fromkeys(OFF, "cancelled"),
    },
    capabilities=Capabilities(replaces=False, weighs=False, bag_count=True, own_delivery=True),
)
