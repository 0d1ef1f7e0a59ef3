"""Messages to chats: which go first, how long they are good for, when they ring. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time
from typing import Final
from zoneinfo import ZoneInfo

#: Lanes of a chat, the most urgent first. Messages of one lane go out in order. Seconds it counts
#: as having waited already: who is oldest goes first, so nothing waits for ever.
HEAD_START: Final = {
    "reply": 3600.0,  #: answers to commands
    "pressed": 3000.0,  #: an incident that somebody acted on
    "nudge": 1800.0,  #: escalation
    "critical": 1500.0,  #: a critical incident nobody has seen yet
    "worse": 1200.0,  #: one that was seen: edits keep their distance, and what is new need not wait
    "incident": 900.0,
    "notice": 600.0,
    "edit": 300.0,  #: what became of an incident
    "digest": 0.0,
}
_RANK: Final = {lane: rank for rank, lane in enumerate(HEAD_START)}
#: Seconds between lanes that wait for the same chat: the most urgent asks first.
_STAGGER: Final = 0.02
#: Seconds a kind of message is good for; an incident is written as it stands, so for ever.
GOOD_FOR: Final = {
    "reply": 600.0, "nudge": 600.0, "notice": 3600.0, "digest": 6 * 3600.0, "incident": None,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Audience:
    """Who reads a chat: their language (None: the hub's), their clock, and the hours in which only
    what is critical rings. `disabled`: nobody, for the bot may not write there."""

    language: str | None = None
    timezone: str | None = None
    quiet: tuple[time, time] | None = None
    disabled: bool = False

    def is_quiet(self, now: datetime) -> bool:
        """Whether it is one of the quiet hours; from 22:00 until 07:00 goes over midnight."""
        if self.quiet is None or self.timezone is None:
            return False
        start, end = self.quiet
        clock = now.astimezone(ZoneInfo(self.timezone)).time()
        return start <= clock < end if start < end else clock >= start or clock < end


@dataclass(frozen=True, slots=True)
class Post:
    """Where an incident is to be seen: the topic, the Telegram message it is seen in (None: not
    yet), the revision shown, when that was and its digest. `pressed`: somebody acted since."""

    thread_id: int | None
    telegram_id: int | None
    shown: int
    shown_at: datetime | None = None
    shown_hash: str | None = None
    pressed: bool = False


def stagger(fifo_key: str) -> float:
    """Seconds a row of this lane waits longer than the most urgent one of its chat."""
    return _RANK.get(fifo_key.rpartition(":")[2], len(_RANK)) * _STAGGER
