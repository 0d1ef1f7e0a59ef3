"""What comes between two actions on an order: lunch, a tunnel without network, a call for help."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

import structlog

from app.sandbox.robot.action import Action, Json
from app.sandbox.robot.choices import Chooser
from app.sandbox.robot.handheld import Handheld
from app.sandbox.robot.hands import Hands

log = structlog.get_logger()

#: Safe to send late and often.
OFFLINE: Final = frozenset({"pick", "weigh", "short", "drop", "scan", "postpone", "bags", "seal"})
#: Lines that fit into one tunnel.
TUNNEL: Final = 6
HELP: Final = (
    "Ценника нет, на кассе другая цена",
    "Не могу найти, помогите",
    "Упаковка вскрыта, можно ли отдать?",
    "The scanner does not read this pack",
)


@dataclass(slots=True)
class Errands:
    """What will happen during one order, drawn at its beginning; each happens once, between two
    lines, so that the order is half done."""

    hands: Hands
    due: list[str] = field(default_factory=list)

    def draw(self) -> None:
        """Decide for the next order."""
        nature, temper = self.hands.nature, self.hands.nature.temper
        shares = {"help": temper.helps, "tunnel": temper.tunnels, "lunch": temper.lunches}
        whole = self.hands.device.whole
        names = shares if whole else ("lunch",)
        self.due = [name for name in names if nature.lucky(shares[name])]

    async def __call__(self, order: Json, chooser: Chooser) -> Json:
        """Do what is due, once the order is being picked; the order as it is then."""
        done = any(line["state"] != "todo" for line in order["lines"])
        if not self.due or order["state"] != "picking" or not done:
            return order
        return await ERRANDS[self.due.pop()](self.hands, order, chooser)


async def lunch(hands: Hands, order: Json, _chooser: Chooser) -> Json:
    """Pause, eat, come back; a colleague may have the order by then."""
    place = f"/orders/{order['id']}"
    await hands.device.write(f"{place}/pause", {}, order["version"])
    log.info("robot is at lunch", order=order["number"])
    await hands.nature.pause(hands.nature.temper.lunch)
    fresh = await hands.look(order["id"])
    result = await hands.device.write(f"{place}/resume", {}, fresh["version"])
    return result["order"] if result else fresh


async def call_for_help(hands: Hands, order: Json, _chooser: Chooser) -> Json:
    """Somebody must come; picking goes on meanwhile."""
    line = hands.nature.rng.choice(order["lines"])
    body = {"text": hands.nature.rng.choice(HELP), "order_id": order["id"], "line_id": line["id"]}
    await hands.device.write("/problems", body)
    return order


async def tunnel(hands: Hands, order: Json, chooser: Chooser) -> Json:
    """Pick without a network, then send all of it at once."""
    device = hands.device
    operations = list(_offline(order, chooser))
    if not isinstance(device, Handheld) or not operations:
        return order
    for _ in operations:
        await hands.nature.between(hands.nature.temper.thinks)
    sent = [
        {
            "op_id": str(device.new_key()),
            "order_id": order["id"],
            "base_version": order["version"],
            "type": action.verb,
            "payload": action.body,
            "line_id": action.line_id if action.path.startswith("/lines/") else None,
        }
        for action in operations
    ]
    result = await device.write("/ops:batch", {"operations": sent}) or {}
    _learn(operations, result.get("results", ()), chooser)
    orders = {row["id"]: row for row in result.get("orders", ())}
    return orders.get(order["id"]) or await hands.look(order["id"])


def _offline(order: Json, chooser: Chooser) -> Iterator[Action]:
    todo = [line for line in order["lines"] if line["state"] == "todo"]
    for line in todo[:TUNNEL]:
        action = chooser.line_action(order, line)
        if action.kind == "write" and action.verb in OFFLINE:
            yield action


def _learn(operations: list[Action], results: list[Json], chooser: Chooser) -> None:
    for action, result in zip(operations, results, strict=False):
        if result["outcome"] == "refused":
            log.info("robot was refused offline", code=result["problem"]["code"])
            chooser.refused(action, result["problem"]["code"])


ERRANDS: Final[Mapping[str, Callable[[Hands, Json, Chooser], Awaitable[Json]]]] = {
    "lunch": lunch,
    "help": call_for_help,
    "tunnel": tunnel,
}
