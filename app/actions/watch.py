"""Every minute: run the monitoring rules, keep incidents, and have people told once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from operator import attrgetter

import structlog

from app.actions.announce import announce
from app.db import health, incidents, rules
from app.db.conn import FAULTS, Conn
from app.domain.incident import AGAIN, Incident, Watch, review
from app.domain.rule import Rule, Sighting, Threshold
from app.domain.telling import tell
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
            tell(change, look.now)
            for one in looks
            if one.error is None
            for change in review(one.rule, one.seen, before.get(one.rule.name, ()), look)
        ]
        return await announce(conn, hub, changes, look.now)


def _by_rule(known: Sequence[Incident]) -> dict[str, list[Incident]]:
    ordered = sorted(known, key=attrgetter("rule"))
    return {name: list(group) for name, group in groupby(ordered, attrgetter("rule"))}
