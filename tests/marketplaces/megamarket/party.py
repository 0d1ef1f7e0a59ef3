"""MegaMarket for the conformance suite, with Basic."""

import base64

from app.marketplaces.megamarket.stand_in import StandIn
from tests.marketplaces.party import BREAD, BUNS, Party, an_account

NEW, OLD = "new-inbound-token", "old-inbound-token"


def basic(_body=b"", _now=None, *, user="megamarket", password=OLD):
    shown = base64.b64encode(f"{user}:{password}".encode()).decode()
    return {"authorization": f"Basic {shown}"}


PARTY = Party(
    account=an_account(
        "megamarket",
        {"inbound_token": (NEW, OLD), "api_token": ("16A3184D-API-TOKEN",)},
        merchant_id=4824,
        url="http://127.0.0.1:9",
    ),
    prove=basic,
    forgeries=(
        {},
        {"authorization": "Basic"},
        {"authorization": "Basic !!!"},
        {"authorization": f"Bearer {OLD}"},
        basic(password=""),
        basic(password="guess"),
        basic(user="root"),
        basic(user="", password=OLD),
    ),
    bound=False,
    stand_in=StandIn,
    goods=(BREAD, BUNS),
    untold=True,
    place=lambda stem: ("POST", "order/cancel" if "cancel" in stem else "order/new"),
)
