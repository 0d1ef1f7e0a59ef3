"""When the second way out is used and how often it is tried: plain arithmetic."""

from __future__ import annotations

from typing import Final

#: Seconds in which no chat has shown a critical incident: then it goes out another way.
UNSEEN: Final = 180.0
#: Seconds after the first, second, … try by a way that does not work; then always the last.
STEPS: Final = (30.0, 60.0, 120.0, 300.0, 600.0, 900.0)
#: Seconds between letters at most, however many troubles come one after the other.
WIDEST: Final = 600.0


def pause(failures: int, asked: float = 0.0) -> float:
    """Seconds until the next try by a way that has now failed so often in a row; `asked` by it."""
    return max(STEPS[min(failures, len(STEPS)) - 1], asked)


def gap(letters: int) -> float:
    """Seconds until the next letter may go, after so many within the last hour: the first ones
    follow each other by the minute, a long storm does not fill anybody's letter box."""
    return min(60.0 * letters, WIDEST)
