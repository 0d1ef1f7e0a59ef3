"""The life of all incidents from one look to the next, decided in one place. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from app.domain.book import Book, View, leaves
from app.domain.grouping import group, roll
from app.domain.incident import Change, Event, Incident, end, review, settled
from app.domain.ladder import climb
from app.domain.mute import Mute, longest, obey
from app.domain.room import judged
from app.domain.rule import Sighting
from app.domain.silence import silence
from app.domain.telling import tell

#: Looks are this far apart; when one is this late, nobody watched meanwhile.
EVERY: Final = timedelta(minutes=1)
LATE: Final = timedelta(minutes=3)


def unwatched(last: datetime | None, now: datetime) -> timedelta:
    """For how long before this look nobody watched: we were away, or the clock was put forward."""
    gap = timedelta() if last is None else now - last
    return gap - EVERY if gap > LATE else timedelta()


def live_on(
    seen: Mapping[str, Sequence[Sighting]], known: Iterable[Incident], view: View
) -> list[Change]:
    """What becomes of everything. `seen`: by rule, of those that could be run; a rule that is not
    there leaves its incidents as they are, unless there is no such rule any more. `known`: what is
    on, and what ended within AGAIN."""
    book = Book(_newest(known), lambda one: settled(one, view.now, view.unwatched))
    _look(book, seen, view)
    silence(book, view)
    hush(book, view)
    group(book, view)
    roll(book, view)
    hush_groups(book, view)
    _tell(book, view.now)
    climb(book, view)
    return book.changes()


def _newest(known: Iterable[Incident]) -> Iterable[Incident]:
    """Of several of one subject the last, or the one that is on: when the clock was put back, more
    of what is over is known, and two must not come back as one."""
    ordered = sorted(known, key=lambda one: (one.resolved_at is None, one.id))
    return {(one.rule, one.subject): one for one in ordered}.values()


def _look(book: Book, seen: Mapping[str, Sequence[Sighting]], view: View) -> None:
    by_rule: dict[str, list[Incident]] = {}
    for one in book.incidents.values():
        if not one.is_group:
            by_rule.setdefault(one.rule, []).append(one)
    for name, sightings in seen.items():
        rule = view.rules[name]
        known = judged(rule, by_rule.get(name, ()), sightings)
        book.put(review(rule, sightings, known, view.watch))
    for name in by_rule.keys() - view.rules.keys():
        book.put(_without_rule(one, view.now) for one in by_rule[name])


def _without_rule(one: Incident, now: datetime) -> Change | None:
    """A rule that was taken away knows of no trouble."""
    if one.resolved_at is not None:
        return None
    over = end(one, now)
    told = tuple(replace(event, detail={"why": "no such rule"}) for event in over.events)
    return Change(over.incident, told)


def hushed(live: Iterable[Incident], view: View, actor: str) -> list[Change]:
    """What becomes of incidents when somebody has just silenced something, or ended that."""
    book = Book(live)
    hush(book, view, actor)
    hush_groups(book, view, actor)
    _tell(book, view.now)
    return book.changes()


def hush(book: Book, view: View, actor: str = "hub") -> None:
    """Single incidents are silent as long as a mute that covers them holds."""
    by_rule: dict[str, list[Mute]] = {}
    for mute in view.mutes:
        by_rule.setdefault(mute.rule, []).append(mute)
    for one in book.live():
        if one.muted_until or one.rule in by_rule:
            covering = longest(one, by_rule.get(one.rule, ()), view.now)
            book.put([obey(one, covering, view.now, actor)])


def hush_groups(book: Book, view: View, actor: str = "hub") -> None:
    """Groups are silent under a mute of their own, or when everything in them is silent."""
    members = book.members()
    for one in book.groups():
        if one.is_on:
            on = leaves(one, members)
            mute = longest(one, view.mutes, view.now) or _everybodys(on, view)
            book.put([obey(one, mute, view.now, actor)])
            book.put([_explained(book.incidents[one.id], on, view.now)])


def _quiet(one: Incident) -> bool:
    return one.silenced_by is not None or one.muted_until is not None


def _everybodys(on: Iterable[Incident], view: View) -> Mute | None:
    """The first mute to end, when nobody among these is loud and somebody is muted."""
    if not all(map(_quiet, on)):
        return None
    mutes = (longest(one, view.mutes, view.now) for one in on)
    return min((mute for mute in mutes if mute), key=lambda mute: mute.until, default=None)


def _explained(one: Incident, on: Sequence[Incident], now: datetime) -> Change | None:
    """A group is explained when everything in it is."""
    explained = bool(on) and all(map(_quiet, on))
    why: UUID | None = next((x.silenced_by for x in on if x.silenced_by), None)
    by = why if explained else None
    if (by is None) == (one.silenced_by is None):
        return None
    kind = "silenced" if by else "unsilenced"
    return Change(replace(one, silenced_by=by, step=0, stepped_at=now), (Event(kind, "hub"),))


def _tell(book: Book, now: datetime) -> None:
    untold = [one for one in book.incidents.values() if one.is_on and one.told_at is None]
    book.put([tell(Change(one, ()), now) for one in untold])
