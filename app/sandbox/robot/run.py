"""Starts all robots and stops them at SIGTERM or Ctrl-C."""

from __future__ import annotations

import asyncio
import random
import signal
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import uuid4

import httpx
import structlog

from app.sandbox.credentials import Credentials, Picker
from app.sandbox.outward import client_to_hub
from app.sandbox.robot.arrivals import arrivals
from app.sandbox.robot.desk import Arrived, Desk
from app.sandbox.robot.facade import Facade
from app.sandbox.robot.handheld import Handheld, Refusal, Wire
from app.sandbox.robot.hands import Hands
from app.sandbox.robot.lessons import Lesson
from app.sandbox.robot.nature import Nature
from app.sandbox.robot.paper import Paper
from app.sandbox.robot.picker import RobotPicker
from app.sandbox.robot.queue import Queue
from app.sandbox.robot.temper import Temper

DEFAULT: Final = Temper()
STOP_SIGNALS: Final = (signal.SIGTERM, signal.SIGINT)
#: Whose application speaks the original's protocol, and who picks from a printed list.
BY_FACADE: Final = "1202"
BY_PAPER: Final = "3002"
#: Where trainees have their first day.
SCHOOL: Final = "1009"

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Crew:
    """What all robots of one start share."""

    credentials: Credentials
    client: httpx.AsyncClient
    temper: Temper
    seed: int | None

    def nature(self, index: int) -> Nature:
        """One robot's own luck."""
        chance = random.Random(None if self.seed is None else self.seed + index)  # noqa: S311 - a game
        return Nature(self.temper, chance)

    def handheld(self, person: Picker, index: int) -> Handheld:
        """A handheld for one person."""
        return Handheld(self.client, person, self.nature(index), uuid4)

    def picker(self, person: Picker, index: int) -> RobotPicker:
        """A robot with its habits."""
        handheld = self.handheld(person, index)
        if person["badge"] == BY_FACADE and self.credentials["clients"]:
            wire = Wire(self.client, handheld.nature)
            token = self.credentials["clients"][0]["token"]
            hands = Hands(Facade(wire, person, token, uuid4), handheld.nature)
            return RobotPicker(hands, Queue(hands, _now))
        hands = Hands(handheld, handheld.nature, self._supervisor(person))
        habit = Paper(hands, handheld) if person["badge"] == BY_PAPER else None
        return RobotPicker(hands, Queue(hands, _now), handheld, habit)

    def desk(self, person: Picker, index: int, arrived: Arrived) -> Desk:
        """A supervisor's desk."""
        handheld = self.handheld(person, index)
        return Desk(handheld, handheld.nature, arrived)

    def _supervisor(self, person: Picker) -> Picker | None:
        found = (row for row in self.credentials["supervisors"] if row["store"] == person["store"])
        return next(found, None)


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
    client: httpx.AsyncClient | None = None,
) -> int:
    """Let everybody work side by side in this event loop; cancelling it stops them cleanly.

    `client` replaces the way to the hub.
    """
    async with AsyncExitStack() as stack:
        if client is None:
            client = client_to_hub(credentials, timeout=temper.timeout)
            await stack.enter_async_context(client)
        crew = Crew(credentials, client, temper, seed)
        arrived = await stack.enter_async_context(arrivals(credentials))
        robots = [crew.picker(who, n) for n, who in enumerate(credentials["pickers"])]
        desks = [
            crew.desk(who, 100 + n, arrived) for n, who in enumerate(credentials["supervisors"])
        ]
        try:
            async with asyncio.TaskGroup() as group:
                standing = [group.create_task(_stand(desk)) for desk in desks]
                await asyncio.gather(*(_work(robot, forever=forever) for robot in robots))
                for task in standing:
                    task.cancel()
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


def _now() -> datetime:
    return datetime.now(UTC)


async def _work(robot: RobotPicker, *, forever: bool) -> None:
    async with AsyncExitStack() as stack:
        if robot.handheld is not None:
            stack.push_async_callback(robot.handheld.sign_out)
        try:
            await robot.work(forever=forever)
        except Refusal as refusal:
            log.warning("robot cannot work", code=refusal.code, status=refusal.status)


async def _stand(desk: Desk) -> None:
    async with AsyncExitStack() as stack:
        stack.push_async_callback(desk.handheld.sign_out)
        try:
            if desk.handheld.picker["badge"] == SCHOOL:
                await Lesson(desk.handheld).hold()
            await desk.work()
        except Refusal as refusal:
            log.warning("desk is closed", code=refusal.code, status=refusal.status)
