"""A little world for incidents: rules, sightings, and looks that go on from one another."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from app.domain.book import View
from app.domain.incident import AGAIN, Change, Incident, Watch
from app.domain.life import live_on, unwatched
from app.domain.mute import Mute
from app.domain.rule import Limits, Rule, Sighting, Threshold

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
MERCHANT = UUID(int=1)
STORES = [UUID(int=100 + at) for at in range(20)]
ACCOUNT = UUID(int=50)


def rule(name: str = "noise", *, silenced_by: tuple[str, ...] = (), below=False, **limits) -> Rule:
    """A warning from 5 on, critical from 10 on, clear below 3."""
    given = Limits(**{"warn": 5, "critical": 10, "clear": 3, **limits})
    texts = {"ru": ("беда",), "en": ("trouble",)}
    return Rule(name, "line", "orders", "count", below, given, 60, silenced_by, texts, "")


def sighting(subject: str = "t1", value: float = 12, store: UUID | None = None, **more) -> Sighting:
    given = {"merchant_id": MERCHANT, "facts": {"store": str(store)}, **more}
    return Sighting(subject, value, None, 12, store_id=store, **given)


@dataclass
class World:
    """Looks one after the other; `tell` gives what happened to a subject in the last one."""

    rules: tuple[Rule, ...] = (rule(),)
    now: datetime = NOON
    mutes: tuple[Mute, ...] = ()
    own: tuple[Threshold, ...] = ()
    incidents: dict[UUID, Incident] = field(default_factory=dict)
    last: datetime | None = None
    changes: list[Change] = field(default_factory=list)
    ids: int = 1000

    def new_id(self) -> UUID:
        self.ids += 1
        return UUID(int=self.ids)

    def look(self, *seen: Sighting, minutes: float = 1, failed=(), **by_rule) -> World:
        """One look, and the clock goes on afterwards."""
        names = [one.name for one in self.rules]
        sights = {name: by_rule.get(name, ()) for name in names if name not in failed}
        if seen:
            sights[names[0]] = seen
        gap = unwatched(self.last, self.now)
        known = [
            one for one in self.incidents.values()
            if one.resolved_at is None
            or (one.fired_at and one.resolved_at > self.now - AGAIN - gap)
        ]  # fmt: skip
        watch = Watch(self.now, self.own, self.new_id)
        view = View(watch, {one.name: one for one in self.rules}, self.mutes, gap)
        self.changes = live_on(sights, known, view)
        self.incidents |= {change.incident.id: change.incident for change in self.changes}
        self.last = self.now
        self.now += timedelta(minutes=minutes)
        return self

    def one(self, subject: str = "t1", rule: str | None = None) -> Incident:
        """The newest incident of a subject."""
        found = [
            one for one in self.incidents.values()
            if one.subject == subject and rule in (None, one.rule)
        ]  # fmt: skip
        return max(found, key=lambda one: one.id)

    def put(self, incident: Incident) -> None:
        self.incidents[incident.id] = incident

    def happened(self, subject: str = "t1") -> list[str]:
        """What happened to a subject in the last look."""
        return [
            event.kind
            for change in self.changes
            if change.incident.subject == subject
            for event in change.events
        ]

    def told(self) -> list[str]:
        """Subjects that were told for the first time in the last look."""
        return [
            change.incident.subject
            for change in self.changes
            if any(event.kind == "told" for event in change.events)
        ]
