"""The demo marketplace for the conformance suite."""

import hashlib
import hmac

from app.marketplaces.demo.stand_in import StandIn
from tests.marketplaces.party import Party, an_account

NEW, OLD = "new-signing-secret", "old-signing-secret"


def signed(body, now, *, secret=OLD, id_="evt-1"):
    time = str(int(now.timestamp()))
    text = f"{id_}.{time}.".encode() + body
    digest = hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()
    return {"x-demo-id": id_, "x-demo-time": time, "x-demo-signature": digest}


PARTY = Party(
    account=an_account(
        "demo",
        {"signing": (NEW, OLD), "client_secret": ("client-secret",)},
        url="http://127.0.0.1:9",
        client_id="shop-1",
    ),
    prove=signed,
    forgeries=(
        {},
        {"x-demo-id": "evt-1", "x-demo-time": "1772436600", "x-demo-signature": ""},
        {"x-demo-id": "evt-1", "x-demo-time": "1772436600", "x-demo-signature": "0" * 64},
        {"x-demo-id": "evt-1", "x-demo-time": "now", "x-demo-signature": "f" * 64},
        {"x-demo-signature": "\xff" * 64, "x-demo-time": "1772436600"},
    ),
    timed=True,
    stand_in=StandIn,
)
