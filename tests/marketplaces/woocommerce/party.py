"""WooCommerce for the conformance suite."""

import base64
import hashlib
import hmac

from app.marketplaces.woocommerce.stand_in import StandIn
from tests.marketplaces.party import BREAD, BUNS, Party, an_account

NEW, OLD = "new-webhook-secret", "old-webhook-secret"


def signature(body, secret=OLD):
    return base64.b64encode(hmac.digest(secret.encode(), body, hashlib.sha256)).decode()


def topic(stem):
    """The topic is not signed, and is named by the sample."""
    beside = {"x-wc-webhook-delivery-id": "d1", "x-wc-webhook-source": "https://shop.example/"}
    known = {} if stem == "nameless" else {"x-wc-webhook-topic": stem.partition("--")[0]}
    return beside | known


PARTY = Party(
    account=an_account(
        "woocommerce",
        {
            "webhook_secret": (NEW, OLD),
            "consumer_key": ("ck_0123456789abcdef",),
            "consumer_secret": ("cs_0123456789abcdef",),
        },
        url="http://127.0.0.1:9",
        store="101",
        due_meta="deliver_by",
    ),
    prove=lambda body, _now: {"x-wc-webhook-signature": signature(body)},
    forgeries=(
        {},
        {"x-wc-webhook-signature": ""},
        {"x-wc-webhook-signature": "A" * 43 + "="},
        {"x-wc-webhook-signature": "\xff\xfe"},
        {"x-wc-webhook-signature": signature(b"else")},
        {"x-wc-webhook-signature": OLD},
        {"x-wc-webhook-source": "https://shop.example/", "x-wc-webhook-id": "7"},
    ),
    stand_in=StandIn,
    goods=(BREAD, BUNS),
    beside=topic,
)
