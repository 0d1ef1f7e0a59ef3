"""Moments and spans as people say them: by somebody's clock, with the day when it is another."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

#: The clock of the duty desk and of letters, and of what is no store's.
DESK_ZONE: Final = "Europe/Moscow"
#: Spans up to so many minutes are told in minutes.
_MINUTES: Final = 120


def zone_of(facts: Mapping[str, Any]) -> str:
    """The time zone of an incident's store; what is nobody's is told by Moscow's clock."""
    return facts.get("timezone") or DESK_ZONE


def clock(moment: datetime, zone: str) -> str:
    """The time of day there."""
    return moment.astimezone(ZoneInfo(zone)).strftime("%H:%M")


def day_and_clock(moment: datetime, zone: str, now: datetime) -> str:
    """The time of day, with the date when it is not today there."""
    there, today = moment.astimezone(ZoneInfo(zone)), now.astimezone(ZoneInfo(zone)).date()
    return there.strftime("%H:%M" if there.date() == today else "%d.%m %H:%M")


def lasted(span: timedelta, speak: Callable[..., str]) -> str:
    """A span of time, at least a minute."""
    minutes = max(1, round(span.total_seconds() / 60))
    if minutes <= _MINUTES:
        return speak("%(minutes)s min", minutes=minutes)
    return speak("%(hours)s h %(minutes)s min", hours=minutes // 60, minutes=minutes % 60)
