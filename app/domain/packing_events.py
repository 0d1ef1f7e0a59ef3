"""What happens at the packing table and after it: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from app.domain.goods import Temperature


@dataclass(frozen=True, slots=True)
class BagOpened:
    """A new bag; none: the hub makes its code."""

    temperature: Temperature
    code: str | None = None


@dataclass(frozen=True, slots=True)
class BagSealed:
    """The bag is closed."""

    bag_id: UUID


@dataclass(frozen=True, slots=True)
class BagVoided:
    """The bag is not used after all."""

    bag_id: UUID


@dataclass(frozen=True, slots=True)
class Staged:
    """Bags stand at a staging place, where `taken` bags of other orders stand already."""

    place: str
    codes: tuple[str, ...]
    taken: int = 0


@dataclass(frozen=True, slots=True)
class RefusedItem:
    """What the receiver did not take: pieces, or grams of a weighed good."""

    line_id: UUID
    quantity: int
    reason: str
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class HandedOver:
    """The courier took these bags; `age_check`: passed or failed, none when nobody asked."""

    codes: tuple[str, ...]
    courier_code: str | None = None
    age_check: str | None = None
    refused: tuple[RefusedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Collected:
    """The customer came to the shop and took the order."""

    codes: tuple[str, ...]
    courier_code: str | None = None
    age_check: str | None = None
    refused: tuple[RefusedItem, ...] = ()


@dataclass(frozen=True, slots=True)
class PutBack:
    """What did not leave the shop is on the shelves again."""


PackingEvent: TypeAlias = (
    BagOpened | BagSealed | BagVoided | Staged | HandedOver | Collected | PutBack
)
