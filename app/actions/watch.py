"""Every minute: run the monitoring rules, keep incidents, and have people told once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import structlog

from app.db import health, incidents, rules, telegram, timeline
from app.db.conn import FAULTS, Conn
from app.db.timeline import Entry
from app.domain.incident import AGAIN, Change, Incident, IncidentState, Watch, review
from app.domain.rule import Rule, Sighting, Threshold
from app.hub import Hub
from app.identifiers import new_id
from app.log import where

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class _Look:
    """What one rule saw, how long it took, and the error when it saw nothing for that reason."""

    rule: Rule
    seen: Sequence[Sighting]
    ms: int
    error: str | None


async def watch(hub: Hub, known: Sequence[Rule], now: datetime | None = None) -> str:
    """Run every rule; one line on how it went. A rule that fails does not stop the others, and what
    is known of its problems stays as it is. `now`: the database's clock, unless a test moves it."""
    async with hub.pools.drains.acquire() as conn:
        moment = now or await health.clock(conn)
        own = await rules.thresholds(conn)
        looks = [await _look(conn, rule, moment, own) for rule in known]
        told = await _keep(conn, hub, looks, Watch(moment, own, new_id))
    failed = [look.rule.name for look in looks if look.error]
    return f"{len(known)} rules, {told} messages" + (
        f", failed: {', '.join(failed)}" * bool(failed)
    )


async def _look(conn: Conn, rule: Rule, now: datetime, own: Sequence[Threshold]) -> _Look:
    started = time.monotonic()
    seen, error = [], None
    try:
        seen = await rules.look(conn, rule, now, own)
    except FAULTS as fault:
        log.error("rule failed", rule=rule.name, where=where(fault))  # noqa: TRY400 - no values
        error = type(fault).__name__
    return _Look(rule, seen, round(1000 * (time.monotonic() - started)), error)


async def _keep(conn: Conn, hub: Hub, looks: Sequence[_Look], look: Watch) -> int:
    async with conn.transaction():
        await rules.ran(conn, look.now, [(x.rule.name, x.ms, len(x.seen), x.error) for x in looks])
        before = _by_rule(await incidents.known(conn, look.now - AGAIN))
        changes = [
            change
            for one in looks
            if one.error is None
            for change in review(one.rule, one.seen, before.get(one.rule.name, ()), look)
        ]
        return await _write(conn, hub, changes, look.now)


def _by_rule(known: Sequence[Incident]) -> dict[str, list[Incident]]:
    ordered = sorted(known, key=attrgetter("rule"))
    return {name: list(group) for name, group in groupby(ordered, attrgetter("rule"))}


async def _write(conn: Conn, hub: Hub, changes: Sequence[Change], now: datetime) -> int:
    written = await incidents.save(conn, now, changes)
    trace_id = new_id().hex
    told = [one for one in changes if one.events and one.incident.id in written]
    for change in told:
        await _note(conn, change, trace_id)
    new = [c.incident for c in told if c.incident.state is IncidentState.FIRING]
    asked = [(one, hub.rules[one.rule].topic, 0) for one in new if one.rule in hub.rules]
    found = await incidents.places(conn, asked)
    for one in {one.id: one for one in new}.values():
        if one.id not in {place.incident_id for place in found}:
            log.error("nobody to tell: neither store nor merchant has a chat", rule=one.rule)
    await telegram.post(conn, found)
    return await telegram.show(conn, [change.incident.id for change in told], trace_id)


async def _note(conn: Conn, change: Change, trace_id: str) -> None:
    one = change.incident
    log.info("incident", rule=one.rule, subject=one.subject, state=one.state)
    if one.order_id and one.store_id:
        facts = {"rule": one.rule, "level": one.level, "state": one.state}
        entry = Entry("alert", "hub", trace_id, facts)
        await timeline.add(conn, one.order_id, one.store_id, entry)
