"""Where printing happens: in a thread of this process, or in a process of its own."""

from __future__ import annotations

import asyncio
import sys
from asyncio.subprocess import PIPE
from collections.abc import Callable
from typing import Final

import msgspec

from app.errors import RemoteUnavailable, Unprintable

#: Exit status of the press that means a refusal (`render.press.REFUSED`).
_REFUSED: Final = 3
#: Seconds for one file.
PATIENCE: Final = 60.0


class AsidePress:
    """Prints in a process of its own, one at a time: a large register neither holds up a worker nor
    stays in its memory."""

    def __init__(self, patience: float = PATIENCE) -> None:
        self._patience = patience
        self._free = asyncio.Semaphore(1)

    async def typeset(self, name: str, what: object, language: str) -> bytes:
        """See `ports.Press`; RemoteUnavailable when it took too long or died."""
        async with self._free:
            program = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "app.render.press", name, language,
                stdin=PIPE, stdout=PIPE, stderr=PIPE,
            )  # fmt: skip
            try:
                async with asyncio.timeout(self._patience):
                    printed, said = await program.communicate(msgspec.json.encode(what))
            except TimeoutError:
                raise RemoteUnavailable("printing took too long") from None
            finally:
                if program.returncode is None:
                    program.kill()
                    await program.wait()
        if program.returncode == _REFUSED:
            raise Unprintable(*msgspec.json.decode(said, type=list[str]))
        if program.returncode:
            raise RemoteUnavailable(f"the press died: {said.decode(errors='replace')[-300:]}")
        return printed


class InsidePress:
    """Prints in a thread of this process: for the scheduler and the command line."""

    def __init__(self, typeset: Callable[[str, bytes, str], bytes]) -> None:
        """`typeset` is render.press.typeset; whoever builds this imports it, and all it needs."""
        self._typeset = typeset

    async def typeset(self, name: str, what: object, language: str) -> bytes:
        """See `ports.Press`."""
        return await asyncio.to_thread(self._typeset, name, msgspec.json.encode(what), language)
