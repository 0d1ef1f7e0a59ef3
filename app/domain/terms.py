"""What a decision needs from outside its order: goods, the shop's settings, rules, time, ids."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

from app.domain.goods import Product
from app.domain.shop import AccountRules, Shop

_LONG_AGO: Final = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Terms:
    """`products` are known goods by SKU; `now` is when the decision is made."""

    products: Mapping[str, Product]
    new_id: Callable[[], UUID]
    shop: Shop = Shop()
    rules: AccountRules = AccountRules()
    now: datetime = _LONG_AGO
