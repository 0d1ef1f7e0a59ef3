"""Grouping: many alike are told as one; of a store, and over that of a merchant. Pure.

A group is an incident like any other, of the same rule, with the subject `group:store:<id>` or
`group:merchant:<id>`; what it stands for points to it with `parent_id`. Its facts:

    group         "store" or "merchant"
    count, most   how many single incidents are on in it, and were at once at most
    critical      how many of these are critical
    stores_count  in how many stores
    members       of a store: [{label, level, value}], critical and older ones first
    stores        of a merchant: [{store, store_name, count, critical, value}], most first
    more          how many members or stores are not in the list
    store, store_name, timezone, and for a merchant the timezone of its first store
    acknowledged  how many it was for when somebody took it
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.book import Book, View, leaves
from app.domain.group_facts import face, group_facts, worst_value
from app.domain.incident import (
    GROUP,
    Change,
    Event,
    Incident,
    IncidentState,
    again,
    end,
    happening,
    roused,
    shown,
)
from app.domain.rule import Level
from app.domain.telling import is_loud

#: So many alike are one.
MANY: Final = 3
#: In so short a time trouble must come to many stores to be the merchant's.
TOGETHER: Final = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Kind:
    """One level of grouping: whose group, what is counted, and within what time it must begin."""

    name: str
    whose: Callable[[Incident], UUID | None]
    counted: Callable[[Incident], object]
    within: timedelta | None
    of_groups: bool


KINDS: Final = (
    Kind("store", lambda one: one.store_id, lambda one: one.subject, None, of_groups=False),
    Kind(
        "merchant", lambda one: one.merchant_id, lambda one: one.store_id, TOGETHER, of_groups=True
    ),
)


def group(book: Book, view: View) -> None:
    """Make groups where many are alike, and let those that are there take in what belongs to them;
    a group once made lives until the last one in it has ended, however few they become."""
    _orphans(book)
    for kind in KINDS:
        known = {(one.rule, one.subject): one for one in book.groups()}
        for (rule, whose), units in _alike(book, kind).items():
            there = known.get((rule, f"{GROUP}{kind.name}:{whose}"))
            if there is not None and there.is_on:
                book.put(_join(one, there) for one in units)
            elif _many(kind, units, book, view.now):
                made = _return(there, units, view) if there else _make(kind, units, view)
                book.put([made, *(_join(one, made.incident) for one in units)])


def _orphans(book: Book) -> None:
    """What came back after its group was forgotten stands for itself again."""
    book.put(
        Change(replace(one, parent_id=None), ())
        for one in book.live()
        if one.parent_id is not None and one.parent_id not in book.incidents
    )


def _alike(book: Book, kind: Kind) -> dict[tuple[str, UUID], list[Incident]]:
    found: dict[tuple[str, UUID], list[Incident]] = {}
    for one in book.incidents.values():
        fits = is_loud(one) and one.store_id is not None and (kind.of_groups or not one.is_group)
        whose = kind.whose(one)
        if fits and whose is not None:
            found.setdefault((one.rule, whose), []).append(one)
    return found


def _many(kind: Kind, units: Iterable[Incident], book: Book, now: datetime) -> bool:
    firing = [one for one in units if one.state is IncidentState.FIRING]
    if len({kind.counted(one) for one in firing}) < MANY:
        return False
    if kind.within is None:
        return True
    members = book.members()
    since = now - kind.within
    fresh = (one for one in firing if any(_began(x, since) for x in _self_and(one, members)))
    return len({kind.counted(one) for one in fresh}) >= MANY


def _self_and(one: Incident, members: dict[UUID, list[Incident]]) -> Iterator[Incident]:
    """The single incidents of a unit."""
    yield from leaves(one, members) if one.is_group else [one]


def _began(one: Incident, since: datetime) -> bool:
    return one.fired_at is not None and one.fired_at >= since


def _make(kind: Kind, units: list[Incident], view: View) -> Change:
    first, now = units[0], view.now
    new = Incident(
        id=view.watch.new_id(), rule=first.rule, subject=f"{GROUP}{kind.name}:{kind.whose(first)}",
        level=_worst(units), state=IncidentState.FIRING, value=first.value,
        facts={"group": kind.name}, seen_at=now, last_seen_at=now, merchant_id=first.merchant_id,
        store_id=None if kind.of_groups else first.store_id, fired_at=now, stepped_at=now,
    )  # fmt: skip
    return Change(shown(new), (happening("fired", new),))


def _return(there: Incident, units: list[Incident], view: View) -> Change:
    return again(there, _worst(units), view.now)


def _join(one: Incident, into: Incident) -> Change:
    joined = replace(one, parent_id=into.id)
    detail = {"incident": str(into.id), "group": into.facts["group"]}
    return Change(shown(joined), (Event("joined", "hub", detail),))


def _worst(units: Iterable[Incident]) -> Level:
    critical = any(one.level is Level.CRITICAL for one in units)
    return Level.CRITICAL if critical else Level.WARNING


def roll(book: Book, view: View) -> None:
    """Let every group be what those in it are: as bad as the worst, and over with the last."""
    members = book.members()
    for one in book.groups():
        on = leaves(one, members)
        if on:
            book.put([_as_they_are(one, on, view)])
        elif one.is_on:
            book.put([end(one, view.now)])


def _as_they_are(one: Incident, on: list[Incident], view: View) -> Change | None:
    rule, level = view.rules.get(one.rule), _worst(on)
    facts = group_facts(one.facts, on, below=rule is not None and rule.below)
    value = worst_value(on, below=rule is not None and rule.below)
    now = replace(one, facts=facts, value=value, last_seen_at=view.now)
    if not one.is_on:
        return again(now, level, view.now)
    if one.level is Level.WARNING and level is Level.CRITICAL:
        return roused(replace(now, level=level), "worsened", view.now)
    if one.state is IncidentState.ACKNOWLEDGED and (_grew(facts) or _renewed(one, on)):
        return roused(now, "grew", view.now)
    if face(facts) == face(one.facts):
        return Change(now, ())
    detail = {name: facts[name] for name in ("count", "critical", "stores_count")}
    return Change(replace(now, revision=now.revision + 1), (Event("members", "hub", detail),))


def _renewed(one: Incident, on: Iterable[Incident]) -> bool:
    """Whether all that somebody took with a group is over, and what is in it came afterwards."""
    taken = one.acknowledged_at
    return taken is not None and all(_began(each, taken) for each in on)


def _grew(facts: dict[str, object]) -> bool:
    """Whether a group has become news for whoever took it: twice as many, and MANY more."""
    then, count = facts.get("acknowledged"), facts["count"]
    if not isinstance(then, int) or not isinstance(count, int):
        return False
    return count >= max(2 * then, then + MANY)
