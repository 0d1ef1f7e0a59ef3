"""python -m scheduler: run every duty until SIGTERM. Its own process, never inside a web worker."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack
from typing import Final

import structlog

from app import log
from app.actions.expiries import note_expiries
from app.actions.pulse import pulsing
from app.db.rules import rules_of
from app.erp.ways import erp_ways
from app.errors import SettingsInvalid
from app.render.aside import InsidePress
from app.render.press import typeset
from app.settings import Settings
from app.telegram.sender import sender
from app.wiring import open_hub
from scheduler.alive import alive
from scheduler.calendar import calendar
from scheduler.carrying import carrying
from scheduler.jobs import MONITORING, duties
from scheduler.listening import listening
from scheduler.proof import proven

logger = structlog.get_logger()

#: Seconds between looks at what ends on a known day.
EXPIRIES: Final = 300.0


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
        running = await stack.enter_async_context(calendar(hub, stop))
        table = {duty.name: duty for duty in duties(rules, settings.documents_every, stop)}
        monitoring = table.pop(MONITORING)
        for duty in table.values():
            running.add(duty)
        logger.info("scheduler started", rules=[rule.name for rule in rules])
        if await proven(hub, rules, stop):
            running.add(monitoring)
            await stop.wait()


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
