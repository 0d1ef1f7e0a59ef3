"""What the robot does with an order: one next action, from the order as the hub shows it. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from app.sandbox.barcodes import marking_code, weight_label
from app.sandbox.catalogue import BY_SKU
from app.sandbox.robot.temper import Temper

HEAVIEST_LABEL: Final = 99_999  #: grams an in-store label can say

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Action:
    """One write: path below the order, body, and the line it is about."""

    path: str
    body: Json = field(default_factory=dict)
    line_id: str | None = None


@dataclass(slots=True)
class Chooser:
    """Chooses actions; `tried` holds lines already scanned once, which are then entered by hand."""

    rng: Random
    temper: Temper
    tried: set[str] = field(default_factory=set)

    def next_action(self, order: Json) -> Action | None:
        """Return what to do next; None when there is nothing left for a picker."""
        return BY_STATE.get(order["state"], _nothing)(self, order)

    def line_action(self, line: Json, *, must_find: bool) -> Action:
        """Find a line's goods, more or less; `must_find` when the order would stay empty."""
        tried = line["id"] in self.tried
        self.tried.add(line["id"])
        luck = 1.0 if must_find or tried else self.rng.random()
        if luck < self.temper.drops:
            return self._on_line(line, "drop", {"reason": "out_of_stock", "shelf_empty": True})
        weighed = line["unit"] == "weight"
        if luck < self.temper.drops + self.temper.shorts and _divisible(line):
            return self._short(line, weighed=weighed)
        scan = not tried and self.rng.random() < self.temper.scans
        return self._weigh(line, scan=scan) if weighed else self._pick(line, scan=scan)

    def _pick(self, line: Json, *, scan: bool) -> Action:
        pieces, barcodes = line["requested"]["pieces"], line["barcodes"]
        marks = self._marks(line, pieces)
        if scan and pieces == 1 and (marks or barcodes):
            return _scan(line, marks[0] if marks else self.rng.choice(barcodes))
        body: Json = {"quantity": pieces} | ({"marks": marks} if marks else {})
        return self._on_line(line, "pick", body)

    def _weigh(self, line: Json, *, scan: bool) -> Action:
        ordered = line["requested"]["grams"]
        error = self.temper.weight_error
        grams = max(1, round(ordered * self.rng.uniform(1 - error, 1 + error)))
        product = BY_SKU.get(line["sku"])
        if scan and product is not None and product.plu and grams <= HEAVIEST_LABEL:
            return _scan(line, weight_label(product.plu, grams))
        return self._on_line(line, "weigh", {"grams": grams, "source": "scale"})

    def _short(self, line: Json, *, weighed: bool) -> Action:
        requested = line["requested"]
        amount = requested["grams"] if weighed else requested["pieces"]
        found = max(1, round(amount * self.rng.uniform(0.3, 0.7)))
        body = {"grams" if weighed else "quantity": min(found, amount - 1)}
        return self._on_line(line, "short", body | {"reason": "not_enough", "shelf_empty": True})

    def _marks(self, line: Json, pieces: int) -> list[str]:
        """A DataMatrix for every unit; the GTIN is the line's own."""
        if not line["marked"] or not line["barcodes"]:
            return []
        return [marking_code(line["barcodes"][0], self.rng) for _ in range(pieces)]

    def _on_line(self, line: Json, verb: str, body: Json) -> Action:
        return Action(f"/lines/{line['id']}/{verb}", body, line["id"])


def _picking(chooser: Chooser, order: Json) -> Action:
    todo = [line for line in order["lines"] if line["state"] == "todo"]
    found = any(line["state"] in ("picked", "short") for line in order["lines"])
    if not todo:
        return Action("/complete") if found else _look_again(chooser, order)
    return chooser.line_action(todo[0], must_find=not found and len(todo) == 1)


def _look_again(chooser: Chooser, order: Json) -> Action:
    """An order without any goods cannot be completed: look for the first line once more."""
    return chooser.line_action(order["lines"][0], must_find=True)


def _scan(line: Json, raw: str) -> Action:
    return Action("/scan", {"raw": raw, "line_id": line["id"], "apply": True}, line["id"])


def _divisible(line: Json) -> bool:
    """Marked goods are found or not: half of them would need half the marks."""
    requested = line["requested"]
    return not line["marked"] and (requested["grams"] or requested["pieces"]) > 1


def _nothing(_chooser: Chooser, _order: Json) -> None:
    return None


BY_STATE: Final[Mapping[str, Callable[[Chooser, Json], Action | None]]] = {
    "accepted": lambda _chooser, _order: Action("/start"),
    "picking": _picking,
    "picked": lambda _chooser, _order: Action("/ready"),
}
