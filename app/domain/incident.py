"""Incidents: what rules see becomes a problem with a life. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.domain.rule import Level, Limits, Rule, Sighting, Threshold, level_of, limits_of, lingers

#: One that is over for less than this goes on when it comes back: it flaps, and is told once.
AGAIN: Final = timedelta(minutes=10)
#: What the subject of an incident begins with that others are told as part of.
GROUP: Final = "group:"


class IncidentState(StrEnum):
    """Where an incident stands."""

    PENDING = "pending"  #: seen, but not yet for as long as its rule asks
    FIRING = "firing"  #: people are to know
    ACKNOWLEDGED = "acknowledged"  #: somebody takes care
    RESOLVED = "resolved"  #: not seen any more


@dataclass(frozen=True, slots=True)
class Incident:
    """One problem. `parent_id`: the one incident it is told as part of; `silenced_by`: the incident
    that explains it; `stepped_at`: since when its escalation's clock runs, at `step`; `told_at`:
    None when nobody heard of it; `muted_*`: until when it is silent, who wanted that, and why;
    `seq`: what buttons are valid for; `revision`: what its posts should show."""

    id: UUID
    rule: str
    subject: str
    level: Level
    state: IncidentState
    value: float
    facts: Mapping[str, Any]
    seen_at: datetime
    last_seen_at: datetime
    merchant_id: UUID | None = None
    store_id: UUID | None = None
    account_id: UUID | None = None
    order_id: UUID | None = None
    fired_at: datetime | None = None
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    resolved_at: datetime | None = None
    parent_id: UUID | None = None
    silenced_by: UUID | None = None
    step: int = 0
    stepped_at: datetime | None = None
    returns: int = 0
    seq: int = 0
    revision: int = 0
    told_at: datetime | None = None
    muted_until: datetime | None = None
    muted_by: str | None = None
    muted_why: str | None = None

    @property
    def is_group(self) -> bool:
        """Whether it stands for several others."""
        return self.subject.startswith(GROUP)

    @property
    def is_on(self) -> bool:
        """Whether there is a problem that people are to know of."""
        return self.state in (IncidentState.FIRING, IncidentState.ACKNOWLEDGED)


@dataclass(frozen=True, slots=True)
class Event:
    """One line of an incident's history."""

    kind: str
    actor: str
    detail: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one incident: how it stands afterwards, and what its history says of it."""

    incident: Incident
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class Watch:
    """One look at everything: when, by which thresholds, and where new ids come from."""

    now: datetime
    own: Sequence[Threshold]
    new_id: Callable[[], UUID]


def review(
    rule: Rule, seen: Iterable[Sighting], known: Iterable[Incident], watch: Watch
) -> list[Change]:
    """What changes between what is known of a rule and what it sees now. `known`: its incidents
    that are on, and those that ended within AGAIN. An incident that only goes on has no events."""
    before = {incident.subject: incident for incident in known}
    changes = []
    for sighting in seen:
        incident = before.get(sighting.subject)
        limits = limits_of(rule, sighting, watch.own)
        change = _judge(rule, limits, sighting, incident, watch)
        if change is not None:
            changes.append(change)
            before.pop(sighting.subject, None)
    return changes + [
        _over(incident, watch.now)
        for incident in before.values()
        if incident.state is not IncidentState.RESOLVED
    ]


def _judge(
    rule: Rule, limits: Limits, seen: Sighting, incident: Incident | None, watch: Watch
) -> Change | None:
    level = level_of(rule, limits, seen)
    over = incident is None or incident.state is IncidentState.RESOLVED
    if level is None:
        if over or not lingers(rule, limits, seen):
            return None
        level = incident.level if incident else Level.WARNING
    if incident is None:
        return _begin(rule, limits, seen, level, watch)
    if over:
        return _again(_seen(incident, seen, watch.now), level, watch.now)
    return _on(_seen(incident, seen, watch.now), level, limits, watch.now)


def _begin(rule: Rule, limits: Limits, seen: Sighting, level: Level, watch: Watch) -> Change:
    now = watch.now
    incident = Incident(
        id=watch.new_id(), rule=rule.name, subject=seen.subject, level=level,
        state=IncidentState.PENDING, value=seen.value, facts=seen.facts,
        seen_at=now, last_seen_at=now, merchant_id=seen.merchant_id, store_id=seen.store_id,
        account_id=seen.account_id, order_id=seen.order_id,
    )  # fmt: skip
    if limits.hold > 0:
        return Change(incident, ())
    return _fire(incident, now)


def _fire(incident: Incident, now: datetime) -> Change:
    fired = replace(incident, state=IncidentState.FIRING, fired_at=now)
    return Change(shown(fired), (_event("fired", fired),))


def _again(incident: Incident, level: Level, now: datetime) -> Change:
    back = replace(
        incident, state=IncidentState.FIRING, level=level, resolved_at=None,
        acknowledged_at=None, acknowledged_by=None, returns=incident.returns + 1,
        fired_at=incident.fired_at or now, step=0, stepped_at=None,
    )  # fmt: skip
    return Change(shown(back), (_event("returned", back),))


def _on(incident: Incident, level: Level, limits: Limits, now: datetime) -> Change:
    if incident.state is IncidentState.PENDING:
        incident = replace(incident, level=level)
        lasted = (now - incident.seen_at).total_seconds() >= limits.hold
        return _fire(incident, now) if lasted else Change(incident, ())
    if incident.level is Level.WARNING and level is Level.CRITICAL:
        worse = replace(
            incident, level=level, state=IncidentState.FIRING, acknowledged_at=None,
            acknowledged_by=None, step=0, stepped_at=None,
        )  # fmt: skip
        return Change(shown(worse), (_event("worsened", worse),))
    return Change(incident, ())


def _over(incident: Incident, now: datetime) -> Change:
    over = replace(incident, state=IncidentState.RESOLVED, resolved_at=now)
    if incident.state is IncidentState.PENDING:  # nobody heard of it
        return Change(over, ())
    return Change(shown(over), (_event("resolved", over),))


def _seen(incident: Incident, seen: Sighting, now: datetime) -> Incident:
    return replace(incident, value=seen.value, facts=seen.facts, last_seen_at=now)


def shown(incident: Incident) -> Incident:
    """The incident with a new face: its posts must change, and buttons that were drawn before mean
    nothing any more."""
    return replace(incident, seq=incident.seq + 1, revision=incident.revision + 1)


def _event(kind: str, incident: Incident) -> Event:
    return Event(kind, "hub", {"level": str(incident.level), "value": incident.value})
