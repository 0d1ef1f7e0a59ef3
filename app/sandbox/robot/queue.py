"""Which order a robot takes next: what it holds, the most urgent, a colleague's who is at lunch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

import structlog

from app.sandbox.robot.action import Json
from app.sandbox.robot.handheld import Refusal
from app.sandbox.robot.hands import Hands

log = structlog.get_logger()

REMEMBERED: Final = 1_000  #: orders whose first sight is remembered
#: A lease that lasts longer than work's own: somebody said that it is a pause.
LUNCH: Final = timedelta(minutes=12)


@dataclass(slots=True)
class Queue:
    """The shop's queue as one robot sees it; `clock` is UTC now."""

    hands: Hands
    clock: Callable[[], datetime]
    seen: dict[str, datetime] = field(default_factory=dict)
    tight_left: bool = False  #: at the last look an order was left alone on purpose

    async def take(self) -> Json | None:
        """Claim the most urgent order not left alone on purpose; None when there is none."""
        try:
            if self.hands.nature.lucky(self.hands.nature.temper.rescues):
                rescued = await self._rescue()
                if rescued is not None:
                    return rescued
            return await self._next()
        except Refusal as refusal:
            if refusal.status in (401, 403):  # neither the session nor a fresh PIN is good
                raise
            log.info("robot did not get an order", code=refusal.code, status=refusal.status)
            return await self.mine() if refusal.code == "ALREADY_PICKING" else None

    async def mine(self) -> Json | None:
        """Go on with what is claimed already, for instance before a restart."""
        rows = (await self.hands.device.read("/orders?scope=mine"))["orders"]
        return await self.hands.look(rows[0]["id"]) if rows else None

    async def _next(self) -> Json | None:
        device = self.hands.device
        rows = (await device.read("/orders?scope=open"))["orders"]
        rows.sort(key=lambda row: str(row["due_at"]))
        others = [row for row in rows if not self._is_left_alone(row)]
        self.tight_left = len(others) < len(rows)
        chosen = len(others) > 1 and self.hands.nature.lucky(self.hands.nature.temper.chooses)
        if chosen and not await self.mine():
            return await self._claim(others[1])
        if not self.tight_left:
            return _order(await device.write("/orders/next", {}))
        return await self._claim(others[0]) if others else await self.mine()

    async def _claim(self, row: Json) -> Json | None:
        path = f"/orders/{row['id']}/claim"
        return _order(await self.hands.device.write(path, {}, row["version"]))

    async def _rescue(self) -> Json | None:
        """Take over what a colleague began and paused: first the question whose it is, then yes."""
        device = self.hands.device
        if await self.mine():
            return None
        rows = (await device.read("/orders?scope=store&status=picking"))["orders"]
        for row in rows:
            order = await self.hands.look(row["id"]) if row.get("picker") else None
            if order is not None and self._at_lunch(order):
                path = f"/orders/{order['id']}/takeover"
                try:
                    return _order(await device.write(path, {}, order["version"]))
                except Refusal as refusal:
                    if refusal.code != "TAKEOVER_UNCONFIRMED":
                        raise
                return _order(await device.write(path, {"confirm": True}, order["version"]))
        return None

    def _at_lunch(self, order: Json) -> bool:
        until = order.get("lease_until")
        if until is None or "takeover" not in order["allowed_actions"]:
            return False
        return datetime.fromisoformat(until) - self.clock() > LUNCH

    def _is_left_alone(self, row: Json) -> bool:
        now, temper = self.clock(), self.hands.nature.temper
        first = self.seen.setdefault(row["id"], now)
        if len(self.seen) > REMEMBERED:
            del self.seen[next(iter(self.seen))]
        due = datetime.fromisoformat(row["due_at"])
        is_tight = due - first < timedelta(seconds=temper.tight)
        return is_tight and now < due + timedelta(seconds=temper.overdue)


def _order(result: Json | None) -> Json | None:
    return None if result is None else result["order"]
