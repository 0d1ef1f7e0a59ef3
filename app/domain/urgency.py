"""Where a reader of the shop's queue is, the most urgent first: stable while orders come and go."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import UUID

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_TICK: Final = timedelta(microseconds=1)
_LONGEST: Final = 400


@dataclass(frozen=True, slots=True)
class Spot:
    """The last order of a page; the next page is what comes after it, whatever has come before."""

    due_at: datetime
    number: str
    id: UUID

    def __str__(self) -> str:
        micros = (self.due_at - _EPOCH) // _TICK
        text = f"{micros}|{self.id.hex}|{self.number}"
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def read(text: str) -> Spot | None:
    """The place in a text; None when no place of ours looks like it."""
    if len(text) > _LONGEST or not text.isascii():
        return None
    try:
        plain = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
        micros, id_, number = plain.split("|", 2)
        spot = Spot(_EPOCH + int(micros) * _TICK, number, UUID(hex=id_))
    except (ValueError, OverflowError, binascii.Error):
        return None
    # What reads otherwise than it is written was not written by us (and may hold a NUL).
    return spot if str(spot) == text and "\x00" not in number else None


def minutes_left(due_at: datetime, now: datetime) -> int:
    """Whole minutes until an order is due; below nothing when it is late."""
    return (due_at - now) // timedelta(minutes=1)
