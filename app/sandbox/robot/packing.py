"""Packing: bags by temperature, labels, staging, ready. Pure: the next request, from the order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Final

from app.sandbox.robot.action import Action, Json
from app.sandbox.robot.temper import Temper
from app.sandbox.shelves import PLACES

FORMATS: Final = ("zpl", "zpl-picture", "pdf", "png")
#: Staging places by what they keep.
STANDS: Final[Mapping[str, tuple[str, ...]]] = {
    kept: tuple(place["code"] for place in PLACES if place["temperature"] == kept)
    for kept in ("ambient", "chilled", "frozen", "non_food")
}


@dataclass(slots=True)
class Packing:
    """The robot at the packing table. `spare`: a bag too many, still to be opened or voided."""

    rng: Random
    temper: Temper
    whole: bool = True
    begun: bool = False
    bagless: bool = False
    spare: bool = False
    unlabelled: bool = False
    unstaged: bool = False  #: there is no room: the bags stay at the table
    labelled: set[str] = field(default_factory=set)

    def action(self, order: Json) -> Action:
        """What comes next for a picked order; at last it is ready."""
        if not self.begun:
            self._begin()
        if self.bagless:
            return Action("/ready", {"bags": self.rng.randint(1, 3)})
        return next(self._steps(order), Action("/ready"))

    def no_room(self) -> None:
        """Staging was refused."""
        self.unstaged = True

    def _begin(self) -> None:
        chance, temper = self.rng.random, self.temper
        self.begun = True
        self.bagless = chance() < temper.bagless
        self.spare = chance() < temper.spares
        self.unlabelled = chance() >= temper.labels or not self.whole

    def _steps(self, order: Json) -> Iterator[Action]:
        bags = [bag for bag in order.get("bags", ()) if bag["state"] != "void"]
        have = [bag["temperature"] for bag in bags]
        for kept in sorted(needed(order) - set(have)):
            yield self._open(kept)
        if self.spare:
            self.spare = False
            yield self._open("ambient" if "ambient" in have else have[0])
        yield from _too_many(bags)
        for bag in bags:
            if not self.unlabelled and bag["id"] not in self.labelled:
                self.labelled.add(bag["id"])
                yield self._label(bag)
        for bag in bags:
            if bag["state"] == "open":
                yield Action("/seal", {"bag_id": bag["id"]}, bag_id=bag["id"])
        if not self.unstaged:
            yield from self._stage(bags)

    def _open(self, kept: str) -> Action:
        """Some bags come with a code printed on them."""
        printed = self.rng.random() < self.temper.printed
        code = {"code": f"B-{self.rng.randrange(10**8):08d}"} if printed else {}
        return Action("/bags", {"temperature": kept, **code})

    def _label(self, bag: Json) -> Action:
        path = f"/bags/{bag['id']}/label?format={self.rng.choice(FORMATS)}"
        return Action(path, kind="file", bag_id=bag["id"])

    def _stage(self, bags: list[Json]) -> Iterator[Action]:
        for kept, places in STANDS.items():
            codes = [
                bag["code"] for bag in bags if bag["temperature"] == kept and not bag.get("place")
            ]
            if codes:
                where = self.rng.choice(places)
                yield Action("/stage", {"location_code": where, "bag_codes": codes})


def needed(order: Json) -> set[str]:
    """The temperatures of what is in the basket."""
    found = ("picked", "short")
    return {line.get("temperature", "ambient") for line in order["lines"] if line["state"] in found}


def _too_many(bags: list[Json]) -> Iterator[Action]:
    seen: set[str] = set()
    for bag in bags:
        if bag["temperature"] in seen and bag["state"] == "open":
            yield Action("/void", {"bag_id": bag["id"]}, bag_id=bag["id"])
        seen.add(bag["temperature"])
