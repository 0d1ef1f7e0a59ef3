"""Yandex Market for the conformance suite: nothing is signed, the address is the proof."""

from app.marketplaces.yandex_market.stand_in import StandIn
from app.sandbox.stall import Goods
from tests.marketplaces.party import BREAD, BUNS, Party, an_account

MILK = Goods("100401", "Молоко 3,2%, 930 мл", 8990, pieces=2, marked=True)

PARTY = Party(
    account=an_account(
        "yandex_market", {"api_key": ("ACMA:new", "ACMA:old-key")}, business_id=7001
    ),
    prove=lambda _body, _now: {},
    forgeries=(),
    bound=False,
    peer="5.45.207.10",
    strange_peer="5.45.207.130",
    stand_in=StandIn,
    goods=(BREAD, MILK, BUNS),
    place=lambda _stem: ("POST", "notification"),
)
