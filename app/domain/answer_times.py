"""How webhooks were answered, as this process counts it: outcomes and times in fixed steps."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import ceil, log2
from typing import Final

#: Step n holds answers of at most 2^(n/3) ms, and more than the step before it: 1 ms to 52 s, each
#: a quarter wider than the last. The last one holds all that took longer. sql/rules read it so.
STEPS: Final = 48
#: Accounts counted at once; names that strangers invent must not fill the memory.
MOST: Final = 1000


def step(seconds: float) -> int:
    """The step an answer belongs to."""
    return 0 if seconds <= 0.001 else min(STEPS - 1, ceil(3 * log2(1000 * seconds)))


def _no_times() -> list[int]:
    return [0] * STEPS


@dataclass(slots=True)
class Tally:
    """What one account was answered: 2xx, 4xx, 5xx, and how fast."""

    answered: int = 0
    refused: int = 0
    failed: int = 0
    times: list[int] = field(default_factory=_no_times)

    def add(self, other: Tally) -> None:
        """Put another one's counts on top."""
        self.answered += other.answered
        self.refused += other.refused
        self.failed += other.failed
        self.times = [mine + its for mine, its in zip(self.times, other.times, strict=True)]


class HookCounts:
    """Counts since the last `take`, by the account's code; only memory, and never an error."""

    def __init__(self) -> None:
        self._tallies: dict[str, Tally] = {}

    def count(self, account: str, status: int, seconds: float) -> None:
        """One webhook was answered with this status after so many seconds."""
        tally = self._tallies.get(account)
        if tally is None:
            if len(self._tallies) >= MOST:
                return
            tally = self._tallies[account] = Tally()
        if status < 400:
            tally.answered += 1
        elif status < 500:
            tally.refused += 1
        else:
            tally.failed += 1
        tally.times[step(seconds)] += 1

    def take(self) -> dict[str, Tally]:
        """Everything counted so far; counting begins anew."""
        taken, self._tallies = self._tallies, {}
        return taken

    def give_back(self, taken: dict[str, Tally]) -> None:
        """What could not be written down is counted with what comes."""
        for account, tally in self._tallies.items():
            if account in taken:
                taken[account].add(tally)
            elif len(taken) < MOST:
                taken[account] = tally
        self._tallies = taken
