"""python -m app.bench.speaker: one more drain of Telegram's outbox, until nothing is to say."""

from __future__ import annotations

import asyncio
import logging
import os

from app import log
from app.actions.tell import speak
from app.settings import Settings
from app.supervision.environment import of_running
from app.telegram.sender import sender
from app.wiring import open_hub

#: Seconds something may still fall due in.
PATIENCE = 30.0


async def run() -> None:
    """Send as a scheduler would, beside the one that runs."""
    settings = Settings.from_env(of_running(os.environ))
    assert settings.telegram_token is not None
    async with (
        sender(settings.telegram_token, settings.telegram_api) as chat,
        open_hub(settings, "speaker", chat) as hub,
    ):
        await speak(hub, asyncio.Event(), PATIENCE)


if __name__ == "__main__":
    log.configure("speaker", level=logging.WARNING)
    asyncio.run(run())
