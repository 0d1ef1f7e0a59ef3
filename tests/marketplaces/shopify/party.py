"""Shopify for the conformance suite."""

import base64
import hashlib
import hmac

from app.marketplaces.shopify.stand_in import StandIn
from tests.marketplaces.party import BREAD, BUNS, Party, an_account

NEW, OLD = "new-client-secret", "old-client-secret"
SHOP = "hub-test.myshopify.com"


def signature(body, secret=OLD):
    digest = hmac.digest(secret.encode(), body, hashlib.sha256)
    return base64.b64encode(digest).decode()


def prove(body, _now, *, secret=OLD, shop=SHOP):
    return {"x-shopify-hmac-sha256": signature(body, secret), "x-shopify-shop-domain": shop}


def topic(stem):
    """The topic is not signed, and is named by the sample."""
    if stem == "nameless":
        return {"x-shopify-webhook-id": "wh-nameless"}
    return {"x-shopify-topic": stem.partition("--")[0], "x-shopify-webhook-id": f"wh-{stem}"}


PARTY = Party(
    account=an_account(
        "shopify",
        {"client_secret": (NEW, OLD), "access_token": ("shpat_access-token",)},
        shop=SHOP,
        url="http://127.0.0.1:9",
        store="101",
        due_attribute="deliver_by",
    ),
    prove=prove,
    forgeries=(
        {},
        {"x-shopify-shop-domain": SHOP},
        {"x-shopify-shop-domain": SHOP, "x-shopify-hmac-sha256": ""},
        {"x-shopify-shop-domain": SHOP, "x-shopify-hmac-sha256": "A" * 43 + "="},
        {"x-shopify-shop-domain": SHOP, "x-shopify-hmac-sha256": "\xff\xfe"},
        {"x-shopify-shop-domain": SHOP, "x-shopify-hmac-sha256": signature(b"else")},
        {"x-shopify-shop-domain": SHOP, "x-shopify-hmac-sha256": NEW},
    ),
    stand_in=StandIn,
    goods=(BREAD, BUNS),
    beside=topic,
)
