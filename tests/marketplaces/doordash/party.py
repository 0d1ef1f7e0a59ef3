"""DoorDash for the conformance suite."""

import base64

from app.marketplaces.doordash.stand_in import StandIn
from tests.marketplaces.party import Party, an_account

NEW, OLD = "new-webhook-secret", "old-webhook-secret"


def login(_body=b"", _now=None, *, secret=OLD, user="doordash"):
    text = base64.b64encode(f"{user}:{secret}".encode()).decode()
    return {"authorization": f"Basic {text}"}


PARTY = Party(
    account=an_account(
        "doordash",
        {"webhook_secret": (NEW, OLD), "signing_secret": ("c2lnbmluZy1zZWNyZXQtb2Ytb3Vycw",)},
        url="http://127.0.0.1:9/marketplace",
        developer_id="developer-1",
        key_id="key-1",
        webhook_auth="basic",
        webhook_user="doordash",
    ),
    prove=login,
    forgeries=(
        {},
        {"authorization": ""},
        {"authorization": "Basic "},
        {"authorization": "Basic !!!"},
        {"authorization": f"Bearer {OLD}"},
        {"authorization": OLD},
        login(secret="old-webhook-secre"),
        login(user="somebody"),
        login(secret=""),
        {"authorization": "\xff" * 40},
    ),
    bound=False,
    stand_in=StandIn,
)
