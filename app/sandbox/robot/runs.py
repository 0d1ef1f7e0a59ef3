"""Several orders at once: one way through the shop, a tote for each, scans that name no order."""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog

from app.sandbox.robot.action import Action, Json
from app.sandbox.robot.choices import Chooser
from app.sandbox.robot.handheld import Handheld, Refusal
from app.sandbox.robot.hands import ACTIONS, Hands

log = structlog.get_logger()


@dataclass(slots=True)
class Round:
    """One run of two or three orders."""

    hands: Hands
    handheld: Handheld
    choosers: dict[str, Chooser] = field(default_factory=dict)

    async def begin(self, count: int) -> Json | None:
        """Claim so many of the most urgent orders; None when there is nothing to pick."""
        return await self.handheld.write("/runs", {"count": count})

    async def unfinished(self) -> Json | None:
        """The run this robot was on before a restart."""
        runs = (await self.handheld.read("/runs"))["runs"]
        return dict(runs[0]) if runs else None

    async def work(self, run: Json) -> list[Json]:
        """Walk the path, then close and pack each order; the orders that became ready."""
        ids = [row["id"] for row in run["orders"]]
        self.choosers = {id_: self.hands.chooser() for id_ in ids}
        for row in run["orders"]:
            if row["state"] == "accepted":
                await self._try(row["id"], Action("/start"))
        run_id, steps = run["id"], ACTIONS * sum(row["lines"] for row in run["orders"])
        for _ in range(steps):
            path = (await self.handheld.read(f"/runs/{run_id}"))["path"]
            if not path:
                break
            await self._step(run_id, path[0]["order_id"], path[0]["line"]["id"])
        ended = [await self._end(id_) for id_ in ids]
        await self._finish(run_id)
        return [order for order in ended if order is not None]

    async def _step(self, run_id: str, order_id: str, line_id: str) -> None:
        """One line; what is scanned names no order."""
        order = await self.hands.look(order_id)
        line = next(line for line in order["lines"] if line["id"] == line_id)
        action = self.choosers[order_id].line_action(order, line)
        await self.hands.think(action)
        if action.verb != "scan" or not action.body["apply"]:
            await self._try(order_id, action, order)
            return
        try:
            await self.handheld.write(f"/runs/{run_id}/scan", {"raw": action.body["raw"]})
        except Refusal as refusal:
            log.info("robot was refused", run=run_id, code=refusal.code)

    async def _try(self, order_id: str, action: Action, order: Json | None = None) -> None:
        chooser = self.choosers[order_id]
        try:
            await self.hands.do(order or await self.hands.look(order_id), action, chooser)
        except Refusal as refusal:
            log.info("robot was refused", order=order_id, code=refusal.code)
            chooser.refused(action, refusal.code)

    async def _end(self, order_id: str) -> Json | None:
        try:
            order = await self.hands.look(order_id)
        except Refusal:
            return None
        mine = (order.get("picker") or {}).get("badge") == self.handheld.picker["badge"]
        return await self.hands.work(order, self.choosers[order_id]) if mine else None

    async def _finish(self, run_id: str) -> None:
        try:
            await self.handheld.write(f"/runs/{run_id}/finish", {})
        except Refusal as refusal:  # an order that was given back is somebody else's by now
            log.info("run is not over", run=run_id, code=refusal.code)
