"""Glovo for the conformance suite."""

from app.marketplaces.glovo.stand_in import StandIn
from tests.marketplaces.party import Party, an_account

NEW, OLD = "new-webhook-secret", "Basic cGFydG5lcjpvbGQtc2VjcmV0"


def shown(_body, _now=None, *, secret=OLD):
    return {"authorization": secret}


PARTY = Party(
    account=an_account(
        "glovo",
        {"webhook_secret": (NEW, OLD), "client_secret": ("client-secret",)},
        url="http://127.0.0.1:9",
        chain_id="chain-1",
        vendors=["101"],
        client_id="client-1",
    ),
    prove=shown,
    forgeries=(
        {},
        {"authorization": ""},
        {"authorization": "Basic cGFydG5lcjpvdGhlcg=="},
        {"authorization": f"Bearer {OLD}"},
        {"authorization": "\xff" * 20},
        {"x-glovo-signature": OLD},
    ),
    bound=False,
    stand_in=StandIn,
)
