"""One child process: what it is (a row of the plan), and the running thing."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

Check = Callable[[], Awaitable[bool]]


async def at_once() -> bool:
    """A check for children that are ready as soon as they run."""
    return True


@dataclass(frozen=True, slots=True)
class Child:
    """A row of the plan; times in seconds."""

    name: str
    command: tuple[str, ...]
    ready: Check = at_once
    ready_within: float = 180.0  #: a machine that is busy is slow, and not broken
    stop_signal: signal.Signals = signal.SIGTERM
    stop_within: float = 25.0
    step: bool = False  #: runs to its end, and must succeed, before the next row starts
    socket: Path | None = None  #: where it listens: a planned restart closes this door first
    holds_lock: bool = True  #: inherits the instance's lock
    extra: Mapping[str, str] = field(default_factory=dict)  #: on top of everybody's environment


class Process:
    """A child that runs. It leads its own session, so that its own children end with it."""

    def __init__(self, child: Child, env: Mapping[str, str], log: int, lock: int) -> None:
        self.child = child
        self._popen = subprocess.Popen(  # noqa: S603 - the plan's own command
            child.command,
            env={**env, **child.extra},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=Path(__file__).parents[2] if child.holds_lock else "/",
            start_new_session=True,
            pass_fds=(lock,) if child.holds_lock else (),
        )
        self._pidfd = os.pidfd_open(self._popen.pid)
        self._ended = asyncio.Event()
        asyncio.get_running_loop().add_reader(self._pidfd, self._reap)

    @property
    def code(self) -> int | None:
        """The exit code; None while it runs."""
        return self._popen.returncode

    @property
    def pid(self) -> int:
        """The process id."""
        return self._popen.pid

    async def ended(self) -> int:
        """Wait for the end; tells the exit code (negative: killed by that signal)."""
        await self._ended.wait()
        return self._popen.returncode

    async def stop(self) -> None:
        """Ask it to end, and kill it when it has not after its time."""
        self.signal(self.child.stop_signal)
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self.child.stop_within):
                await self.ended()
        if self.code is None:  # else its number may be somebody else's by now
            self._kill_group()
        await self.ended()

    def signal(self, number: signal.Signals) -> None:
        """Send a signal; nothing happens when it has ended already."""
        if self.code is None:
            self._popen.send_signal(number)

    def _reap(self) -> None:
        asyncio.get_running_loop().remove_reader(self._pidfd)
        os.close(self._pidfd)
        self._popen.wait()
        self._kill_group()  # what a killed master leaves: nginx's workers would keep the ports
        self._ended.set()

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._popen.pid, signal.SIGKILL)
