"""One robot picker: takes an order, works it line by line, gives up politely when it must."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

import structlog

from app.sandbox.robot.choices import Chooser
from app.sandbox.robot.handheld import Handheld, Refusal

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
ACTIONS: Final = 10  #: per line and for the order: more would be going in circles
REMEMBERED: Final = 1_000  #: orders whose first sight is remembered

Json = dict[str, Any]


@dataclass(slots=True)
class RobotPicker:
    """Works until told to stop; `clock` is UTC now."""

    handheld: Handheld
    clock: Callable[[], datetime]
    seen: dict[str, datetime] = field(default_factory=dict)
    done: int = 0

    async def work(self, *, forever: bool) -> int:
        """Pick order after order; return how many became ready. Ends at an empty queue."""
        while True:
            order = await self._take()
            if order is not None:
                await self._pick(order)
            elif forever:
                await self._pause(self.handheld.temper.idles)
            else:
                return self.done

    async def _take(self) -> Json | None:
        """Claim the most urgent order not left alone on purpose; None when there is none."""
        try:
            answer = await self.handheld.read("/orders?scope=open")
            rows = sorted(answer["orders"], key=lambda row: str(row["due_at"]))
            others = [row for row in rows if not self._is_left_alone(row)]
            if len(others) == len(rows):
                return _order(await self.handheld.write("/orders/next", {}))
            return await self._claim(others[0]) if others else await self._resume()
        except Refusal as refusal:
            if refusal.status == 401:  # neither the session nor a fresh PIN is good
                raise
            log.info("robot did not get an order", code=refusal.code, status=refusal.status)
            return None

    async def _claim(self, row: Json) -> Json | None:
        path = f"/orders/{row['id']}/claim"
        return _order(await self.handheld.write(path, {}, row["version"]))

    async def _resume(self) -> Json | None:
        """Go on with what is claimed already, for instance before a restart."""
        mine = (await self.handheld.read("/orders?scope=mine"))["orders"]
        return await self.handheld.read(f"/orders/{mine[0]['id']}") if mine else None

    def _is_left_alone(self, row: Json) -> bool:
        now, temper = self.clock(), self.handheld.temper
        first = self.seen.setdefault(row["id"], now)
        if len(self.seen) > REMEMBERED:
            del self.seen[next(iter(self.seen))]
        due = datetime.fromisoformat(row["due_at"])
        is_tight = due - first < timedelta(seconds=temper.tight)
        return is_tight and now < due + timedelta(seconds=temper.overdue)

    async def _pick(self, order: Json) -> None:
        """Act until nothing is left to do; an order that keeps refusing is given back."""
        chooser = Chooser(self.handheld.rng, self.handheld.temper)
        refusals = 0
        for _ in range(ACTIONS + ACTIONS * len(order["lines"])):
            action = chooser.next_action(order)
            if action is None:
                break
            await self._think()
            path = f"/orders/{order['id']}{action.path}"
            try:
                changed = _order(await self.handheld.write(path, action.body, order["version"]))
                order = changed or await self.handheld.read(f"/orders/{order['id']}")
            except Refusal as refusal:
                refusals += 1
                again = await self._after(refusal, order, refusals)
                if again is None:
                    return
                order = again
        self.done += order["state"] in ("ready", "handed_over", "delivered")
        log.info("robot picked an order", order=order["number"], state=order["state"])

    async def _after(self, refusal: Refusal, order: Json, refusals: int) -> Json | None:
        """Look at the order again after a refusal; None when it is to be left."""
        log.info("robot was refused", order=order["number"], code=refusal.code)
        if refusal.code in GONE:
            return None
        try:
            fresh = await self.handheld.read(f"/orders/{order['id']}")
            if refusals <= self.handheld.temper.refusals:
                return fresh
            reason = {"reason": f"robot gave up: {refusal.code}"}
            await self.handheld.write(f"/orders/{order['id']}/release", reason, fresh["version"])
        except Refusal as another:
            log.info("robot let an order go", order=order["number"], code=another.code)
        return None

    async def _think(self) -> None:
        await self._pause(self.handheld.rng.uniform(*self.handheld.temper.thinks))

    async def _pause(self, seconds: float) -> None:
        await self.handheld.sleep(seconds / self.handheld.temper.pace)


def _order(result: Json | None) -> Json | None:
    return None if result is None else result["order"]
