"""Incidents: what a rule saw becomes a problem with a life. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


class IncidentState(StrEnum):
    """Where an incident stands."""

    PENDING = "pending"  #: seen, but not yet for as long as its rule asks
    FIRING = "firing"  #: people have been told
    ACKNOWLEDGED = "acknowledged"  #: somebody takes care
    RESOLVED = "resolved"  #: not seen any more


@dataclass(frozen=True, slots=True)
class Rule:
    """One monitoring rule: its query, and its thresholds; `hold` in seconds."""

    name: str
    level: str
    minutes: int
    hold: float
    sql: str


@dataclass(frozen=True, slots=True)
class Sighting:
    """One problem as a rule's query found it just now."""

    subject: str
    merchant_id: UUID
    store_id: UUID | None
    account_id: UUID | None
    order_id: UUID | None
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Incident:
    """A live incident; `age` is seconds since it was first seen."""

    id: UUID
    rule: str
    subject: str
    level: str
    state: IncidentState
    facts: Mapping[str, Any]
    age: float
    chat_id: int | None
    fired_at: datetime | None
    resolved_at: datetime | None = None
    order_id: UUID | None = None
    store_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes of one incident: opened (no incident yet), going on, or resolved."""

    sighting: Sighting | None
    incident: Incident | None
    state: IncidentState
    tell: bool


def compare(rule: Rule, seen: Sequence[Sighting], live: Iterable[Incident]) -> list[Change]:
    """What changes between the rule's live incidents and what it sees now."""
    known = {incident.subject: incident for incident in live}
    changes = [_seen(rule, sighting, known.pop(sighting.subject, None)) for sighting in seen]
    return changes + [_gone(incident) for incident in known.values()]


def _seen(rule: Rule, sighting: Sighting, incident: Incident | None) -> Change:
    if incident is None:
        state = IncidentState.PENDING if rule.hold > 0 else IncidentState.FIRING
        return Change(sighting, None, state, tell=state is IncidentState.FIRING)
    if incident.state is IncidentState.PENDING and incident.age >= rule.hold:
        return Change(sighting, incident, IncidentState.FIRING, tell=True)
    return Change(sighting, incident, incident.state, tell=False)


def _gone(incident: Incident) -> Change:
    """People are told of an end only when they were told of a beginning."""
    told = incident.state is not IncidentState.PENDING
    return Change(None, incident, IncidentState.RESOLVED, tell=told)
