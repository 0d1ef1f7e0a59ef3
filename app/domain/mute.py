"""Mutes: silence that somebody asked for, with an end, a reason and an owner. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from app.domain.incident import Change, Event, Incident, shown
from app.domain.rule import Level

_RANK: Final = {Level.WARNING: 0, Level.CRITICAL: 1}


@dataclass(frozen=True, slots=True)
class Muting:
    """What somebody asks for: silence for so many minutes, and why."""

    minutes: int
    reason: str


@dataclass(frozen=True, slots=True)
class Mute:
    """What is silent until when: of a rule, whatever fits all that is said. `level`: the worst it
    holds for, so that a mute put on a warning ends when it becomes critical: nobody chose to miss
    that."""

    id: UUID
    rule: str
    reason: str
    owner: str
    created_at: datetime
    until: datetime
    subject: str | None = None
    merchant_id: UUID | None = None
    store_id: UUID | None = None
    account_id: UUID | None = None
    level: Level = Level.CRITICAL
    ended_at: datetime | None = None
    ended_by: str | None = None

    def covers(self, incident: Incident) -> bool:
        """Whether an incident is among what is silent."""
        return (
            self.rule == incident.rule
            and _RANK[incident.level] <= _RANK[self.level]
            and self.subject in (None, incident.subject)
            and self.merchant_id in (None, incident.merchant_id)
            and self.store_id in (None, incident.store_id)
            and self.account_id in (None, incident.account_id)
        )

    def holds(self, now: datetime) -> bool:
        """Whether it has not ended yet."""
        return self.ended_at is None and self.until > now


def ends(muting: Muting, most: int, now: datetime) -> datetime:
    """When a mute ends: at least in a minute, and not later than its rule allows (in minutes)."""
    return now + timedelta(minutes=max(1, min(muting.minutes, most)))


def scope(incident: Incident) -> dict[str, Any]:
    """What a mute of this incident is of: itself; of a group, its rule in the whole store or
    merchant, as what comes later would be told as part of it too. It names the store either way:
    that says whose business its end is."""
    where = {"merchant_id": incident.merchant_id, "store_id": incident.store_id}
    return where if incident.is_group else {**where, "subject": incident.subject}


def longest(incident: Incident, mutes: Iterable[Mute], now: datetime) -> Mute | None:
    """The mute that keeps an incident silent for the longest, if any does."""
    holding = [mute for mute in mutes if mute.holds(now) and mute.covers(incident)]
    return max(holding, key=lambda mute: (mute.until, mute.id), default=None)


def obey(incident: Incident, mute: Mute | None, now: datetime, actor: str) -> Change | None:
    """What a mute, or that there is none, makes of an incident that is on; None: nothing. When a
    mute ends and the trouble is still there, people hear of it again and escalation begins anew."""
    if mute is None:
        return _heard(incident, actor, now) if incident.muted_until else None
    if (mute.until, mute.owner) == (incident.muted_until, incident.muted_by):
        return None
    silent = replace(
        incident, muted_until=mute.until, muted_by=mute.owner, muted_why=mute.reason
    )  # fmt: skip
    detail = {"until": mute.until.isoformat(), "reason": mute.reason, "mute": str(mute.id)}
    return Change(shown(silent), (Event("muted", mute.owner, detail),))


def _heard(incident: Incident, actor: str, now: datetime) -> Change:
    loud = replace(
        incident, muted_until=None, muted_by=None, muted_why=None, step=0, stepped_at=now
    )
    return Change(shown(loud), (Event("unmuted", actor),))


def cut(mute: Mute, most: datetime) -> Mute:
    """The mute, over by then at the latest."""
    return replace(mute, until=min(mute.until, most))
