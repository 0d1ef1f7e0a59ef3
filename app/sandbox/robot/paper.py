"""A picker with a printed list: takes an order, prints it, walks, and enters the result at once."""

from __future__ import annotations

from dataclasses import dataclass

from app.sandbox.robot.action import Json
from app.sandbox.robot.choices import Chooser
from app.sandbox.robot.goods import DROP_REASONS, SHORT_REASONS, Goods
from app.sandbox.robot.handheld import Handheld
from app.sandbox.robot.hands import Hands


@dataclass(slots=True)
class Paper:
    """The errand of a robot without a handheld at the shelves: done once, at the beginning."""

    hands: Hands
    handheld: Handheld

    async def __call__(self, order: Json, chooser: Chooser) -> Json:
        """Print, pick, enter; whatever was begun otherwise goes on otherwise."""
        if order["state"] != "accepted":
            return order
        place = f"/orders/{order['id']}"
        await self.handheld.download(f"{place}/picking-list")
        for _ in order["lines"]:
            await self.hands.nature.between(self.hands.nature.temper.thinks)
        body = {"lines": entered(order, chooser.goods), "complete": True}
        result = await self.handheld.write(f"{place}/result", body, order["version"])
        return result["order"] if result else order


def entered(order: Json, goods: Goods) -> list[Json]:
    """What was written on the sheet: a number for each line; the first one was always there."""
    lines = [line for line in order["lines"] if line["state"] != "dropped"]
    return [_row(line, goods, found=n == 0) for n, line in enumerate(lines)]


def _row(line: Json, goods: Goods, *, found: bool) -> Json:
    temper, luck = goods.temper, 1.0 if found else goods.rng.random()
    weighed = line["unit"] == "weight"
    row: Json = {"position": line["position"]}
    amount = goods.grams(line) if weighed else line["requested"]["pieces"]
    if luck < temper.drops:
        row["reason"], amount = goods.rng.choice(DROP_REASONS), 0
    elif luck < temper.drops + temper.shorts and amount > 1:
        row["reason"], amount = goods.rng.choice(SHORT_REASONS), amount // 2
    row["grams" if weighed else "quantity"] = amount
    marks = [] if weighed else goods.marks(line, amount)
    return row | ({"marks": marks} if marks else {})
