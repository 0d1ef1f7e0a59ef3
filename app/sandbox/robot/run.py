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

from app.sandbox.credentials import Credentials, Picker
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
    credentials: Credentials,
    *,
    forever: bool,
    temper: Temper = DEFAULT,
    seed: int | None = None,
    transport: httpx.AsyncBaseTransport | None = None,
) -> int:
    """Let all pickers work side by side in this event loop; cancelling it stops them cleanly.

    `transport` replaces the network between the robots and the hub.
    """
    client = client_to_hub(credentials, timeout=temper.timeout, transport=transport)
    async with client:
        robots = [
            _robot(client, picker, temper, None if seed is None else seed + index)
            for index, picker in enumerate(credentials["pickers"])
        ]
        try:
            await asyncio.gather(*(_work(robot, forever=forever) for robot in robots))
        except asyncio.CancelledError:
            log.info("robots stop")
        return sum(robot.done for robot in robots)


async def _until_stopped(
    credentials: Credentials, *, forever: bool, temper: Temper, seed: int | None
) -> int:
    work = asyncio.ensure_future(pick_all(credentials, forever=forever, temper=temper, seed=seed))
    loop = asyncio.get_running_loop()
    for number in STOP_SIGNALS:
        loop.add_signal_handler(number, work.cancel)
    return await work


def _robot(
    client: httpx.AsyncClient, picker: Picker, temper: Temper, seed: int | None
) -> RobotPicker:
    chance = random.Random(seed)  # noqa: S311 - a game
    handheld = Handheld(client, picker, temper, chance, uuid4)
    return RobotPicker(handheld, lambda: datetime.now(UTC))


async def _work(robot: RobotPicker, *, forever: bool) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(robot.handheld.sign_out)
        try:
            await robot.work(forever=forever)
        except Refusal as refusal:
            log.warning("robot cannot work", code=refusal.code, status=refusal.status)
