"""Telegram's rate limits: one message a second to a chat, 20 a minute to a group, 30 in all.

Telegram publishes no exact figures; these are the ones everybody goes by.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages and edits a bot may send."""

    per_chat: float = 1.0  #: a second
    chat_burst: int = 3
    per_group: float = 20 / 60  #: a second
    group_burst: int = 20
    overall: float = 30.0  #: a second
    overall_burst: int = 30


@dataclass(slots=True)
class Bucket:
    """A leaky bucket: `burst` at once, then `rate` a second."""

    rate: float
    burst: int
    level: float = 0.0
    seen: float = 0.0

    def wait(self, now: float) -> float:
        """Return the seconds until one more fits; 0 when it fits now."""
        self.level = max(0.0, self.level - (now - self.seen) * self.rate)
        self.seen = now
        return max(0.0, (self.level + 1 - self.burst) / self.rate)

    def take(self) -> None:
        """Put one in; ask `wait` first."""
        self.level += 1


@dataclass(slots=True)
class Gate:
    """All limits of one bot; `clock` gives seconds that only grow."""

    limits: Limits
    clock: Callable[[], float]
    _overall: Bucket = field(init=False)
    _chats: dict[int, list[Bucket]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._overall = Bucket(self.limits.overall, self.limits.overall_burst)

    def retry_after(self, chat_id: int) -> int:
        """Let one message to the chat through (0), or say how many seconds to wait."""
        now = self.clock()
        buckets = [self._overall, *self._of_chat(chat_id)]
        wait = max(bucket.wait(now) for bucket in buckets)
        if wait > 0:
            return math.ceil(wait)
        for bucket in buckets:
            bucket.take()
        return 0

    def _of_chat(self, chat_id: int) -> list[Bucket]:
        if chat_id not in self._chats:
            limits = self.limits
            single = Bucket(limits.per_chat, limits.chat_burst)
            group = Bucket(limits.per_group, limits.group_burst)
            self._chats[chat_id] = [single, group] if chat_id < 0 else [single]
        return self._chats[chat_id]
