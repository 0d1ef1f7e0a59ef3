"""When an order is wanted: at once, in a two-hour window, or sooner than anybody can pick. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Final, Literal
from zoneinfo import ZoneInfo

from app.sandbox.kuper.shares import Shares

Kind = Literal["express", "planned", "tight"]


@dataclass(frozen=True, slots=True)
class Window:
    """A delivery window and the time by which the order must stand ready; the store's zone."""

    begins: datetime
    ends: datetime
    complete_before: datetime
    planned: bool


def choose_kind(rng: Random, shares: Shares) -> Kind:
    """Draw how urgent the order is."""
    if rng.random() < shares.tight:
        return "tight"
    return "express" if rng.random() < shares.express else "planned"


def window(kind: Kind, rng: Random, now: datetime, timezone: str) -> Window:
    """Place a window of that kind after `now` (any zone)."""
    local = now.astimezone(ZoneInfo(timezone)).replace(microsecond=0)
    return MAKERS[kind](rng, local)


def _express(rng: Random, now: datetime) -> Window:
    due = now + timedelta(minutes=rng.randint(40, 60))
    return Window(due, due + timedelta(minutes=30), due, planned=False)


def _planned(rng: Random, now: datetime) -> Window:
    hour = now.replace(minute=0, second=0) + timedelta(hours=rng.randint(3, 9))
    return Window(hour, hour + timedelta(hours=2), hour - timedelta(minutes=15), planned=True)


def _tight(rng: Random, now: datetime) -> Window:
    due = now + timedelta(minutes=rng.randint(3, 6))
    return Window(due, due + timedelta(minutes=20), due, planned=False)


MAKERS: Final[Mapping[Kind, Callable[[Random, datetime], Window]]] = {
    "express": _express,
    "planned": _planned,
    "tight": _tight,
}
