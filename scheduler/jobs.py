"""Everything that happens on a clock, as one table."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final

from app.actions.accounts import sweep
from app.actions.alarm import alarm
from app.actions.answers import expire
from app.actions.count import count
from app.actions.digest import digest
from app.actions.issue import issue
from app.actions.reconcile import reconcile
from app.actions.replays import work as replay_batches
from app.actions.sample_gates import sample_gates
from app.actions.settle import settle
from app.actions.store_pace import pace
from app.actions.tell import keep_speaking
from app.actions.tick import Duty
from app.actions.watch import watch
from app.db import queue
from app.db.prune import prune
from app.domain.rule import Rule
from app.hub import Hub

#: The duty that begins only when its rules are proven.
MONITORING: Final = "monitoring"


def duties(
    rules: Sequence[Rule], documents_every: float, stopping: asyncio.Event
) -> tuple[Duty, ...]:
    """The calendar. Seconds between due times; a lease longer than the duty ever takes. `stopping`:
    what lasts by design ends with what it has in hand."""

    async def drain_telegram(hub: Hub) -> str:
        """Send what is due, falls due or is queued before the next run."""
        return f"{await keep_speaking(hub, stopping, 9.0)} messages"

    async def watch_rules(hub: Hub) -> str:
        return await watch(hub, rules)

    return (
        Duty(MONITORING, 60, 55, watch_rules),
        Duty("facts", 60, 120, count),
        Duty("answers", 10, 60, decide_unanswered),
        Duty("sales-documents", documents_every, 600, issue_documents),
        Duty("settlements", 300, 600, settle_reports),
        Duty("telegram", 10, 120, drain_telegram),
        Duty("second-way", 60, 90, send_alarms),
        Duty("digests", 60, 300, tell_days),
        Duty("replays", 10, 60, replay_more),
        Duty("accounts", 60, 60, sweep_removed),
        Duty("gates", 5, 30, judge_gates),
        Duty("reconciliation", 10, 180, find_what_is_missing),
        Duty("retention", 3600, 600, forget),
        Duty("store-pace", 3600, 120, pace),
    )


async def decide_unanswered(hub: Hub) -> str:
    """Replacements whose customers did not answer in time."""
    return f"{await expire(hub)} decided"


async def issue_documents(hub: Hub) -> str:
    """Sales documents for everything delivered."""
    return f"{await issue(hub)} documents"


async def settle_reports(hub: Hub) -> str:
    """Marketplaces' reports looked at anew; documents of commission."""
    return f"{await settle(hub)} documents of commission"


async def send_alarms(hub: Hub) -> str:
    """What is critical and in no chat, by e-mail or webhook."""
    return f"{await alarm(hub)} letters"


async def tell_days(hub: Hub) -> str:
    """What each store's day came to, when it is over."""
    return f"{await digest(hub)} digests"


async def replay_more(hub: Hub) -> str:
    """What people asked to be done again, a batch at a time."""
    return f"{await replay_batches(hub)} replayed"


async def sweep_removed(hub: Hub) -> str:
    """What came after all for accounts, ERPs and own systems that are removed is buried; secrets
    that ended are emptied."""
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        buried = await sweep(conn)
        dropped = await queue.drop_removed(conn)
    return f"{buried.deliveries + buried.messages + dropped} buried"


async def judge_gates(hub: Hub) -> str:
    """Which marketplaces are called, by what calls to them came to."""
    return f"{await sample_gates(hub)} changed"


async def find_what_is_missing(hub: Hub) -> str:
    """What marketplaces list, compared with what we have: accounts whose turn it is."""
    return await reconcile(hub)


async def forget(hub: Hub) -> str:
    """Delete what retention allows."""
    async with hub.pools.drains.acquire() as conn:
        gone = await prune(conn)
    return ", ".join(f"{count} {name}" for name, count in gone.items())
