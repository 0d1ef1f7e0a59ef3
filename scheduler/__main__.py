"""python -m scheduler: run every duty until SIGTERM. Its own process, never inside a web worker."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Final

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger

from app import log
from app.actions.expiries import note_expiries
from app.actions.pulse import pulsing
from app.actions.tick import Duty, tick
from app.db.conn import AWAY, CONTENDED
from app.db.rules import rules_of
from app.erp.ways import erp_ways
from app.errors import SettingsInvalid
from app.hub import Hub
from app.render.aside import InsidePress
from app.render.press import typeset
from app.settings import Settings
from app.telegram.sender import sender
from app.wiring import open_hub
from scheduler.alive import alive
from scheduler.carrying import carrying
from scheduler.jobs import MONITORING, duties
from scheduler.listening import listening
from scheduler.proof import proven

logger = structlog.get_logger()

#: One run at a time, missed ticks become one late run. (The library's own grace is one second.)
DEFAULTS: Final = {"coalesce": True, "max_instances": 1, "misfire_grace_time": None}
#: A duty is looked at this often or more: a tick that failed, or whose runner died, is soon found.
LOOK: Final = 30.0
#: Seconds between looks at what ends on a known day.
EXPIRIES: Final = 300.0
#: Duties fall due on whole multiples of their period, so every scheduler names the same ticks.
EPOCH: Final = datetime(2020, 1, 1, tzinfo=UTC)


async def run(settings: Settings) -> None:
    """Start the calendar, wait for the signal, stop in order."""
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    rules = rules_of(settings.rules)
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(alive(settings.data))
        token, api = settings.telegram_token, settings.telegram_api
        chat = await stack.enter_async_context(sender(token, api)) if token else None
        erp = await stack.enter_async_context(erp_ways())
        opening = open_hub(settings, "scheduler", chat, InsidePress(typeset), erp)
        hub = await stack.enter_async_context(opening)
        await stack.enter_async_context(pulsing(hub, note_expiries, EXPIRIES))
        await stack.enter_async_context(listening(hub, settings))
        await stack.enter_async_context(carrying(hub))
        calendar = AsyncIOScheduler(job_defaults=DEFAULTS, timezone=UTC)
        table = {duty.name: duty for duty in duties(rules, settings.documents_every)}
        monitoring = table.pop(MONITORING)
        for duty in table.values():
            _add(calendar, hub, duty)
        calendar.start()
        stack.callback(calendar.shutdown)
        logger.info("scheduler started", rules=[rule.name for rule in rules])
        if await proven(hub, rules, stop):
            _add(calendar, hub, monitoring)
            await stop.wait()


def _add(calendar: AsyncIOScheduler, hub: Hub, duty: Duty) -> None:
    every = IntervalTrigger(seconds=min(duty.every, LOOK), start_date=EPOCH, timezone=UTC)
    calendar.add_job(look, every, [hub, duty], id=duty.name, next_run_time=datetime.now(UTC))


async def look(hub: Hub, duty: Duty) -> None:
    """Run a duty if its tick is due; a database that is away makes it late, not lost."""
    try:
        await tick(hub, duty)
    except (*AWAY, *CONTENDED) as error:
        logger.warning("tick out of reach", job=duty.name, error=repr(error)[:300])


def main() -> int:
    """The process; 1 and one line per mistake when it cannot start."""
    log.configure("scheduler")
    try:
        settings = Settings.from_env(os.environ)
        asyncio.run(run(settings))
    except SettingsInvalid as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
