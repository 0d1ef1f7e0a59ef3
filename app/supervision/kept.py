"""One child kept alive: brought up, watched, started again when it dies, taken down."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.supervision import readiness
from app.supervision.child import Child, Process
from app.supervision.journal import Journal
from app.supervision.refusal import CannotStart

#: Seconds to wait before each start in a row of quick deaths; the last one repeats.
PAUSES: Final = (0.0, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0)
#: Who has lived this long (seconds) has not died quickly.
LIVED: Final = 30.0
#: Quick deaths forgiven while a child is brought up for the first time: a killed PostgreSQL's
#: memory, a killed nginx's port are in use for a moment longer.
FORGIVEN: Final = 3


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What every child shares: its environment, the logs, the lock, and how to tell a person."""

    env: Mapping[str, str]
    journal: Journal
    lock: int
    say: Callable[..., None]


class Kept:
    """Owns the process of one child; nobody else starts or ends it."""

    def __init__(self, child: Child, around: Surroundings) -> None:
        self.child = child
        self._around = around
        self._process: Process | None = None
        self._watch: asyncio.Task[None] | None = None
        self._deaths = 0
        self._planned = False
        self._up = asyncio.Event()

    async def up(self) -> None:
        """Start it and wait until it is ready; raises CannotStart with its last words."""
        self._spawn()
        if self.child.step:
            return await self._finish()
        self._watch = asyncio.create_task(self._keep())
        return await self._ready()

    async def again(self) -> None:
        """Restart it as planned: no new requests, end, start, ready. Raises CannotStart."""
        if self.child.socket is not None:
            await _close_door(self.child.socket, self.child.stop_within)
        self._planned = True
        self._up.clear()
        assert self._process is not None
        await self._process.stop()
        await self._ready()

    async def down(self) -> None:
        """End it, and stop watching."""
        try:
            if self._watch is not None:
                self._watch.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await self._watch
        finally:
            if self._process is not None:
                await self._process.stop()

    async def _keep(self) -> None:
        while True:
            await self._run_once()
            if not self._planned:
                await self._pause()
            self._planned = False
            await self._spawn_anew()

    async def _spawn_anew(self) -> None:
        """A machine without room or processes has them again one day."""
        while True:
            try:
                return self._spawn()
            except OSError as error:
                self._around.say("problem", name=self.child.name, event=str(error))
                await self._pause()

    async def _run_once(self) -> None:
        """Watch one life of the process, from its start to its end."""
        process = self._process
        assert process is not None
        born = asyncio.get_running_loop().time()
        ready = asyncio.create_task(self._wait_ready(process))
        try:
            code = await process.ended()
        finally:
            ready.cancel()
        self._up.clear()
        if asyncio.get_running_loop().time() - born > LIVED:
            self._deaths = 0
        if not self._planned:
            self._tell_death(code)

    async def _wait_ready(self, process: Process) -> None:
        is_ready = await self.child.ready()
        while not is_ready:
            await asyncio.sleep(0.05)
            is_ready = await self.child.ready()
        if self._deaths and process.code is None:
            self._around.say("back", name=self.child.name)
        self._up.set()

    async def _pause(self) -> None:
        pause = PAUSES[min(self._deaths, len(PAUSES) - 1)]
        self._deaths += 1
        if pause >= 2:
            self._around.say("slowed", name=self.child.name, seconds=f"{pause:.0f}")
        await asyncio.sleep(pause)

    async def _finish(self) -> None:
        assert self._process is not None
        if await self._process.ended():
            raise CannotStart(self._last_words())

    async def _ready(self) -> None:
        """Wait until it is ready, within its own time and the forgiven deaths."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.child.ready_within):
                while self._deaths <= FORGIVEN:
                    if self._up.is_set():
                        return
                    await asyncio.sleep(0.02)
        raise CannotStart(self._last_words())

    def _tell_death(self, code: int) -> None:
        name, around = self.child.name, self._around
        if code < 0:
            around.say("killed", name=name, signal=signal.Signals(-code).name)
        else:
            around.say("died", name=name, code=code, last=around.journal.last_line(name))

    def _last_words(self) -> str:
        journal, name = self._around.journal, self.child.name
        return f"{name} did not start: {journal.last_line(name)} (see {journal.path(name)})"

    def _spawn(self) -> None:
        if self.child.socket is not None:
            self.child.socket.unlink(missing_ok=True)
        around = self._around
        log = around.journal.open(self.child.name)
        self._process = Process(self.child, around.env, log, around.lock)
        os.close(log)


async def _close_door(socket: Path, patience: float) -> None:
    """Put a plain file in the socket's place, and wait `patience` seconds at most until the worker
    has taken what came through before.

    Nginx's connects are refused from now on, so it goes to the next worker without having sent
    anything; gunicorn still finds something to unlink. A worker that is busy has not yet taken all
    that nginx has sent it, and would break that off if it were told to end.
    """
    behind, closed = socket.with_suffix(".queue"), socket.with_suffix(".closed")
    behind.unlink(missing_ok=True)
    with contextlib.suppress(OSError):  # it does not listen just now, or no file has two names here
        behind.hardlink_to(socket)
    closed.touch()
    closed.replace(socket)
    await readiness.queue_is_empty(behind, patience)
    behind.unlink(missing_ok=True)
    await asyncio.sleep(1.0)  # who connected a moment ago has said by then what he wants
