"""One robot picker: signs in, begins a shift, works the queue, has breaks, goes home."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import structlog

from app.sandbox.robot.action import Json
from app.sandbox.robot.errands import Errands
from app.sandbox.robot.handheld import Handheld, Refusal
from app.sandbox.robot.hands import Errand, Hands
from app.sandbox.robot.queue import Queue
from app.sandbox.robot.runs import Round

log = structlog.get_logger()

ENDED: Final = frozenset({"ready", "handed_over", "delivered"})


@dataclass(slots=True)
class RobotPicker:
    """Works until told to stop. `habit`: what this one does at the beginning of every order, in
    place of the usual errands. Without a `handheld` there are no shifts, runs and streams."""

    hands: Hands
    queue: Queue
    handheld: Handheld | None = None
    habit: Errand | None = None
    done: int = 0
    in_shift: int = 0
    _errands: Errands = field(init=False)

    def __post_init__(self) -> None:
        self._errands = Errands(self.hands)

    async def work(self, *, forever: bool) -> int:
        """Pick order after order; return how many became ready. Ends at an empty queue."""
        await self._begin()
        while True:
            if await self._round():
                continue
            order = await self.queue.take()
            if order is not None:
                await self.pick(order)
                await self._rest()
            elif forever:
                await self._idle()
            else:
                return self.done

    async def pick(self, order: Json) -> None:
        """Work one order, unless it is given back at once."""
        try:
            if self.hands.nature.lucky(self.hands.nature.temper.leaves):
                await self._leave(order)
                return
        except Refusal as refusal:
            log.info("robot was refused", order=order["number"], code=refusal.code)
            return
        self._errands.draw()
        errand = self.habit or self._errands
        self._count(await self.hands.work(order, self.hands.chooser(), errand))

    def _count(self, order: Json | None) -> None:
        if order is None:
            return
        self.done += order["state"] in ENDED
        self.in_shift += 1
        log.info("robot picked an order", order=order["number"], state=order["state"])

    async def _leave(self, order: Json) -> None:
        reason = {"reason": "конец смены"}
        await self.hands.device.write(f"/orders/{order['id']}/release", reason, order["version"])

    async def _begin(self) -> None:
        """What a handheld asks at its start, and the shift."""
        handheld = self.handheld
        if handheld is None:
            return
        await handheld.sign_in()
        await handheld.read("/config")
        await handheld.read("/me")
        await self._shift("start")
        run = await Round(self.hands, handheld).unfinished()
        if run is not None:
            await self._walk(run)

    async def _round(self) -> bool:
        """Now and then several orders together; nothing is left alone in a run, so not then."""
        nature = self.hands.nature
        if self.handheld is None or self.habit or not nature.lucky(nature.temper.runs):
            return False
        try:
            if self.queue.tight_left or await self.queue.mine():
                return False
            run = await Round(self.hands, self.handheld).begin(nature.rng.choice((2, 2, 3)))
        except Refusal as refusal:
            log.info("robot did not get a run", code=refusal.code)
            return False
        if run is not None:
            await self._walk(run)
        return run is not None

    async def _walk(self, run: Json) -> None:
        assert self.handheld is not None  # only those have runs
        try:
            for order in await Round(self.hands, self.handheld).work(run):
                self._count(order)
        except Refusal as refusal:
            log.info("robot left its run", code=refusal.code)

    async def _rest(self) -> None:
        """A break now and then; after enough orders the shift is over, and another one begins."""
        nature, temper = self.hands.nature, self.hands.nature.temper
        handheld = self.handheld
        if handheld is None:
            return
        if nature.lucky(temper.breaks):
            await self._shift("pause")
            await nature.pause(temper.rest)
            await self._shift("resume")
        if self.in_shift >= temper.shift:
            self.in_shift = 0
            await self._shift("end", {"release": True})
            await handheld.sign_out()
            await nature.pause(temper.rest)
            await self._begin()

    async def _shift(self, verb: str, body: Json | None = None) -> None:
        assert self.handheld is not None
        try:
            await self.handheld.write(f"/shifts/{verb}", body or {})
        except Refusal as refusal:
            if refusal.status in (401, 403):
                raise
            log.info("robot was refused", shift=verb, code=refusal.code)

    async def _idle(self) -> None:
        """Nothing to pick: look again soon, or stay on the stream until something comes."""
        nature, temper = self.hands.nature, self.hands.nature.temper
        if self.handheld is None or self.queue.tight_left:
            await nature.pause(temper.idles)
            return
        await self.handheld.listen(temper.listens / temper.pace, _is_new)
        await nature.pause(nature.rng.uniform(0, 1))


def _is_new(change: Json) -> bool:
    return change.get("state") == "accepted" and not change.get("picker")
