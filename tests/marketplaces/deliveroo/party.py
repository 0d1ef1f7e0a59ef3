"""Deliveroo for the conformance suite."""

import hashlib
import hmac

from app.marketplaces.deliveroo.stand_in import StandIn
from tests.marketplaces.party import BREAD, BUNS, Party, an_account

NEW, OLD = "new-webhook-secret", "old-webhook-secret"
GUID = "3f1c2b1e-0000-4000-8000-000000000001"


def signed(body, _now=None, *, secret=OLD, guid=GUID, between=" "):
    digest = hmac.new(secret.encode(), f"{guid}{between}".encode() + body, hashlib.sha256)
    return {"x-deliveroo-sequence-guid": guid, "x-deliveroo-hmac-sha256": digest.hexdigest()}


PARTY = Party(
    account=an_account(
        "deliveroo",
        {"webhook_secret": (NEW, OLD), "client_secret": ("client-secret",)},
        url="http://127.0.0.1:9",
        token_url="http://127.0.0.1:9/oauth2/token",
        client_id="client-1",
        brand_id="brand-1",
        site_ids=["site-1"],
    ),
    prove=signed,
    forgeries=(
        {},
        {"x-deliveroo-sequence-guid": GUID},
        {"x-deliveroo-sequence-guid": GUID, "x-deliveroo-hmac-sha256": ""},
        {"x-deliveroo-sequence-guid": GUID, "x-deliveroo-hmac-sha256": "0" * 64},
        {"x-deliveroo-sequence-guid": "\xff", "x-deliveroo-hmac-sha256": "\xff" * 64},
        {"x-deliveroo-sequence-guid": "\u0142", "x-deliveroo-hmac-sha256": "f" * 64},
        {"authorization": f"Bearer {OLD}"},
    ),
    stand_in=StandIn,
    goods=(BREAD, BUNS),
)
