"""What the robot does with an order: one next action, from the order as the hub shows it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from app.sandbox.credentials import Picker
from app.sandbox.robot.action import Action, Json, on_line
from app.sandbox.robot.goods import Goods
from app.sandbox.robot.packing import Packing
from app.sandbox.robot.temper import Temper

FOUND: Final = ("picked", "short")
#: Outcomes that are worth taking back.
UNDOABLE: Final = frozenset({"pick", "weigh", "short", "drop", "scan"})


@dataclass(slots=True)
class Chooser:
    """Chooses actions for one order; remembers what was tried. Not `whole`: the robot's device has
    the verbs only."""

    rng: Random
    temper: Temper
    supervisor: Picker | None = None
    whole: bool = True
    last: str = ""
    asked: dict[str, str] = field(default_factory=dict)  #: lines whose customer answers: yes, no, …
    waited: int = 0
    regretted: set[str] = field(default_factory=set)
    reviewed: bool = False
    reopens: bool | None = None
    goods: Goods = field(init=False)
    packing: Packing = field(init=False)

    def __post_init__(self) -> None:
        self.goods = Goods(self.rng, self.temper, self.supervisor, self.whole)
        self.packing = Packing(self.rng, self.temper, self.whole)

    def next_action(self, order: Json) -> Action | None:
        """Return what to do next; None when there is nothing left for a picker."""
        action = BY_STATE.get(order["state"], _nothing)(self, order)
        self.last = action.verb if action else ""
        return action

    def line_action(self, order: Json, line: Json) -> Action:
        """Return what to do next at one open line."""
        others = [
            row for row in order["lines"] if row["id"] != line["id"] and row["state"] == "todo"
        ]
        found = any(row["state"] in FOUND for row in order["lines"])
        return self.goods.action(line, must_find=not found and not others)

    def learn(self, action: Action, answer: Json) -> None:
        """Take what a look brought."""
        if action.verb == "substitutes" and action.line_id:
            self.goods.found[action.line_id] = answer["substitutes"]

    def refused(self, action: Action, code: str) -> None:
        """Think of something else: the same again would be refused again."""
        if code == "WEIGHT_OUT_OF_HARD_LIMIT" and action.line_id and "grams" in action.body:
            self.goods.refused_weight(action.line_id, action.body["grams"])
        if action.verb == "stage":
            self.packing.no_room()


def _start(_chooser: Chooser, _order: Json) -> Action:
    return Action("/start")


def _picking(chooser: Chooser, order: Json) -> Action:
    lines = order["lines"]
    if chooser.last in UNDOABLE and chooser.rng.random() < chooser.temper.undoes:
        return Action("/undo")
    todo = [line for line in lines if line["state"] == "todo"]
    if todo:
        return chooser.line_action(order, todo[0])
    proposed = [x for x in lines if x["state"] == "proposed" and not x.get("replaces")]
    if proposed:
        return _customer(chooser, proposed[0])
    for line in lines:
        if line["state"] == "replaced" and line["id"] not in chooser.regretted:
            chooser.regretted.add(line["id"])
            if chooser.rng.random() < chooser.temper.regrets:
                chooser.goods.missing(line)
                return on_line(line, "withdraw")
    return _finish(chooser, order)


def _customer(chooser: Chooser, line: Json) -> Action:
    """The customer is called: says yes, says no, or does not answer."""
    answer = chooser.asked.get(line["id"])
    if answer is None:
        yes, no = chooser.temper.answers
        drawn = chooser.rng.random()
        answer = "yes" if drawn < yes else "no" if drawn < no else "silence"
        chooser.asked[line["id"]] = answer
    if answer == "silence" and chooser.waited < chooser.temper.waits:
        chooser.waited += 1
        return Action("", kind="wait")
    chooser.regretted.add(line["id"])
    if answer != "yes":
        chooser.goods.missing(line)
    if answer == "silence":
        return on_line(line, "withdraw")
    return on_line(line, "decide", {"approved": answer == "yes", "by": "customer"})


def _finish(chooser: Chooser, order: Json) -> Action:
    """Look the order over, then close it; one without any goods cannot be closed."""
    if not any(line["state"] in FOUND for line in order["lines"]):
        return _look_again(chooser, order)
    if chooser.whole and not chooser.reviewed:
        chooser.reviewed = True
        return Action("/review", kind="look")
    return Action("/complete")


def _look_again(chooser: Chooser, order: Json) -> Action:
    """Something must be there after all; where nothing may be sold, the hub shall say so."""
    able = [x for x in order["lines"] if {"pick", "weigh"} & set(x.get("allowed_actions", ()))]
    return chooser.goods.by_hand(able[0]) if able else Action("/complete")


def _picked(chooser: Chooser, order: Json) -> Action:
    if chooser.reopens is None:
        chooser.reopens = chooser.rng.random() < chooser.temper.reopens
        if chooser.reopens:
            return Action("/reopen")
    return chooser.packing.action(order)


def _nothing(_chooser: Chooser, _order: Json) -> None:
    return None


BY_STATE: Final[Mapping[str, Callable[[Chooser, Json], Action | None]]] = {
    "accepted": _start,
    "picking": _picking,
    "picked": _picked,
}
