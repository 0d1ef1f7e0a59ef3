"""At most so many a minute: for what must not grow with the number of strangers at the door."""

from __future__ import annotations


class Budget:
    """Counts in this process; time is an argument, in seconds of any clock that does not jump."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._minute = float("-inf")
        self._taken = 0

    def take(self, now: float) -> bool:
        """Whether one more is within this minute's budget; it then counts."""
        if now - self._minute >= 60:
            self._minute, self._taken = now, 0
        self._taken += 1
        return self._taken <= self._most
