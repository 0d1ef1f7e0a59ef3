"""Escalation: nobody takes care of something critical, so more and more people hear of it. Pure."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from app.domain.book import Book, View
from app.domain.incident import Change, Event, Incident, IncidentState
from app.domain.rule import Level
from app.domain.telling import is_loud


@dataclass(frozen=True, slots=True)
class Rung:
    """What happens when nobody has acted for so long since the rung before."""

    after: timedelta
    event: str


#: The last one comes again and again.
LADDER: Final = (
    Rung(timedelta(minutes=5), "nudged"),  # the supervisors, by name
    Rung(timedelta(minutes=5), "escalated"),  # a second chat
    Rung(timedelta(minutes=5), "called"),  # everybody, everywhere
    Rung(timedelta(minutes=15), "called"),
)
#: What makes somebody be called by name at once, when it happens to what was told before.
_NEWS: Final = ("worsened", "grew")
#: Beyond that steps are not counted any more.
_TOP: Final = 30_000


def climb(book: Book, view: View) -> None:
    """One rung up for everything critical that nobody has taken for long enough; never two at once,
    however long the look before is ago."""
    for one in list(book.incidents.values()):
        if _climbs(one):
            if book.happened(one, *_NEWS) and not book.happened(one, "told"):
                book.put([Change(one, (Event("nudged", "hub", {"step": 0}),))])
            else:
                book.put([_step(one, view.now)])


def _climbs(one: Incident) -> bool:
    return (
        one.level is Level.CRITICAL
        and one.state is IncidentState.FIRING
        and one.told_at is not None
        and is_loud(one)
    )


def _step(one: Incident, now: datetime) -> Change | None:
    rung = LADDER[min(one.step, len(LADDER) - 1)]
    if now - (one.stepped_at or now) < rung.after:
        return None
    up = replace(one, step=min(one.step + 1, _TOP), stepped_at=now)
    detail = {"step": up.step, "minutes": _minutes(up.step)}
    return Change(up, (Event(rung.event, "hub", detail),))


def _minutes(steps: int) -> int:
    """How long nobody has acted after so many rungs."""
    once, again = LADDER[:-1], LADDER[-1]
    whole = sum((rung.after for rung in once[:steps]), timedelta())
    return int((whole + max(0, steps - len(once)) * again.after).total_seconds() // 60)
