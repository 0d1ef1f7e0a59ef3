"""Wolt for the conformance suite."""

import hashlib
import hmac

from app.marketplaces.wolt.stand_in import StandIn
from tests.marketplaces.party import Party, an_account

NEW, OLD = "new-signing-secret", "old-signing-secret"


def signed(body, _now=None, *, secret=OLD):
    return {"wolt-signature": hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}


PARTY = Party(
    account=an_account(
        "wolt",
        {
            "signing": (NEW, OLD),
            "client_secret": ("client-secret",),
            "refresh_token": ("refresh-token-1",),
        },
        url="http://127.0.0.1:9",
        token_url="http://127.0.0.1:9/oauth2/token",
        client_id="partner-1",
    ),
    prove=signed,
    forgeries=(
        {},
        {"wolt-signature": ""},
        {"wolt-signature": "0" * 64},
        {"wolt-signature": "\xff" * 64},
        {"wolt-signature": OLD},
        {"authorization": f"Bearer {OLD}"},
    ),
    stand_in=StandIn,
    calls_off=False,
)
