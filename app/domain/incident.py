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
_NONE: Final = timedelta()
_MOMENTS: Final = (
    "seen_at", "last_seen_at", "fired_at", "acknowledged_at", "stepped_at", "told_at"
)  # fmt: skip
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
    own = _by_store(rule, watch.own)
    changes = []
    for sighting in _worst(rule, seen):
        incident = before.get(sighting.subject)
        limits = limits_of(rule, sighting, (*own[None], *own.get(sighting.store_id, ())))
        change = _judge(rule, limits, sighting, incident, watch)
        if change is not None:
            changes.append(change)
            before.pop(sighting.subject, None)
    return changes + [
        end(incident, watch.now)
        for incident in before.values()
        if incident.state is not IncidentState.RESOLVED
    ]


def _by_store(rule: Rule, own: Iterable[Threshold]) -> dict[UUID | None, list[Threshold]]:
    """A rule's thresholds by the store they are for, None: any; a chain may have thousands."""
    found: dict[UUID | None, list[Threshold]] = {None: []}
    for one in own:
        if one.rule == rule.name:
            found.setdefault(one.store_id, []).append(one)
    return found


def _worst(rule: Rule, seen: Iterable[Sighting]) -> Iterable[Sighting]:
    """One sighting a subject, even of a rule that sees one twice."""
    ordered = sorted(seen, key=lambda one: one.value, reverse=rule.below)
    return {one.subject: one for one in ordered}.values()


def _judge(
    rule: Rule, limits: Limits, seen: Sighting, incident: Incident | None, watch: Watch
) -> Change | None:
    level = level_of(rule, limits, seen)
    if level is None and incident is not None and incident.is_on and lingers(rule, limits, seen):
        level = incident.level
    if level is None:
        return None
    if incident is None:
        return _begin(rule, limits, seen, level, watch)
    if incident.state is IncidentState.RESOLVED:
        return again(_seen(incident, seen, watch.now), level, watch.now)
    return _on(_seen(incident, seen, watch.now), level, limits, watch.now)


def settled(incident: Incident, now: datetime, unwatched: timedelta) -> Incident:
    """An incident as it stands at a look. Time in which nobody watched (we were away, or the clock
    was put forward) lets nothing ripen; and no moment lies ahead when the clock was put back, so
    that nothing lasts less than nothing."""
    moments = (getattr(incident, name) for name in _MOMENTS)
    if not unwatched and all(moment is None or moment <= now for moment in moments):
        return incident
    pending = incident.state is IncidentState.PENDING
    return replace(
        incident,
        seen_at=min(now, incident.seen_at + (unwatched if pending else _NONE)),
        last_seen_at=min(now, incident.last_seen_at),
        fired_at=_not_after(now, incident.fired_at),
        acknowledged_at=_not_after(now, incident.acknowledged_at),
        stepped_at=_not_after(now, incident.stepped_at, unwatched),
        told_at=_not_after(now, incident.told_at),
    )


def _not_after(now: datetime, moment: datetime | None, later: timedelta = _NONE) -> datetime | None:
    return None if moment is None else min(now, moment + later)


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
    fired = replace(incident, state=IncidentState.FIRING, fired_at=now, stepped_at=now)
    return Change(shown(fired), (happening("fired", fired),))


def again(incident: Incident, level: Level, now: datetime) -> Change:
    """It is there once more: the same incident goes on."""
    back = replace(
        incident, state=IncidentState.FIRING, level=level, resolved_at=None,
        acknowledged_at=None, acknowledged_by=None, returns=incident.returns + 1,
        fired_at=incident.fired_at or now, step=0, stepped_at=now,
    )  # fmt: skip
    return Change(shown(back), (happening("returned", back),))


def _on(incident: Incident, level: Level, limits: Limits, now: datetime) -> Change:
    if incident.state is IncidentState.PENDING:
        incident = replace(incident, level=level)
        lasted = (now - incident.seen_at).total_seconds() >= limits.hold
        return _fire(incident, now) if lasted else Change(incident, ())
    if incident.level is Level.WARNING and level is Level.CRITICAL:
        return roused(replace(incident, level=level), "worsened", now)
    return Change(incident, ())


def roused(incident: Incident, kind: str, now: datetime) -> Change:
    """It is news again, whoever took care of it: escalation begins anew."""
    worse = replace(
        incident, state=IncidentState.FIRING, acknowledged_at=None, acknowledged_by=None,
        step=0, stepped_at=now,
    )  # fmt: skip
    return Change(shown(worse), (happening(kind, worse),))


def end(incident: Incident, now: datetime) -> Change:
    """It is over."""
    over = replace(incident, state=IncidentState.RESOLVED, resolved_at=now)
    if incident.state is IncidentState.PENDING:  # nobody heard of it
        return Change(over, ())
    return Change(shown(over), (happening("resolved", over),))


def _seen(incident: Incident, seen: Sighting, now: datetime) -> Incident:
    return replace(incident, value=seen.value, facts=seen.facts, last_seen_at=now)


def shown(incident: Incident) -> Incident:
    """The incident with a new face: its posts must change, and buttons that were drawn before mean
    nothing any more."""
    return replace(incident, seq=incident.seq + 1, revision=incident.revision + 1)


def happening(kind: str, incident: Incident) -> Event:
    """One of the hub's own lines in the history of an incident."""
    return Event(kind, "hub", {"level": str(incident.level), "value": incident.value})
