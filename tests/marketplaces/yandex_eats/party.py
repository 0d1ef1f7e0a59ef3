"""Yandex Eats for the conformance suite."""

from dataclasses import replace

from app.marketplaces.yandex_eats import tokens
from app.marketplaces.yandex_eats.stand_in import StandIn
from tests.marketplaces.party import Party, an_account

NEW, OLD = "new-client-secret", "old-client-secret"
ACCOUNT = an_account("yandex_eats", {"client_secret": (NEW, OLD)}, client_id="yandex")


def shown(_body, now, *, secret=OLD):
    token, _ = tokens.issue(replace(ACCOUNT, secrets={"client_secret": (secret,)}), now)
    return {"authorization": f"Bearer {token}"}


def place(stem):
    """Orders are posted, statuses are put to their order's address."""
    if stem.startswith("status."):
        return "PUT", "order/230130-1234567/status"
    return "POST", "order"


PARTY = Party(
    account=ACCOUNT,
    prove=shown,
    forgeries=(
        {},
        {"authorization": ""},
        {"authorization": "Bearer"},
        {"authorization": "Bearer ."},
        {"authorization": f"Bearer {'9' * 10}.{'0' * 64}"},
        {"authorization": f"Bearer now.{'f' * 64}"},
        {"authorization": f"Basic {NEW}"},
        {"authorization": f"Bearer {NEW}"},
        {"authorization": "Bearer \xff.\xff"},
    ),
    bound=False,
    timed=True,
    stand_in=StandIn,
    place=place,
)
