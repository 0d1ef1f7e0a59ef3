"""Starts one robot per picker and stops them all at SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import random
import signal
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import httpx
import structlog

from app.sandbox.credentials import Credentials
from app.sandbox.outward import client_to_hub
from app.sandbox.robot.handheld import Handheld, Refusal
from app.sandbox.robot.picker import RobotPicker
from app.sandbox.robot.temper import Temper

DEFAULT: Final = Temper()
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)

log = structlog.get_logger()


def run(
    credentials: Credentials,
    *,
    forever: bool,
    temper: Temper = DEFAULT,
    seed: int | None = None,
) -> int:
    """Pick with every picker of the credentials; return how many orders became ready.

    Without `forever` it ends when the queues are empty. SIGTERM and Ctrl-C stop it cleanly: the
    request in flight is dropped (its key would find it again) and the sessions are closed.
    """
    return asyncio.run(_until_stopped(credentials, forever=forever, temper=temper, seed=seed))


async def pick_all(
    credentials: Credentials, *, forever: bool, temper: Temper, seed: int | None
) -> int:
    """Let all pickers work side by side in this event loop."""
    async with client_to_hub(credentials, timeout=temper.timeout) as client:
        jobs = [
            _work(client, credentials, index, temper, seed, forever=forever)
            for index in range(len(credentials["pickers"]))
        ]
        return sum(await asyncio.gather(*jobs))


async def _until_stopped(
    credentials: Credentials, *, forever: bool, temper: Temper, seed: int | None
) -> int:
    work = asyncio.ensure_future(pick_all(credentials, forever=forever, temper=temper, seed=seed))
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, work.cancel)
    try:
        return await work
    except asyncio.CancelledError:
        log.info("robot stops")
        return 0


async def _work(
    client: httpx.AsyncClient,
    credentials: Credentials,
    index: int,
    temper: Temper,
    seed: int | None,
    *,
    forever: bool,
) -> int:
    chance = random.Random(None if seed is None else seed + index)  # noqa: S311 - a game
    handheld = Handheld(client, credentials["pickers"][index], temper, chance, uuid4)
    robot = RobotPicker(handheld, lambda: datetime.now(UTC))
    async with AsyncExitStack() as stack:
        stack.push_async_callback(handheld.sign_out)
        try:
            return await robot.work(forever=forever)
        except Refusal as refusal:
            log.warning("robot cannot work", code=refusal.code, status=refusal.status)
            return robot.done
