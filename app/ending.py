"""How work side by side is brought to its end: waited for, and what is late is told to stop and
waited for as well, so that nothing is closed under it that it still uses."""

from __future__ import annotations

import asyncio
from collections.abc import Collection
from typing import Any, Final

#: Seconds in which what was cancelled puts down what it holds. Longer takes only a database that
#: does not answer, and that is not waited for.
UNWIND: Final = 5.0


async def ended(tasks: Collection[asyncio.Task[Any]], grace: float) -> None:
    """Wait so many seconds for tasks that know that they are to stop, then cancel the late ones and
    wait for those too."""
    if not tasks:
        return
    _, late = await asyncio.wait(tasks, timeout=grace)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late, timeout=UNWIND)


async def to_the_end(tasks: Collection[asyncio.Task[Any]]) -> None:
    """Wait for all of them, however long; who is told meanwhile to wait no longer leaves none
    behind."""
    if not tasks:
        return
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        raise
