"""What is known of WooCommerce without asking it: its topics, its statuses, a shop's settings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain.order import OrderState
from app.domain.pace import Limit

WEBHOOK_SECRET: Final = "webhook_secret"  # noqa: S105 - the kind's name, not a secret
CONSUMER_KEY: Final = "consumer_key"
CONSUMER_SECRET: Final = "consumer_secret"  # noqa: S105 - the kind's name, not a secret
#: The order's meta data in which we keep how far it is here.
META: Final = "order_hub_state"

Status = Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,20}$(?!\n)")]


class WooSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`url`: the site; `store`: which store its orders are for; `minutes`: from an order until it
    is due, unless the meta data `due_meta` says when. Statuses of a plug-in's, where the shop has
    one for what is being picked and for what is packed."""

    url: Annotated[str, Meta(pattern=r"^https?://[^\s/]+[^\s?#]*[^\s/?#]$(?!\n)")]
    store: Annotated[str, Meta(min_length=1, max_length=100)] = "main"
    minutes: Annotated[int, Meta(ge=1, le=10_080)] = 60
    due_meta: str | None = None
    picking_status: Status | None = None
    ready_status: Status | None = None

    @property
    def base(self) -> str:
        """Where its REST API is."""
        return f"{self.url}/wp-json/wc/v3"


#: Its statuses; None: not to be picked (yet).
STATES: Final[Mapping[str, OrderState | None]] = {
    "auto-draft": None,
    "checkout-draft": None,
    "pending": None,
    "on-hold": None,
    "processing": OrderState.ACCEPTED,
    "completed": OrderState.DELIVERED,
    "cancelled": OrderState.CANCELLED,
    "refunded": OrderState.CANCELLED,
    "failed": OrderState.CANCELLED,
    "trash": OrderState.CANCELLED,
}
TELLS: Final = frozenset({"in_work", "ready", "delivered", "cancelled"})

PROFILE: Final = Profile(
    title="WooCommerce",
    settings=WooSettings,
    secrets=(
        SecretKind(WEBHOOK_SECRET, "it signs its webhooks with this one", ours=True),
        SecretKind(CONSUMER_KEY, "we call its REST API as this one", shape=r"ck_[0-9a-z]{8,64}"),
        SecretKind(CONSUMER_SECRET, "and with this one", shape=r"cs_[0-9a-z]{8,64}"),
    ),
    events={
        "order.created": "the order as it is",
        "order.updated": "the order as it is",
        "order.restored": "the order as it is",
        "order.deleted": "cancelled",
    },
    statuses={word: state.value if state else "" for word, state in STATES.items()},
    capabilities=Capabilities(
        amends="with_ready", weighs=False, own_delivery=True, answer_within=60
    ),
    limit=Limit(5.0, 10),
)
