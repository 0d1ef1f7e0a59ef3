"""What people do to an incident: take care of it, or not any more. Pure."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from enum import StrEnum

from app.domain.incident import Change, Event, Incident, IncidentState, shown


class Pressed(StrEnum):
    """What came of it."""

    DONE = "done"
    ALREADY = "already"  #: it was so before
    STALE = "stale"  #: the incident has changed since the button was drawn
    OVER = "over"  #: it is resolved
    UNKNOWN = "unknown"  #: there is none that people know of


def refusal(incident: Incident | None, seq: int | None) -> Pressed | None:
    """Why nothing may be done to an incident, None when something may. `seq`: what the button was
    drawn for, None when there was no button."""
    if incident is None or incident.state is IncidentState.PENDING:
        return Pressed.UNKNOWN
    if incident.state is IncidentState.RESOLVED:
        return Pressed.OVER
    return Pressed.STALE if seq not in (None, incident.seq) else None


def acknowledge(incident: Incident, actor: str, now: datetime) -> Change | None:
    """Somebody takes care: escalation stops, watching does not. None: somebody does already. A
    group remembers how many it was for, as one that grows much larger is news again."""
    if incident.state is IncidentState.ACKNOWLEDGED:
        return None
    facts = dict(incident.facts)
    if incident.is_group:
        facts["acknowledged"] = facts.get("count", 0)
    taken = replace(
        incident, state=IncidentState.ACKNOWLEDGED, acknowledged_at=now, acknowledged_by=actor,
        facts=facts,
    )  # fmt: skip
    return Change(shown(taken), (Event("acknowledged", actor),))


def unacknowledge(incident: Incident, actor: str, now: datetime) -> Change | None:
    """Nobody takes care any more: escalation begins anew. None: nobody did."""
    if incident.state is not IncidentState.ACKNOWLEDGED:
        return None
    left = replace(
        incident, state=IncidentState.FIRING, acknowledged_at=None, acknowledged_by=None,
        step=0, stepped_at=now,
    )  # fmt: skip
    return Change(shown(left), (Event("unacknowledged", actor),))
