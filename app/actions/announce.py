"""Write what became of incidents, and have people told: in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import structlog

from app.db import incidents, telegram
from app.db.conn import Conn
from app.domain.incident import Change, Incident
from app.hub import Hub
from app.identifiers import new_id

log = structlog.get_logger()


async def announce(conn: Conn, hub: Hub, changes: Sequence[Change], now: datetime) -> int:
    """Save changes with their history; tell of those that are told first, bring posts up to date.
    How many messages are to be sent. The caller holds the locks of those that existed before."""
    await incidents.save(conn, now, changes)
    trace_id = new_id().hex
    eventful = [change for change in changes if change.events]
    await incidents.note_orders(conn, eventful, trace_id)
    for change in eventful:
        one = change.incident
        log.info("incident", rule=one.rule, subject=one.subject, state=one.state)
    await _place(conn, hub, [one.incident for one in eventful if _happens(one, "told")])
    return await telegram.show(conn, [change.incident.id for change in eventful], trace_id)


def _happens(change: Change, kind: str) -> bool:
    return any(event.kind == kind for event in change.events)


async def _place(conn: Conn, hub: Hub, new: Sequence[Incident]) -> None:
    asked = [(one, hub.rules[one.rule].topic, 0) for one in new if one.rule in hub.rules]
    found = await incidents.places(conn, asked)
    placed = {place.incident_id for place in found}
    for one in new:
        if one.id not in placed:
            log.error("nobody to tell: neither store nor merchant has a chat", rule=one.rule)
    await telegram.post(conn, found)
