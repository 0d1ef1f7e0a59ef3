"""How one line's goods get into the basket, or not: a line's steps, and each step's request. Pure.

A line's steps are drawn when it is first seen. When they are done and the line is still open, the
goods are entered by hand, which always closes it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any, Final

from app.sandbox.barcodes import marking_code, price_label, weight_label
from app.sandbox.catalogue import BY_SKU, PRODUCTS
from app.sandbox.credentials import Picker
from app.sandbox.robot.action import Action, Json, on_line, scan
from app.sandbox.robot.temper import Temper

HEAVIEST_LABEL: Final = 99_999  #: grams, or kopecks, that an in-store label can say
SHORT_REASONS: Final = ("not_enough", "damaged", "expired", "порвана упаковка")
DROP_REASONS: Final = ("out_of_stock", "not_found", "poor_quality", "mark_unreadable")
#: Codes that are no goods of any order.
STRAYS: Final = ("4601234567893", "L-ST-1", "BADGE-1001", "не штрихкод")


@dataclass(slots=True)
class Goods:
    """The robot at the shelves. `steps` are what is still meant for each line; `found` what a look
    for substitutes brought."""

    rng: Random
    temper: Temper
    supervisor: Picker | None = None
    whole: bool = True
    steps: dict[str, list[str]] = field(default_factory=dict)
    found: dict[str, list[Json]] = field(default_factory=dict)
    too_heavy: dict[str, int] = field(default_factory=dict)

    def action(self, line: Json, *, must_find: bool) -> Action:
        """What comes next at this line; `must_find` when the order would stay empty."""
        steps = self.steps.get(line["id"])
        if steps is None:
            steps = self.steps[line["id"]] = self._drawn(line)
        while steps:
            step = steps.pop(0)
            if must_find and step in ("drop", "replace", "substitutes", "short"):
                continue
            action = STEPS[step](self, line)
            if action is not None:
                return action
        return self.by_hand(line)

    def missing(self, line: Json) -> None:
        """The goods are not there, whatever was thought before."""
        self.steps[line["id"]] = ["drop"]

    def refused_weight(self, line_id: str, grams: int) -> None:
        """The scale is right: now a supervisor must say so."""
        self.too_heavy[line_id] = grams

    def by_hand(self, line: Json) -> Action:
        """The whole of it, typed."""
        if line["unit"] == "weight":
            return self._weighed(line, self.grams(line))
        return self._picked(line)

    def _drawn(self, line: Json) -> list[str]:
        temper, chance = self.temper, self.rng.random
        put_off = ["postpone"] if chance() < temper.postpones else []
        stray = ["stray"] if chance() < temper.strays else []
        return [*put_off, *stray, *self._outcome(line)]

    def _outcome(self, line: Json) -> list[str]:
        temper, luck = self.temper, self.rng.random()
        if luck < temper.drops and line.get("replaces") is None:
            replace = "replace" in line.get("allowed_actions", ())
            look = replace and self.rng.random() < temper.replaces
            return ["substitutes", "replace", "drop"] if look else ["drop"]
        if luck < temper.drops + temper.shorts and _divisible(line):
            return ["short"]
        if line["unit"] == "weight":
            return self._of_weight()
        return [*self._look(), "scan"] if self.rng.random() < temper.scans else []

    def _of_weight(self) -> list[str]:
        temper, luck = self.temper, self.rng.random()
        if luck < temper.too_heavy:
            return ["too heavy"]
        if luck < temper.too_heavy + temper.heavy:
            return ["heavy"]
        if self.rng.random() < temper.halves:
            return ["half", "rest"]
        return [*self._look(), "label"] if self.rng.random() < temper.scans else []

    def _look(self) -> list[str]:
        return ["look"] if self.rng.random() < self.temper.looks else []

    def _picked(self, line: Json) -> Action:
        pieces = line["requested"]["pieces"]
        marks = self.marks(line, pieces)
        return on_line(line, "pick", {"quantity": pieces} | ({"marks": marks} if marks else {}))

    def marks(self, line: Json, pieces: int) -> list[str]:
        """A DataMatrix for every unit, those on the line already among them."""
        if not line["marked"] or not line["barcodes"]:
            return []
        had = list(line["marks"])[:pieces]
        return had + [marking_code(line["barcodes"][0], self.rng) for _ in range(pieces - len(had))]

    def grams(self, line: Json) -> int:
        """What the scale happens to show for about as much as was ordered."""
        error = self.temper.weight_error
        off = self.rng.uniform(1 - error, 1 + error)
        return max(1, round(float(line["requested"]["grams"]) * off))

    def _weighed(self, line: Json, grams: int) -> Action:
        """On the scale; what was refused before goes with the supervisor's badge."""
        insisted = self.too_heavy.pop(line["id"], None)
        if insisted is None or self.supervisor is None:
            return on_line(line, "weigh", {"grams": grams, "source": "scale"})
        who = {"badge": self.supervisor["badge"], "pin": self.supervisor["pin"]}
        return on_line(line, "weigh", {"grams": insisted, "source": "scale", "override": who})


