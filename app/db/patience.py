"""How long a process waits for a database, by its own waking time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

#: A patience is spent in so many parts, one after the other. A process that stood still (a machine
#: that was paused, or kept from its processor) finds one of them over and not all: whoever it asked
#: stood still as well, or has answered long since, and deserves what is left.
PARTS: Final = 10


@asynccontextmanager
async def awake(seconds: float) -> AsyncIterator[None]:
    """TimeoutError when the block takes longer, not counting time in which this process stood
    still."""
    loop = asyncio.get_running_loop()
    parts: list[asyncio.TimerHandle] = []

    def begin(left: int) -> None:
        parts[:] = [loop.call_later(seconds / PARTS, passed, left - 1)]

    def passed(left: int) -> None:
        if left:
            begin(left)
        else:
            timeout.reschedule(loop.time())

    async with asyncio.timeout(None) as timeout:
        begin(PARTS)
        try:
            yield
        finally:
            parts[0].cancel()
