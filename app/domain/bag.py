"""One bag of an order: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from app.domain.goods import Temperature


class BagState(StrEnum):
    """Where a bag stands."""

    OPEN = "open"
    SEALED = "sealed"
    STAGED = "staged"
    HANDED_OVER = "handed_over"
    VOID = "void"


@dataclass(frozen=True, slots=True)
class Bag:
    """`code` is what its label says; `place` is the staging place it stands at."""

    id: UUID
    position: int
    code: str
    temperature: Temperature
    state: BagState = BagState.OPEN
    place: str | None = None

    @property
    def open(self) -> bool:
        """Whether goods may still go in."""
        return self.state is BagState.OPEN
