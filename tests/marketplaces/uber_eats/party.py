"""Uber Eats for the conformance suite."""

import hashlib
import hmac

from app.marketplaces.uber_eats.stand_in import StandIn
from tests.marketplaces.party import Party, an_account

NEW, OLD = "new-client-secret", "old-client-secret"


def signed(body, _now=None, *, secret=OLD):
    return {"x-uber-signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


PARTY = Party(
    account=an_account(
        "uber_eats",
        {"client_secret": (NEW, OLD)},
        url="http://127.0.0.1:9",
        token_url="http://127.0.0.1:9/oauth/v2/token",
        client_id="app-1",
        store_ids=["store-1"],
    ),
    prove=signed,
    forgeries=(
        {},
        {"x-uber-signature": ""},
        {"x-uber-signature": "0" * 64},
        {"x-uber-signature": "\xff" * 64},
        {"x-uber-signature": OLD},
        {"authorization": f"Bearer {OLD}"},
    ),
    stand_in=StandIn,
)
