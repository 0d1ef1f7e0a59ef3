"""What is known of Deliveroo without asking it. Sources and dates: README.md."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain import events as ev
from app.domain.order import OrderState

WEBHOOK_SECRET: Final = "webhook_secret"  # noqa: S105 - the kind's name, not a secret
CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the kind's name, not a secret

Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s/?#]+)*$(?!\n)")]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)")]


class DeliverooSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the API and its tokens are, who we are there; `brand_id` and `site_ids`: whose orders
    are listed."""

    client_id: Annotated[str, Meta(pattern=r"^[\x21-\x39\x3b-\x7e]{1,200}$(?!\n)")]
    url: Url = "https://api.developers.deliveroo.com"
    token_url: Url = "https://auth.developers.deliveroo.com/oauth2/token"  # noqa: S105
    brand_id: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{0,64}$(?!\n)")] = ""
    site_ids: tuple[Id, ...] = ()


#: Statuses of an order, and how far it is then. An order is accepted once it is picked.
STATES: Final[Mapping[str, OrderState]] = {
    "pending": OrderState.ACCEPTED,
    "placed": OrderState.ACCEPTED,
    "accepted": OrderState.READY,
    "confirmed": OrderState.READY,
    "rejected": OrderState.CANCELLED,
    "canceled": OrderState.CANCELLED,
    "delivered": OrderState.DELIVERED,
}
#: What a rider's last status means.
RIDERS: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "rider_assigned": ev.CourierAssigned(),
    "rider_arrived": ev.CourierArrived(),
    "rider_confirmed_at_restaurant": ev.CourierArrived(),
    "rider_in_transit": ev.Taken(),
}
#: An order for now that is not accepted by then is rejected; in some markets sooner. What is kept
#: of it for our calls.
PATIENCE: Final = timedelta(minutes=10)
LESS: Final = timedelta(minutes=7)
HASTY: Final = ("kw", "ae")
SPARE: Final = timedelta(minutes=1)
NEW: Final = "order.new"
UPDATE: Final = "order.status_update"
RIDER: Final = "rider.status_update"
TELLS: Final = frozenset({"accepted", "in_work", "ready", "cancelled"})

PROFILE: Final = Profile(
    title="Deliveroo",
    settings=DeliverooSettings,
    secrets=(
        SecretKind(WEBHOOK_SECRET, "Deliveroo signs its webhooks with this one"),
        SecretKind(CLIENT_SECRET, "we get tokens with this one"),
    ),
    events={
        NEW: "placed",
        UPDATE: "what its status says",
        RIDER: "where the rider is",
        "menu.upload_result": "",
    },
    statuses={word: state.value for word, state in STATES.items()},
    capabilities=Capabilities(
        weighs=False, accept_within=int(PATIENCE.total_seconds()), answer_within=10
    ),
)


def accept_by(ref: str, placed: datetime) -> datetime:
    """Until when an order for now can be accepted in peace; `ref`: its id, market first."""
    return placed + (LESS if ref.partition(":")[0] in HASTY else PATIENCE) - SPARE
