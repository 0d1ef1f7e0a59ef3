"""Ozon for the conformance suite: its addresses prove it."""

from app.marketplaces.ozon.stand_in import StandIn
from app.sandbox.stall import Goods
from tests.marketplaces.party import BREAD, BUNS, Party, an_account

MARKED = Goods("100401", "Молоко маркированное", 9990, pieces=2, marked=True)

PARTY = Party(
    account=an_account(
        "ozon",
        {"api_key": ("new-api-key", "old-api-key")},
        url="http://127.0.0.1:9",
        client_id=15,
    ),
    prove=lambda _body, _now: {"user-agent": "Ozon"},
    forgeries=(),
    bound=False,
    peer="185.73.193.7",
    strange_peer="198.51.100.9",
    stand_in=StandIn,
    goods=(BREAD, MARKED, BUNS),
)
