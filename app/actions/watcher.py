"""Who watches the watcher: when the scheduler's look is late, a web worker says so."""

from __future__ import annotations

from typing import Final

from app.actions.alarm import alarm
from app.actions.tick import Duty, tick
from app.actions.watch import watch
from app.db import pulse
from app.hub import Hub

#: The one rule that must be seen when nobody runs the rules.
RULE: Final = "monitor_late"
#: Seconds since the last look after which a worker asks the rule; it says itself when it is bad.
LATE: Final = 90.0


async def look_after(hub: Hub) -> bool:
    """Ask once a minute, one worker of all; whether it was this one's turn."""
    return await tick(hub, WATCHER)


async def ask(hub: Hub) -> str:
    """Run the one rule when the monitor is late. Nobody sends to Telegram then: what is critical
    goes the second way."""
    async with hub.pools.drains.acquire() as conn:
        age = await pulse.monitor_age(conn)
    if age is not None and age < LATE:
        return "the monitor is on time"
    said = await watch(hub, [hub.rules[name] for name in (RULE,) if name in hub.rules])
    return f"{said}, {await alarm(hub)} letters"


WATCHER: Final = Duty("watcher", 60, 55, ask)
