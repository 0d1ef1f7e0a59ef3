"""What can happen to a replacement: offered, decided, run out, taken back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

from app.domain.order import MarkUse


@dataclass(frozen=True, slots=True)
class Substitute:
    """Goods that stand for a line. What is said of amounts and marks is in the basket; nothing
    said: as much as was ordered, to be found yet."""

    sku: str
    pieces: int | None = None
    grams: int | None = None
    marks: tuple[str, ...] = ()
    uses: tuple[MarkUse, ...] = ()


@dataclass(frozen=True, slots=True)
class LineReplaced:
    """A picker offers other goods for a line; the customer's wish says whether to ask first.
    `unchecked`: the marking system did not answer about their marks."""

    line_id: UUID
    substitutes: tuple[Substitute, ...]
    reason: str
    shelf_empty: bool = False
    unchecked: bool = False

    @property
    def skus(self) -> tuple[str, ...]:
        """Goods a decision must know."""
        return tuple(each.sku for each in self.substitutes)


@dataclass(frozen=True, slots=True)
class ReplacementDecided:
    """Somebody said yes or no. `by`: customer (a picker called), operator or marketplace."""

    line_id: UUID
    approved: bool
    by: str = "customer"


@dataclass(frozen=True, slots=True)
class ReplacementAnswered:
    """The customer's yes or no as a marketplace tells it: `external_id` is what was ordered."""

    external_id: str
    approved: bool


@dataclass(frozen=True, slots=True)
class ReplacementExpired:
    """The time to answer is over."""

    line_id: UUID


@dataclass(frozen=True, slots=True)
class ReplacementWithdrawn:
    """A picker takes a replacement back: one of several by its own line, all by the original's."""

    line_id: UUID


ReplacementEvent: TypeAlias = (
    LineReplaced | ReplacementDecided | ReplacementExpired | ReplacementWithdrawn
)
