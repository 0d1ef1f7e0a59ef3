"""Where printing happens: in a thread of this process, or in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import msgspec

from app.domain.refusals import Code, Refused
from app.errors import RemoteUnavailable, Unprintable

#: Exit status of the press that means a refusal (`render.press.REFUSED`).
_REFUSED: Final = 3
#: Seconds for one file, its turn waited for: nginx waits a little longer.
PATIENCE: Final = 60.0
#: Who waits for a turn holds all that is to be printed in memory; more are asked to come again.
WAITING: Final = 8
_AGAIN: Final = 5
_MISSING: Final = msgspec.json.Decoder(list[str])
_PRESS: Final = (sys.executable, "-m", "app.render.press")


class AsidePress:
    """Prints in a process of its own, one at a time: a large register neither holds up a worker nor
    stays in its memory."""

    def __init__(
        self,
        patience: float = PATIENCE,
        waiting: int = WAITING,
        program: Sequence[str] = _PRESS,
    ) -> None:
        self._patience = patience
        self._room = 1 + waiting
        self._program = program
        self._free = asyncio.Semaphore(1)

    async def typeset(self, name: str, what: object, language: str) -> bytes:
        """See `ports.Press`; RemoteUnavailable when it took too long or died, Refused when too many
        wait already."""
        async with self._turn():
            status, printed, said = await self._print(name, language, msgspec.json.encode(what))
        if status == _REFUSED:
            raise Unprintable(*_MISSING.decode(said))
        if status:
            raise RemoteUnavailable(f"the press died: {status} {_last_word(said)}".rstrip())
        return printed

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        if self._room == 0:
            raise Refused(Code.TOO_MANY_REQUESTS, seconds=_AGAIN)
        self._room -= 1
        try:
            async with asyncio.timeout(self._patience), self._free:
                yield
        except TimeoutError:
            raise RemoteUnavailable("printing took too long") from None
        finally:
            self._room += 1

    async def _print(self, name: str, language: str, what: bytes) -> tuple[int, bytes, bytes]:
        """Exit status, what was printed, what was said; however it ends, the process is gone."""
        try:
            program = await asyncio.create_subprocess_exec(
                *self._program, name, language, stdin=PIPE, stdout=PIPE, stderr=PIPE
            )
        except OSError as error:  # no memory, no more processes: that passes
            raise RemoteUnavailable(f"the press did not start: {error.strerror}") from None
        try:
            printed, said = await program.communicate(what)
        finally:
            if program.returncode is None:
                program.kill()
                await program.wait()
        return program.returncode or 0, printed, said


def _last_word(said: bytes) -> str:
    """What a traceback ends with, up to the colon: what follows quotes values, customers' names
    among them."""
    last = said.decode(errors="replace").rstrip().rpartition("\n")[2]
    return last.partition(":")[0][:80]


class InsidePress:
    """Prints in a thread of this process: for the scheduler and the command line."""

    def __init__(self, typeset: Callable[[str, bytes, str], bytes]) -> None:
        """`typeset` is render.press.typeset; whoever builds this imports it, and all it needs."""
        self._typeset = typeset

    async def typeset(self, name: str, what: object, language: str) -> bytes:
        """See `ports.Press`."""
        return await asyncio.to_thread(self._typeset, name, msgspec.json.encode(what), language)
