"""A supervisor at the desk: hands orders over, helps, answers for customers, has goods put back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

import structlog

from app.sandbox.robot.action import Json
from app.sandbox.robot.handheld import Handheld, Refusal
from app.sandbox.robot.nature import Nature

log = structlog.get_logger()

WAIT: Final = 5  #: seconds the hub holds a question about changes open
AT_THE_DOOR: Final = ("передумал", "не тот товар", "помятая упаковка")
#: Whether a courier, or the customer, stands at the desk for the order with this number of СМ's.
Arrived = Callable[[str], Awaitable[bool]]


@dataclass(slots=True)
class Desk:
    """One store's desk. `ready`: orders that wait for somebody; `left`: those that СМ's courier
    takes without a word at the desk."""

    handheld: Handheld
    nature: Nature
    arrived: Arrived
    cursor: str = ""
    ready: dict[str, str] = field(default_factory=dict)
    left: set[str] = field(default_factory=set)

    async def work(self) -> None:
        """Round after round, until told to stop."""
        await self.handheld.sign_in()
        while True:
            await self.round()
            await self.nature.pause(self.nature.temper.idles)

    async def round(self) -> None:
        """Everything that waits at the desk, once."""
        for look in (self._news, self._help, self._approvals, self._put_backs, self._hand_overs):
            try:
                await look()
            except Refusal as refusal:
                if refusal.status == 401:
                    raise
                log.info("desk was refused", code=refusal.code)
        if self.nature.lucky(self.nature.temper.calls):
            await self.handheld.read("/team")

    async def _news(self) -> None:
        """What changed since the last look; the hub answers when something did."""
        wait = max(1, round(WAIT / self.nature.temper.pace))
        since = f"&since={self.cursor}" if self.cursor else ""
        page = await self.handheld.read(f"/changes?wait={wait}{since}")
        self.cursor = page["cursor"]
        for change in page["changes"]:
            self.ready.pop(change["id"], None)
            if change["state"] != "ready":
                self.left.discard(change["id"])
            elif change["id"] not in self.left:
                self.ready[change["id"]] = change["external_id"]

    async def _help(self) -> None:
        for problem in (await self.handheld.read("/problems"))["problems"]:
            await self.nature.between(self.nature.temper.thinks)
            await self.handheld.write(f"/problems/{problem['id']}/close", {})

    async def _approvals(self) -> None:
        """Customers who do not answer: somebody must decide."""
        for each in (await self.handheld.read("/approvals"))["approvals"]:
            if self.nature.lucky(self.nature.temper.decides):
                path = f"/orders/{each['order_id']}/lines/{each['line_id']}/decide"
                approved = each["price_difference"] <= 0 or self.nature.lucky(0.5)
                body = {"approved": approved, "by": "operator"}
                await self.handheld.write(path, body, each["version"])

    async def _put_backs(self) -> None:
        """Goods that did not leave the shop go back to their shelves."""
        for order in (await self.handheld.read("/putbacks"))["orders"]:
            for _ in order["lines"]:
                await self.nature.between(self.nature.temper.handles)
            await self.handheld.write(f"/orders/{order['id']}/putback", {}, order["version"])

    async def _hand_overs(self) -> None:
        for id_, number in list(self.ready.items()):
            if await self.arrived(number):
                del self.ready[id_]
                await self._hand_over(id_)

    async def _hand_over(self, id_: str) -> None:
        """Look, scan the bags, check, then give them away."""
        order = await self.handheld.read(f"/orders/{id_}")
        if order["state"] != "ready":
            return
        if not self.nature.lucky(self.nature.temper.collects):
            self.left.add(id_)
            return
        bags = [bag["code"] for bag in order["bags"]]
        place = f"/orders/{id_}/handover"
        check = await self.handheld.write(f"{place}/check", {"bag_codes": bags})
        if check and check["possible"]:
            await self.handheld.write(place, self.given(order, bags), order["version"])
            log.info("desk handed an order over", order=order["number"])

    def given(self, order: Json, bags: list[str]) -> dict[str, Any]:
        """Who takes what: goods with an age only to those who have it, some goods not at all."""
        temper = self.nature.temper
        body: dict[str, Any] = {"bag_codes": bags, "courier": "Курьер"}
        refused: dict[str, Json] = {}
        found = [line for line in order["lines"] if line["state"] in ("picked", "short")]
        if order.get("check_age"):
            minor = self.nature.lucky(temper.minors)
            body["age_check"] = {"result": "failed" if minor else "passed", "method": "document"}
            of_age = [line for line in found if line.get("min_age")] if minor else []
            refused = {line["id"]: _refused(line, "возраст") for line in of_age}
        if found and self.nature.lucky(temper.refusals_at_door):
            line = self.nature.rng.choice(found)
            refused.setdefault(line["id"], _refused(line, self.nature.rng.choice(AT_THE_DOOR)))
        return body | {"refused": list(refused.values())}


def _refused(line: Json, reason: str) -> Json:
    """All that was picked of a line."""
    picked = line["picked"]
    amount = picked["grams"] if line["unit"] == "weight" else picked["pieces"]
    return {"line_id": line["id"], "quantity": amount, "reason": reason}
