"""Who is told of an incident by itself, and when for the first time. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from app.domain.incident import Change, Event, Incident, IncidentState


def is_loud(incident: Incident) -> bool:
    """Whether nothing keeps an incident from being told by itself."""
    quiet = (incident.parent_id, incident.silenced_by, incident.muted_until)
    return incident.is_on and quiet == (None, None, None)


def tell(change: Change, now: datetime) -> Change:
    """The change, with the first telling in it when the incident is to be told now."""
    one = change.incident
    if one.told_at is not None or not is_loud(one) or one.state is not IncidentState.FIRING:
        return change
    told = replace(one, told_at=now, step=0, stepped_at=now)
    return Change(told, (*change.events, Event("told", "hub")))
