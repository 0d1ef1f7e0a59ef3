"""What is known of the demo marketplace without asking it: one table for each list of its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.contract import AMENDED, Capabilities, Profile, SecretKind
from app.domain import events as ev
from app.domain.order import OrderState
from app.domain.pace import Limit

#: Seconds a time stamp may be from our clock.
TOLERANCE: Final = 300.0
SIGNING: Final = "signing"
CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the kind's name, not a secret


class DemoSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where its API is, and who we are there."""

    url: Annotated[str, Meta(pattern=r"^https?://[^\s/]+[^\s]*[^\s/]$(?!\n)")]
    client_id: str


#: Events that carry no more than the order's id.
PLAIN: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "courier.assigned": ev.CourierAssigned(),
    "courier.arrived": ev.CourierArrived(),
    "order.taken": ev.Taken(),
    "order.delivered": ev.Delivered(),
}
#: Its statuses, and how far an order is then.
STATES: Final[Mapping[str, OrderState]] = {
    "new": OrderState.ACCEPTED,
    "accepted": OrderState.ACCEPTED,
    "picking": OrderState.PICKING,
    "ready": OrderState.READY,
    "taken": OrderState.HANDED_OVER,
    "delivered": OrderState.DELIVERED,
    "cancelled": OrderState.CANCELLED,
}
#: Our kinds of messages, and its statuses.
STATUS_OF: Final[Mapping[str, str]] = {
    "accepted": "accepted",
    "in_work": "picking",
    AMENDED: "picking",
    "ready": "ready",
    "cancelled": "cancelled",
}
TELLS: Final = frozenset(STATUS_OF)

PROFILE: Final = Profile(
    title="Demo marketplace",
    settings=DemoSettings,
    secrets=(
        SecretKind(SIGNING, "it signs its webhooks with this one", ours=True),
        SecretKind(CLIENT_SECRET, "we get a bearer token with this one"),
    ),
    events={
        "order.created": "placed",
        "order.changed": "changed",
        "order.paid": "paid",
        "order.cancelled": "cancelled",
        "courier.assigned": "courier assigned",
        "courier.arrived": "courier arrived",
        "order.taken": "handed over",
        "order.delivered": "delivered",
    },
    statuses={word: state.value for word, state in STATES.items()},
    capabilities=Capabilities(
        amends="while_picking", bag_count=True, marks=True, accept_within=600, answer_within=5
    ),
    limit=Limit(50.0, 20),
)
