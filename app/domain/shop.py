"""A shop's own settings and an account's rules: what a decision must know besides the order."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Literal
from uuid import UUID

from app.domain.quantity import DEFAULT, Tolerance


@dataclass(frozen=True, slots=True)
class Label:
    """One layout of in-store labels. `item` and `value_at` are (from, until) in the code; the value
    times `multiplier`, divided by `divisor`, gives grams, kopecks or pieces."""

    prefix: str
    item: tuple[int, int]
    value_at: tuple[int, int]
    value: Literal["weight", "price", "count"] = "weight"
    divisor: int = 1
    length: int = 13
    check_digit: bool = True
    multiplier: int = 1


#: For a shop that says nothing of its labels: 21 + item number + grams + check digit.
LABELS: Final = (Label("21", (2, 7), (7, 12)),)


@dataclass(frozen=True, slots=True)
class Spot:
    """What a location code stands for; `capacity` is how many bags a staging place takes."""

    code: str
    kind: Literal["shelf", "staging"]
    name: str = ""
    aisle: str = ""
    temperature: str | None = None
    capacity: int | None = None


@dataclass(frozen=True, slots=True)
class Shop:
    """One store as its pickers work. The first label that matches wins; `aisles` are ranks on the
    path; tolerances are by category, '' for all others."""

    id: UUID | None = None
    merchant_id: UUID | None = None
    code: str = ""
    name: str = ""
    timezone: str = "Europe/Moscow"
    paused: bool = False
    zone_picking: bool = False
    bags: Literal["optional", "required"] = "optional"
    mark_check: Literal["off", "permissive", "strict"] = "off"
    labels: tuple[Label, ...] = LABELS
    aisles: Mapping[str, int] = field(default_factory=dict)
    spots: Mapping[str, Spot] = field(default_factory=dict)
    tolerances: Mapping[str, Tolerance] = field(default_factory=dict)

    def tolerance(self, category: str) -> Tolerance:
        """How far a weight of this category may be from what was ordered."""
        return self.tolerances.get(category) or self.tolerances.get("", DEFAULT)


@dataclass(frozen=True, slots=True)
class AccountRules:
    """The hub's rules for one connection to a marketplace.

    `over_percent`: how much more pieces than requested may be picked. `replacement_price`: whether
    a replacement may cost more a unit. `authorised_percent`: how much of the requested total was
    authorised, unless the marketplace says the sum. `decide_minutes`: how long a customer has.
    `handout_code`: whether the courier must say the order's code. `accept_minutes`: how long the
    marketplace waits for our yes (0: not known); `answer_seconds`: for the answer to its webhooks.
    Monitoring goes by both. `sum_tolerance`: how many kopecks our total may be from what the
    marketplace took. `delivery_by`: who sells the delivery; by the merchant, it is in his sales
    document, with the rate `delivery_vat`. `receipts`: who makes the fiscal receipts; by the
    merchant, the hub makes their data, and names his `tax_system`. `calls_per_minute`,
    `calls_at_once`: how fast the hub may call the marketplace (0: as that publishes it). `goods`:
    whether its id of goods is our SKU unless somebody said otherwise, or an order waits until all
    of its goods are mapped. `reconcile_minutes`: how often its list of orders is compared with ours
    (0: never).
    """

    over_percent: int = 0
    replacement_price: Literal["any", "not_dearer"] = "any"
    authorised_percent: int = 100
    decide_minutes: int = 5
    handout_code: bool = False
    accept_minutes: int = 0
    answer_seconds: int = 5
    calls_per_minute: int = 0
    calls_at_once: int = 0
    reconcile_minutes: int = 15
    sum_tolerance: int = 0
    delivery_by: Literal["marketplace", "merchant"] = "marketplace"
    delivery_vat: Literal["standard", "reduced", "zero", "none", "five", "seven"] = "standard"
    receipts: Literal["marketplace", "merchant"] = "marketplace"
    tax_system: Literal["osn", "usn_income", "usn_income_outcome", "esn", "patent"] = "osn"
    goods: Literal["sku", "mapped"] = "sku"
