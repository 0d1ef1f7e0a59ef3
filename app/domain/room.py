"""A rule sees only so many subjects at once, the worst ones: what of the others is known. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from app.domain.incident import Incident
from app.domain.rule import MOST, Rule, Sighting


def judged(rule: Rule, known: Iterable[Incident], seen: Sequence[Sighting]) -> Iterable[Incident]:
    """The incidents of a rule of which its sightings tell whether they are over. When there was no
    room for all, one that is missing may only have been too mild: it stays as it is."""
    if len(seen) < MOST:
        return known
    sign = -1 if rule.below else 1
    mildest = min(sign * one.value for one in seen)
    there = {one.subject for one in seen}
    return [one for one in known if one.subject in there or sign * one.value > mildest]
