"""Every few seconds each process writes what only it knows: that it lives, how far the database and
its clock are, how full its disk is, how its webhooks were answered."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Final, TypeAlias

import structlog

from app.db import pulse
from app.db.conn import CONTENDED, FAULTS, within
from app.db.pulse import Signs
from app.ending import ended
from app.errors import HubError
from app.hub import Hub

log = structlog.get_logger()

Errand: TypeAlias = Callable[[Hub], Awaitable[Any]]
#: Seconds between beats: what a killed process may lose of its counts.
EVERY: Final = 15.0
#: Seconds a beat may take, an errand, and a goodbye.
PATIENCE: Final = 5.0
ERRAND: Final = 50.0
GRACE: Final = 2.0
#: What a beat may end with; the next one is tried all the same.
_TROUBLES: Final = (*FAULTS, *CONTENDED, HubError)


@asynccontextmanager
async def pulsing(
    hub: Hub, errand: Errand, every: float = EVERY, *, goodbye: float = GRACE
) -> AsyncIterator[None]:
    """Beat while the block lasts, and say goodbye, which may take so many seconds; `errand` is done
    every so many seconds.

    Nothing here can hold up or fail what the process is for; a pulse that dies of a bug is seen by
    monitoring as a silent process."""
    stopping = asyncio.Event()
    tasks = [
        asyncio.create_task(_run(hub, stopping, beat), name="pulse"),
        asyncio.create_task(
            _run(hub, stopping, errand, patience=ERRAND, every=every), name="errand"
        ),
    ]
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        stopping.set()
        await ended(tasks, GRACE)
        await _tried(hub, _goodbye(hub), goodbye)


async def _run(
    hub: Hub, stopping: asyncio.Event, errand: Errand, *,
    patience: float = PATIENCE, every: float = EVERY,
) -> None:  # fmt: skip
    while not stopping.is_set():
        await _tried(hub, _of(errand(hub)), patience)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopping.wait(), every * (0.9 + 0.2 * hub.spread()))


async def _of(work: Awaitable[Any]) -> None:
    await work


async def _tried(hub: Hub, work: Coroutine[Any, Any, None], patience: float) -> None:
    try:
        await within(patience, work)
    except _TROUBLES as error:
        log.warning("pulse out of reach", worker=hub.worker, error=repr(error)[:300])


async def beat(hub: Hub) -> None:
    """One beat. Counts that could not be written are kept for the next one."""
    free = await asyncio.to_thread(_free, hub.running.data) if hub.running.data else None
    async with hub.pools.drains.acquire() as conn:
        started, before = time.monotonic(), hub.clock()  # a pause between them is in the reach
        moment = await pulse.clock(conn)
        reach = time.monotonic() - started
        skew = (before - moment).total_seconds() + reach / 2
        await pulse.beat(conn, hub.worker, hub.running, Signs(1000 * reach, 1000 * skew, free))
    await _write_counts(hub)


async def _write_counts(hub: Hub) -> None:
    taken = hub.hooks.take()
    if not taken:
        return
    written = False
    try:
        async with hub.pools.drains.acquire() as conn:
            await pulse.hooks(conn, hub.worker, taken)
        written = True
    finally:
        if not written:
            hub.hooks.give_back(taken)


async def _goodbye(hub: Hub) -> None:
    await _write_counts(hub)
    async with hub.pools.drains.acquire() as conn:
        await pulse.goodbye(conn, hub.worker)


def _free(folder: Path) -> float | None:
    """Percent of room or of names that is left, whichever is less; None when nobody can tell."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return None
    shares = [
        100 * left / (left + used)
        for left, used in (
            (disk.f_bavail, disk.f_blocks - disk.f_bfree),
            (disk.f_favail, disk.f_files - disk.f_ffree),
        )
        if left + used > 0
    ]
    return min(shares, default=None)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.critical("pulse died", task=task.get_name(), exc_info=error)
