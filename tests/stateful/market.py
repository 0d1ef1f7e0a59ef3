"""What a marketplace may say in a play: news, policies, baskets."""

from __future__ import annotations

from hypothesis import strategies as st

from tests.stateful.deeds import BASKET
from tests.stateful.snapshot import Row

NEWS = ("courier.assigned", "courier.arrived", "order.received", "order.delivering",
        "order.delivered", "order.paid", "order.canceled", "order.whatever")  # fmt: skip
POLICIES = ("replace", "call_or_replace", "call_or_remove", "remove", "unheard-of")
#: All at once: how fast a play goes must not decide which order is the most urgent.
DUE = {"expectedFrom": "2099-01-01T12:00:00+03:00", "expectedTo": "2099-01-01T13:00:00+03:00"}
WEIGHED = {"200101": "12990", "200103": "24990"}


def positions(basket: list[int], pieces: int) -> list[Row]:
    """Positions as СМ writes them: each article once."""
    found = []
    for n in dict.fromkeys(basket):
        sku = BASKET[n % len(BASKET)]
        weight = {"weight": str(700 * pieces)} if sku in WEIGHED else {}
        price = "129.90" if weight else "54.50"
        found.append({"id": sku, "name": sku, "originalQuantity": pieces, "quantity": pieces,
                      "price": price, **weight})  # fmt: skip
    return found


BASKETS = st.lists(st.integers(0, len(BASKET) - 1), min_size=1, max_size=4, unique=True)
