"""An order in a robot's hands: worked step by step, given back politely when it must be."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

import structlog

from app.sandbox.credentials import Picker
from app.sandbox.robot.action import Action, Json
from app.sandbox.robot.choices import Chooser
from app.sandbox.robot.handheld import Handheld, Refusal
from app.sandbox.robot.nature import Nature

log = structlog.get_logger()

#: The order is not ours any more; nothing to repair, on to the next.
GONE: Final = frozenset(
    {
        "ORDER_CANCELLED",
        "LEASE_LOST",
        "ALREADY_CLAIMED",
        "NOT_ASSIGNED",
        "ORDER_NOT_FOUND",
        "OTHER_STORE",
    }
)
ACTIONS: Final = 15  #: per line and for the order: more would be going in circles


class Device(Protocol):
    """What a robot holds in its hand: paths and bodies are those of the picker API."""

    whole: bool

    async def read(self, path: str) -> Json:
        """GET; Refusal for a no."""

    async def write(self, path: str, body: Json, version: int | None = None) -> Json | None:
        """POST once; None when there is nothing to say; Refusal for a no."""


#: What may come between two actions: the order as it is then.
Errand: TypeAlias = Callable[[Json, Chooser], Awaitable[Json]]


@dataclass(slots=True)
class Hands:
    """Whoever works an order: the device, and what is done with it."""

    device: Device
    nature: Nature
    supervisor: Picker | None = None

    @property
    def handheld(self) -> Handheld | None:
        """The device, when it has more than the verbs."""
        return self.device if isinstance(self.device, Handheld) else None

    def chooser(self) -> Chooser:
        """A fresh mind for a new order."""
        nature = self.nature
        return Chooser(nature.rng, nature.temper, self.supervisor, whole=self.device.whole)

    async def think(self, action: Action) -> None:
        """Lines take their time; buttons are quick; a wait is a wait."""
        temper = self.nature.temper
        if action.kind == "wait":
            await self.nature.pause(temper.idles)
        else:
            await self.nature.between(temper.thinks if action.line_id else temper.handles)

    async def look(self, order_id: str) -> Json:
        """The order as it stands."""
        return await self.device.read(f"/orders/{order_id}")

    async def do(self, order: Json, action: Action, chooser: Chooser) -> Json:
        """Carry an action out; the order as it is then."""
        path = f"/orders/{order['id']}{action.path}"
        if action.kind == "write":
            changed = await self.device.write(path, action.body, order["version"])
            return changed["order"] if changed else await self.look(order["id"])
        if action.kind == "wait":
            return await self.look(order["id"])
        if action.kind == "file":
            if self.handheld is not None:
                await self.handheld.download(path)
        else:
            chooser.learn(action, await self.device.read(path))
        return order

    async def work(
        self, order: Json, chooser: Chooser, errand: Errand | None = None
    ) -> Json | None:
        """Act until nothing is left to do; None when the order is not ours any more. An order that
        keeps refusing is given back."""
        refusals = 0
        for _ in range(ACTIONS + ACTIONS * len(order["lines"])):
            action = None
            try:
                order = await errand(order, chooser) if errand else order
                action = chooser.next_action(order)
                if action is None:
                    break
                await self.think(action)
                order = await self.do(order, action, chooser)
            except Refusal as refusal:
                refusals += 1
                if action is not None:
                    chooser.refused(action, refusal.code)
                again = await self.after(refusal, order, refusals)
                if again is None:
                    return None
                order = again
        return order

    async def after(self, refusal: Refusal, order: Json, refusals: int) -> Json | None:
        """Look at the order again after a refusal; None when it is to be left."""
        log.info("robot was refused", order=order["number"], code=refusal.code)
        if refusal.code in GONE:
            return None
        try:
            fresh = await self.look(order["id"])
            if refusals <= self.nature.temper.refusals:
                return fresh
            reason = {"reason": f"robot gave up: {refusal.code}"}
            await self.device.write(f"/orders/{order['id']}/release", reason, fresh["version"])
        except Refusal as another:
            log.info("robot let an order go", order=order["number"], code=another.code)
        return None
