"""Every minute: run the monitoring rules, keep incidents, and have people told once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from app.actions.announce import announce, place_again
from app.db import health, incidents, mutes, rules
from app.db.conn import FAULTS, Conn
from app.domain.book import View
from app.domain.incident import AGAIN, Watch
from app.domain.life import live_on, unwatched
from app.domain.rule import Rule, Sighting, Threshold
from app.hub import Hub
from app.identifiers import new_id
from app.log import where

log = structlog.get_logger()

#: After a longer time in which nobody watched, what comes back is another trouble.
LONGEST: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Look:
    """What one rule saw, how long it took, and the error when it saw nothing for that reason."""

    rule: Rule
    seen: Sequence[Sighting]
    ms: int
    error: str | None


async def watch(hub: Hub, known: Sequence[Rule], now: datetime | None = None) -> str:
    """Run every rule; one line on how it went. A rule that fails does not stop the others, and what
    is known of its problems stays as it is. `now`: the database's clock, unless a test moves it.

    A look at some of the rules judges only their incidents: of the others it knows nothing.
    What was seen is written in one transaction, unless somebody else has written what the same
    rules saw meanwhile: then theirs holds, and what we saw may be older."""
    async with hub.pools.drains.acquire() as conn:
        moment = now or await health.clock(conn)
        before = await rules.last(conn, known)
        own = await rules.thresholds(conn)
        looks = [await _look(conn, rule, moment, own, hub.rule_patience) for rule in known]
        async with conn.transaction():
            await rules.lock(conn)
            if before != await rules.last(conn, known):
                return "somebody else has looked meanwhile"
            told = await _keep(conn, hub, looks, Watch(moment, own, new_id))
    failed = [look.rule.name for look in looks if look.error]
    return f"{len(known)} rules, {told} messages" + (
        f", failed: {', '.join(failed)}" * bool(failed)
    )


async def _look(
    conn: Conn, rule: Rule, now: datetime, own: Sequence[Threshold], patience: int
) -> _Look:
    started = time.monotonic()
    seen, error = [], None
    try:
        seen = await rules.look(conn, rule, now, own, patience)
    except FAULTS as fault:
        log.error("rule failed", rule=rule.name, where=where(fault))  # noqa: TRY400 - no values
        error = type(fault).__name__
    return _Look(rule, seen, round(1000 * (time.monotonic() - started)), error)


async def _keep(conn: Conn, hub: Hub, looks: Sequence[_Look], look: Watch) -> int:
    """Decide and write, in the caller's transaction; how many messages are to be sent."""
    gap = unwatched(await rules.watched(conn, [one.rule for one in looks]), look.now)
    await rules.ran(conn, look.now, [(x.rule.name, x.ms, len(x.seen), x.error) for x in looks])
    known = await incidents.known(conn, look.now - AGAIN - min(gap, LONGEST))
    asked = {one.rule.name for one in looks}
    if not hub.rules.keys() <= asked:
        known = [one for one in known if one.rule in asked]
    view = View(
        look, {**hub.rules, **{one.rule.name: one.rule for one in looks}},
        tuple(await mutes.live(conn, look.now)), gap,
    )  # fmt: skip
    seen = {one.rule.name: one.seen for one in looks if one.error is None}
    changes = live_on(seen, known, view)
    told = await announce(conn, hub, changes, look.now)
    return told + await place_again(conn, hub, [one for one in known if one.is_on])
