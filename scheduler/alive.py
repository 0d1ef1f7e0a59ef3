"""A file that says the scheduler's loop turns, for those who cannot ask it over HTTP: the liveness
probe of a container. It says nothing of the database: a restart would not bring that back."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

#: Seconds between touches. A probe should look back several of them.
EVERY: Final = 5.0


def sign(data: Path, host: str) -> Path:
    """The file of the scheduler on this host; several may share one folder of data."""
    return data / "run" / f"scheduler-{host}.alive"


@asynccontextmanager
async def alive(data: Path, every: float = EVERY) -> AsyncIterator[None]:
    """Touch the file while the block lasts, and take it away after."""
    file = sign(data, socket.gethostname())
    touching = asyncio.create_task(_touch(file, every), name="alive")
    try:
        yield
    finally:
        touching.cancel()
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


async def _touch(file: Path, every: float) -> None:
    while True:
        touch(file)
        await asyncio.sleep(every)


def touch(file: Path) -> None:
    """A disk that is full or away does not stop the scheduler; the probe will see an old file."""
    with contextlib.suppress(OSError):
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
