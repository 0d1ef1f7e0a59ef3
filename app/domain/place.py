"""How far an ERP has read its list: the cursor it is given and gives back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final
from uuid import UUID

_SHAPE: Final = re.compile(r"([1-9]\d{0,17})-([0-9a-f]{8})")


@dataclass(frozen=True, slots=True)
class Place:
    """A place in the list, and the mark of what stands there: a database that went back in time,
    after a failover or from a backup, has something else there, and the reader is told again what
    it has not acknowledged. The begin of the list is place 0, without a mark."""

    position: int = 0
    mark: str = ""

    def __str__(self) -> str:
        return f"{self.position}-{self.mark}" if self.position else "0"

    def stands(self, there: UUID | None) -> bool:
        """Whether what is there now is what was there."""
        return self.position == 0 or (there is not None and mark_of(there) == self.mark)


def mark_of(delivery: UUID) -> str:
    """What tells one delivery at a place from another."""
    return delivery.hex[:8]


def read(text: str) -> Place | None:
    """The place a text means, '' and '0' being the begin; None when no cursor of ours looks so."""
    if text in ("", "0"):
        return Place()
    match = _SHAPE.fullmatch(text)
    return Place(int(match[1]), match[2]) if match else None
