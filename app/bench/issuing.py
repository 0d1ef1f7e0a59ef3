"""A process that issues all that is due, as the scheduler does, and says how it went: for the
measurement of documents, which also kills it."""

from __future__ import annotations

import asyncio
import os

from app import log
from app.actions.issue import issue
from app.settings import Settings
from app.wiring import open_hub


async def run() -> None:
    """Open a hub from the environment and issue."""
    async with open_hub(Settings.from_env(os.environ), "bench-issuing") as hub:
        await issue(hub)


if __name__ == "__main__":
    log.configure("bench")
    asyncio.run(run())
