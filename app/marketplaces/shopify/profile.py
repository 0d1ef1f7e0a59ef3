"""What is known of Shopify without asking it: topics, statuses, what a shop's account says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.contract import Capabilities, Profile, SecretKind
from app.domain import events as ev
from app.domain.order import OrderState
from app.domain.pace import Limit

CLIENT_SECRET: Final = "client_secret"  # noqa: S105 - the kind's name, not a secret
ACCESS_TOKEN: Final = "access_token"  # noqa: S105 - the kind's name, not a secret


class ShopifySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`shop`: its myshopify.com name; `url`: its Admin API, where that is not under the name.
    `store`: which store orders without a location are for; `minutes`: from an order until it is
    due, unless the note attribute `due_attribute` says when. `tags`: what an order is tagged with
    as it goes on, by our kinds of messages. `refund`: give the money back with a cancellation."""

    shop: Annotated[str, Meta(pattern=r"^[a-z0-9][a-z0-9-]*\.myshopify\.com$(?!\n)")]
    url: Annotated[str, Meta(pattern=r"^https?://[^\s/?#@]+(/[^\s/?#]+)*$(?!\n)")] | None = None
    api_version: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}$(?!\n)")] = "2025-10"
    store: Annotated[str, Meta(min_length=1, max_length=100)] = "main"
    minutes: Annotated[int, Meta(ge=1, le=10_080)] = 60
    due_attribute: str | None = None
    picking_tag: Annotated[str, Meta(pattern=r"^[^,]{1,40}$(?!\n)")] = "picking"
    ready_tag: Annotated[str, Meta(pattern=r"^[^,]{1,40}$(?!\n)")] = "packed"
    refund: bool = True

    @property
    def base(self) -> str:
        """Where its Admin API of this version is."""
        return f"{self.url or f'https://{self.shop}'}/admin/api/{self.api_version}"


#: Where its parcels are, and what that is to us.
SHIPMENTS: Final[Mapping[str, ev.MarketplaceEvent | None]] = {
    "label_printed": None,
    "label_purchased": None,
    "confirmed": None,
    "ready_for_pickup": None,
    "carrier_picked_up": ev.Taken(),
    "in_transit": ev.Taken(),
    "out_for_delivery": ev.Delivering(),
    "picked_up": ev.Delivered(),
    "delivered": ev.Delivered(),
    "attempted_delivery": None,
    "delayed": None,
    "failure": None,
}
#: How much of an order is sent; null: nothing.
FULFILMENT: Final[Mapping[str, OrderState | None]] = {
    "unfulfilled": None,
    "partial": None,
    "fulfilled": OrderState.HANDED_OVER,
    "restocked": None,
}
#: Its payments, and whether the customer has paid.
PAYMENTS: Final[Mapping[str, bool]] = {
    "pending": False,
    "authorized": False,
    "partially_paid": False,
    "paid": True,
    "partially_refunded": True,
    "refunded": True,
    "voided": False,
    "expired": False,
}
TELLS: Final = frozenset({"in_work", "ready", "handed_over", "delivered", "cancelled"})

PROFILE: Final = Profile(
    title="Shopify",
    settings=ShopifySettings,
    secrets=(
        SecretKind(CLIENT_SECRET, "it signs its webhooks with the app's client secret"),
        SecretKind(ACCESS_TOKEN, "we show it to the Admin API (shpat_…)"),
    ),
    events={
        "orders/create": "placed",
        "orders/updated": "the order as it is now",
        "orders/paid": "paid",
        "orders/fulfilled": "handed over",
        "orders/cancelled": "cancelled",
        "orders/delete": "cancelled",
        "orders/edited": "",
        "orders/partially_fulfilled": "",
        "fulfillments/create": "where its parcel is",
        "fulfillments/update": "where its parcel is",
        "fulfillment_events/create": "where its parcel is",
        "refunds/create": "",
        "app/uninstalled": "",
        "customers/data_request": "",
        "customers/redact": "",
        "shop/redact": "",
    },
    statuses={
        **{word: event.__class__.__name__ if event else "" for word, event in SHIPMENTS.items()},
        **{word: state.value if state else "" for word, state in FULFILMENT.items()},
        **{word: "paid" if paid else "" for word, paid in PAYMENTS.items()},
    },
    capabilities=Capabilities(
        amends="with_ready", weighs=False, own_delivery=True, answer_within=5
    ),
    limit=Limit(2.0, 20),
)
