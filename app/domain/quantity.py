"""How far a weight may be from what was ordered: soft limits warn, hard limits refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from app.domain.money import half_up


@dataclass(frozen=True, slots=True)
class Tolerance:
    """Percent of the requested weight, under and over."""

    soft_under: int = 10
    hard_under: int = 30
    soft_over: int = 10
    hard_over: int = 30

    def hard(self, requested: int) -> tuple[int, int]:
        """The least and the most grams that still count as this line picked."""
        return _share(requested, 100 - self.hard_under), _share(requested, 100 + self.hard_over)

    def soft(self, requested: int) -> tuple[int, int]:
        """The range in which nobody needs to be warned."""
        return _share(requested, 100 - self.soft_under), _share(requested, 100 + self.soft_over)


def _share(grams: int, percent: int) -> int:
    return half_up(grams * percent, 100)


DEFAULT: Final = Tolerance()
#: More grams than any basket carries: a slipped decimal point, not a weight.
MAX_GRAMS: Final = 1_000_000
MAX_PIECES: Final = 100_000
