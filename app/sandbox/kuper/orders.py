"""Whole orders in the shape of СМ's `order.created`: believable, seeded, every field legal. Pure.

Numbers are "H" and ten digits that go on from the clock, so that a restarted sandbox does not
repeat an order the hub already knows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any, Final
from uuid import NAMESPACE_URL, uuid5

from app.sandbox.credentials import Store
from app.sandbox.kuper.customers import address, comment, customer
from app.sandbox.kuper.positions import basket, totals
from app.sandbox.kuper.shares import Shares
from app.sandbox.kuper.shipment import Integration
from app.sandbox.kuper.windows import Kind, Window, choose_kind, window

#: One code is seen in the wild (`call_or_replace`); the other three follow its pattern.
POLICIES: Final = ("call_or_replace", "call_or_remove", "replace", "remove")
PAYMENTS: Final = ("card", "card", "card", "sbp", "apple_pay", "invoice")
NUMBERS: Final = 10**10


@dataclass(frozen=True, slots=True)
class Draft:
    """An order about to be placed, and the trouble its customer will make."""

    payload: dict[str, Any]
    store: Store
    trouble: str | None = None  #: change | cancel_early | cancel_late
    integration: Integration = Integration.DELIVERY_BY_SBERMARKET


@dataclass(slots=True)
class Customers:
    """All customers of the stand-in: ask for the next order."""

    stores: Sequence[Store]
    rng: Random
    clock: Callable[[], datetime]
    shares: Shares = field(default_factory=Shares)
    numbers: Iterator[int] | None = None

    def order(self) -> Draft:
        """Place a random order in a random store."""
        store = self.rng.choice(self.stores)
        payload = self.payload(store, choose_kind(self.rng, self.shares))
        trouble = self._trouble()
        if self.rng.random() >= self.shares.pickup:
            return Draft(payload, store, trouble)
        fetched = payload | {"shipmentMethod": "pickup"}
        return Draft(fetched, store, trouble, Integration.ACCOUNTING_WITH_PICKUP)

    def payload(self, store: Store, kind: Kind) -> dict[str, Any]:
        """Write the payload of a new order for that store and urgency."""
        rng = self.rng
        business = rng.random() < self.shares.business
        positions = basket(rng, self.shares.discounted)
        return {
            **self._identity(),
            "storeID": store["external_id"],
            "storeImportKey": store["code"],
            "clientType": "b2b" if business else "b2c",
            "shipmentMethod": "delivery",
            "replacementPolicy": rng.choice(POLICIES),
            "comment": comment(rng, self.shares),
            "customer": customer(rng, business=business),
            "address": address(rng, store["timezone"]),
            **_times(window(kind, rng, self.clock(), store["timezone"])),
            "paymentMethods": ["invoice" if business else rng.choice(PAYMENTS[:-1])],
            "positions": positions,
            "total": totals(positions),
            **self._extras(),
        }

    def _identity(self) -> dict[str, str]:
        if self.numbers is None:
            self.numbers = _from_clock(self.clock())
        number = f"H{next(self.numbers):010d}"
        return {"originalOrderId": number, "orderUUID": str(uuid5(NAMESPACE_URL, number))}

    def _extras(self) -> dict[str, Any]:
        """Some orders carry a loyalty card, some a field the hub has never heard of."""
        extras: dict[str, Any] = {}
        if self.rng.random() < 0.3:
            card = f"0000{self.rng.randrange(10**8):08d}"
            extras["bonusCard"] = {"number": card, "phone": "+70000000000"}
        if self.rng.random() < 0.1:
            extras["extensions"] = {"cutlery_quantity": self.rng.randint(0, 4)}
        return extras

    def _trouble(self) -> str | None:
        shares = self.shares
        table = (
            ("change", shares.changed),
            ("cancel_early", shares.cancelled_early),
            ("cancel_late", shares.cancelled_late),
        )
        drawn = self.rng.random()
        for name, share in table:
            if drawn < share:
                return name
            drawn -= share
        return None


def _times(chosen: Window) -> dict[str, Any]:
    return {
        "delivery": {
            "expectedFrom": chosen.begins.isoformat(),
            "expectedTo": chosen.ends.isoformat(),
            "isPlanned": chosen.planned,
        },
        "completeBefore": chosen.complete_before.isoformat(),
    }


def _from_clock(now: datetime) -> Iterator[int]:
    number = int(now.timestamp() * 1000)
    while True:
        yield number % NUMBERS
        number += 1