def _scan(goods: Goods, line: Json, *, apply: bool = True) -> Action | None:
    if not line["barcodes"]:
        return None
    mark = line["marked"]
    raw = (
        marking_code(line["barcodes"][0], goods.rng) if mark else goods.rng.choice(line["barcodes"])
    )
    return scan(line, raw, apply=apply)


def _look(goods: Goods, line: Json) -> Action | None:
    if line["unit"] == "piece":
        return _scan(goods, line, apply=False)
    return scan(line, goods.rng.choice(STRAYS[:1]), apply=False)


def _stray(goods: Goods, line: Json) -> Action:
    """Something else was nearer to the scanner."""
    other = goods.rng.choice([product for product in PRODUCTS if product.barcodes])
    codes = (*STRAYS, *(other.barcodes if other.sku != line["sku"] and not other.marked else ()))
    return scan(line, goods.rng.choice(codes))


def _label(goods: Goods, line: Json, grams: int) -> Action | None:
    """What the shop's scale prints for so many grams; sometimes it says the price."""
    product = BY_SKU.get(line["sku"])
    if product is None or not product.plu or not 0 < grams <= HEAVIEST_LABEL:
        return None
    kopecks = product.price * grams // (product.unit_grams or 1)
    if goods.rng.random() < goods.temper.prices and 0 < kopecks <= HEAVIEST_LABEL:
        return scan(line, price_label(product.plu, kopecks))
    return scan(line, weight_label(product.plu, grams))


def _rest(goods: Goods, line: Json) -> Action | None:
    had = (line["picked"] or {}).get("grams") or 0
    return _label(goods, line, line["requested"]["grams"] - had)


def _half(goods: Goods, line: Json) -> Action | None:
    """Less than any shop takes for the whole."""
    return _label(goods, line, line["requested"]["grams"] * 2 // 5)


def _off(least: float, most: float) -> Callable[[Goods, Json], Action]:
    def weigh(goods: Goods, line: Json) -> Action:
        grams = round(line["requested"]["grams"] * (1 + goods.rng.uniform(least, most)))
        return on_line(line, "weigh", {"grams": grams, "source": "scale"})

    return weigh


def _short(goods: Goods, line: Json) -> Action | None:
    weighed = line["unit"] == "weight"
    amount = line["requested"]["grams"] if weighed else line["requested"]["pieces"]
    if amount < 2:
        return None
    found = min(max(1, round(amount * goods.rng.uniform(0.3, 0.7))), amount - 1)
    body = {"grams" if weighed else "quantity": found, "shelf_empty": True}
    marks = goods.marks(line, found)
    said = {"marks": marks} if marks else {}
    return on_line(line, "short", body | said | {"reason": goods.rng.choice(SHORT_REASONS)})


def _drop(goods: Goods, line: Json) -> Action:
    reason = goods.rng.choice(DROP_REASONS)
    return on_line(line, "drop", {"reason": reason, "shelf_empty": reason == "out_of_stock"})


def _substitutes(goods: Goods, line: Json) -> Action | None:
    if not goods.whole:
        return None
    return Action(f"/lines/{line['id']}/substitutes", line_id=line["id"], kind="look")


def _replace(goods: Goods, line: Json) -> Action | None:
    """The best that may stand for it, or the two best together."""
    good = [
        row for row in goods.found.get(line["id"], ()) if row["available"] and not row["refused"]
    ]
    if not good:
        return None
    several = 2 if goods.rng.random() < goods.temper.pairs else 1
    items: list[dict[str, Any]] = [_item(row, line) for row in good[:several]]
    body = {"items": items, "reason": "out_of_stock", "shelf_empty": True}
    return on_line(line, "replace", body)


def _item(row: Json, line: Json) -> dict[str, Any]:
    """By its barcode where one carries it, else by its SKU; as much as was ordered is looked for
    next, unless pieces stand for grams."""
    named = {"code": row["barcodes"][0]} if row["barcodes"] and not row["marked"] else {}
    item: dict[str, Any] = named or {"sku": row["sku"]}
    if row["unit"] == "weight" and line["unit"] == "piece":
        item["grams"] = row["unit_grams"]
    return item


def _divisible(line: Json) -> bool:
    requested = line["requested"]
    return bool((requested["grams"] or requested["pieces"]) > 1)


STEPS: Final[Mapping[str, Callable[[Goods, Json], Action | None]]] = {
    "postpone": lambda _goods, line: on_line(line, "postpone"),
    "stray": _stray,
    "look": _look,
    "scan": _scan,
    "label": lambda goods, line: _label(goods, line, goods.grams(line)),
    "half": _half,
    "rest": _rest,
    "heavy": _off(0.11, 0.14),
    "too heavy": _off(0.6, 0.8),
    "short": _short,
    "drop": _drop,
    "substitutes": _substitutes,
    "replace": _replace,
}
