"""All children together: started in order, kept alive, rolled one by one, stopped in reverse."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Callable, Sequence

from app.supervision.child import Child
from app.supervision.kept import Kept, Surroundings
from app.supervision.refusal import CannotStart

#: Rows of the plan: what stands in one row starts (and stops) at the same time.
Plan = Sequence[Sequence[Child]]


class Supervisor:
    """Runs a plan until it is told to stop."""

    def __init__(self, plan: Plan, around: Surroundings, announce: Callable[[], None]) -> None:
        """`announce` is called once, when everything is ready."""
        self._rows = [[Kept(child, around) for child in row] for row in plan]
        self._around = around
        self._announce = announce
        self._stop = asyncio.Event()
        self._rolling: asyncio.Task[None] | None = None
        self._had_terminal = os.isatty(0)
        self._trouble = ""

    async def run(self) -> None:
        """Start everything, say `ready`, go on until a signal; raises CannotStart.

        SIGINT and SIGTERM stop, SIGHUP restarts the workers one after the other.
        """
        self._listen()
        starting = asyncio.create_task(self._start())
        stopping = asyncio.create_task(self._stop.wait())
        looking = asyncio.create_task(self._look_around())
        try:
            await asyncio.wait((starting, stopping), return_when=asyncio.FIRST_COMPLETED)
            if starting.done():
                starting.result()
                await stopping
        finally:
            try:
                await _cancel(starting, stopping, looking, self._rolling)
            finally:
                await self._take_down()

    async def _start(self) -> None:
        for row in self._rows:
            await asyncio.gather(*(kept.up() for kept in row))
        self._announce()
        self._around.say("ready")

    async def _take_down(self) -> None:
        self._around.say("stopping")
        for row in reversed(self._rows):
            await asyncio.gather(*(kept.down() for kept in row))
        self._around.say("stopped")

    async def _roll(self) -> None:
        """Restart the children that have a door, one by one, each only when the last one serves."""
        try:
            for kept in (kept for row in self._rows for kept in row if kept.child.socket):
                await kept.again()
                self._around.say("restarted", name=kept.child.name)
        except (CannotStart, OSError) as refusal:
            self._around.say("roll_stopped", reason=str(refusal))

    async def _look_around(self) -> None:
        """Each second: what the children complain of, how large their logs are."""
        while True:
            await asyncio.sleep(1)
            self._stop_without_terminal()
            try:
                self._look_at_logs()
                self._trouble = ""
            except OSError as error:  # no room: said once, and everything else goes on
                if self._trouble != str(error):
                    self._trouble = str(error)
                    self._around.say("problem", name="logs", event=self._trouble)

    def _look_at_logs(self) -> None:
        for name, event in self._around.journal.problems():
            self._around.say("problem", name=name, event=event)
        self._around.journal.rotate()

    def _listen(self) -> None:
        loop = asyncio.get_running_loop()
        loop.add_signal_handler(signal.SIGINT, self._stop.set)
        loop.add_signal_handler(signal.SIGTERM, self._stop.set)
        loop.add_signal_handler(signal.SIGHUP, self._on_hangup)

    def _on_hangup(self) -> None:
        self._stop_without_terminal()
        idle = self._rolling is None or self._rolling.done()
        if idle and not self._stop.is_set():
            self._rolling = asyncio.create_task(self._roll())

    def _stop_without_terminal(self) -> None:
        """The terminal we ran in was closed: nobody could stop us any more."""
        if self._had_terminal and not os.isatty(0):
            self._stop.set()


async def _cancel(*tasks: asyncio.Task[object] | asyncio.Task[None] | None) -> None:
    for task in tasks:
        if task is not None:
            task.cancel()
            with contextlib.suppress(asyncio.CancelledError, CannotStart, OSError):
                await task
