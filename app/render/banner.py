"""The hub's own troubles in words, for the top of a page and for a terminal."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final, Literal

import msgspec

from app.render.language import say
from app.render.moment import lasted

#: Until these are over, somebody may be without help and nobody knows.
_CRITICAL: Final = frozenset(
    {"monitor_late", "unseen", "telegram_late", "inbox_late", "outbound_held"}
)


@dataclass(frozen=True, slots=True)
class Trouble:
    """What is wrong, since when, and what its sentence needs besides."""

    code: str
    since: datetime
    values: Mapping[str, Any]


class Line(msgspec.Struct):
    """One sentence; plain text, not HTML."""

    code: str
    level: Literal["critical", "warning"]
    text: str
    since: datetime


class Banner(msgspec.Struct):
    """Everything that is wrong with the hub itself, the worst first; empty: nothing is."""

    lines: list[Line]


def line(language: str, now: datetime, trouble: Trouble) -> Line:
    """A trouble in somebody's language."""
    speak = partial(say, language)
    span = lasted(now - trouble.since, speak)
    text = speak(f"banner.{trouble.code}", span=span, **trouble.values)
    level: Literal["critical", "warning"] = "warning"
    if trouble.code in _CRITICAL:
        level = "critical"
    return Line(trouble.code, level, text, trouble.since)
