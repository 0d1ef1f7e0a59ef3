"""Every minute: run the monitoring rules, keep incidents, and have people told once."""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from app.db import incidents, rules, telegram, timeline
from app.db.conn import FAULTS, Conn
from app.db.telegram import ChatMessage
from app.db.timeline import Entry
from app.domain.incident import Change, Incident, IncidentState, Rule, compare
from app.hub import Hub
from app.identifiers import new_id
from app.log import where
from app.render.telegram import incident_text

log = structlog.get_logger()


async def watch(hub: Hub, known: Sequence[Rule]) -> str:
    """Run every rule; one line on how it went. A rule that fails does not stop the others."""
    told, failed = 0, []
    for rule in known:
        try:
            told += await _one(hub, rule)
        except FAULTS as error:
            log.error("rule failed", rule=rule.name, where=where(error))  # noqa: TRY400 - no values
            failed.append(rule.name)
    return f"{len(known)} rules, {told} messages" + (
        f", failed: {', '.join(failed)}" * bool(failed)
    )


async def _one(hub: Hub, rule: Rule) -> int:
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        live = await incidents.live(conn, rule)
        seen = await rules.look(conn, rule)
        changes = compare(rule, seen, live)
        return sum([await _write(conn, hub, rule, change) for change in changes])


async def _write(conn: Conn, hub: Hub, rule: Rule, change: Change) -> bool:
    incident = await incidents.write(conn, rule, change)
    if incident is None or not change.tell:
        return False
    trace_id = new_id().hex
    log.info("incident", rule=rule.name, subject=incident.subject, state=incident.state)
    if incident.order_id and incident.store_id:
        facts = {"rule": rule.name, "level": incident.level, "state": incident.state}
        entry = Entry("alert", "hub", trace_id, facts)
        await timeline.add(conn, incident.order_id, incident.store_id, entry)
    await _tell(conn, hub, incident, trace_id)
    return True


async def _tell(conn: Conn, hub: Hub, incident: Incident, trace_id: str) -> None:
    if incident.chat_id is None:
        log.error("nobody to tell: neither store nor merchant has a chat", rule=incident.rule)
        return
    message = ChatMessage(
        chat_id=incident.chat_id,
        incident_id=incident.id,
        text=incident_text(incident, hub.language, hub.clock()),
        silent=incident.state is IncidentState.RESOLVED,
    )
    await telegram.add(conn, message, trace_id)
