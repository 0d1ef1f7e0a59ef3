"""What happens to goods after they were sold: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Wish:
    """One line of what somebody wants. `line` is its id or the goods' SKU. In a return: how much
    comes back. In a correction: how much was sold in truth, and for which price; none stays as it
    is. `marks`: the codes of the units that are not sold after all."""

    line: UUID | str
    pieces: int | None = None
    grams: int | None = None
    price: int | None = None
    marks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Returned:
    """The customer gave some of a delivered order back; `at`: when, if it is said."""

    lines: tuple[Wish, ...]
    reason: str
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Corrected:
    """Some of a delivered order was sold in other quantities or for other prices than we took
    it for; `at`: when that was settled, if it is said."""

    lines: tuple[Wish, ...]
    reason: str
    at: datetime | None = None


AfterSaleEvent: TypeAlias = Returned | Corrected
