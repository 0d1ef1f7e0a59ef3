"""What is known of Uber Eats without asking it. Sources and dates: README.md."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.contract import AMENDED, Capabilities, Profile, SecretKind
from app.domain import events as ev
from app.domain.order import OrderState

CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the kind's name, not a secret

Url = Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s/?#]+)*$(?!\n)")]
Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_-]{1,64}$(?!\n)")]


class UberSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the API and its tokens are, who we are there; `store_ids`: stores whose orders are
    listed."""

    client_id: Annotated[str, Meta(min_length=1, max_length=200)]
    url: Url = "https://api.uber.com"
    token_url: Url = "https://auth.uber.com/oauth/v2/token"  # noqa: S105
    scope: str = "eats.order eats.store"
    store_ids: tuple[Id, ...] = ()


#: States of an order, and how far it is then.
STATES: Final[Mapping[str, OrderState]] = {
    "CREATED": OrderState.RECEIVED,
    "OFFERED": OrderState.RECEIVED,
    "ACCEPTED": OrderState.ACCEPTED,
    "HANDED_OFF": OrderState.HANDED_OVER,
    "SUCCEEDED": OrderState.DELIVERED,
    "FAILED": OrderState.CANCELLED,
}
#: What a courier's state means.
COURIER: Final[Mapping[str, ev.MarketplaceEvent]] = {
    "EN_ROUTE_TO_PICKUP": ev.CourierAssigned(),
    "ARRIVED_AT_PICKUP": ev.CourierArrived(),
    "EN_ROUTE_TO_DROPOFF": ev.Taken(),
    "COMPLETED": ev.Delivered(),
}
PLACED: Final = ("orders.notification", "orders.scheduled.notification")
RESOLVED: Final = "orders.fulfillment_issues.resolved"
FAILED: Final = "orders.failure"
EDITED: Final = "orders.customer_order_edit"
#: Events are thin: for these ones the order is fetched.
FETCHED: Final = (*PLACED, RESOLVED, FAILED, EDITED)
#: Grams of a unit; None for what is counted. Names of both generations of the API.
UNITS: Final[Mapping[str, Fraction | None]] = {
    "PIECE": None,
    "GRAM": Fraction(1),
    "KILOGRAM": Fraction(1000),
    "POUND": Fraction("453.59237"),
    "WEIGHT_UNIT_TYPE_METRIC_GRAM": Fraction(1),
    "WEIGHT_UNIT_TYPE_METRIC_KILOGRAM": Fraction(1000),
    "WEIGHT_UNIT_TYPE_IMPERIAL_POUND": Fraction("453.59237"),
}
#: What the other generation calls a unit, in what we say.
SPOKEN: Final[Mapping[str, str]] = {
    "GRAM": "WEIGHT_UNIT_TYPE_METRIC_GRAM",
    "KILOGRAM": "WEIGHT_UNIT_TYPE_METRIC_KILOGRAM",
    "POUND": "WEIGHT_UNIT_TYPE_IMPERIAL_POUND",
}
TELLS: Final = frozenset({"accepted", AMENDED, "ready", "cancelled"})

PROFILE: Final = Profile(
    title="Uber Eats",
    settings=UberSettings,
    secrets=(
        SecretKind(CLIENT_SECRET, "Uber signs its webhooks with this one, and gives tokens for it"),
    ),
    events={
        "orders.notification": "placed",
        "orders.scheduled.notification": "placed, for later",
        "orders.release": "courier assigned",
        "orders.cancel": "cancelled",
        FAILED: "cancelled",
        RESOLVED: "the customer's answers to replacements",
        EDITED: "the order as the customer now wants it",
        "delivery.state_changed": "where the courier is",
        "store.provisioned": "",
        "store.deprovisioned": "",
        "store.status.changed": "",
        "store.menu_refresh_request": "",
        "eats.report.success": "",
    },
    statuses={word: state.value for word, state in STATES.items()},
    capabilities=Capabilities(amends="while_picking", accept_within=690, answer_within=10),
)
