"""Quantities, times and problems of documents in the words of the portal's pages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

from app.render.figures import count, kilograms
from app.render.language import say

_ZONE: Final = ZoneInfo("Europe/Moscow")
_NBSP: Final = "\u00a0"


@dataclass(frozen=True, slots=True)
class Why:
    """One problem in words; `problem` is its name."""

    problem: str
    text: str


@dataclass(frozen=True, slots=True)
class Held:
    """An order that has no document yet, and why; `waivable`: what a person may let pass."""

    order_id: UUID
    number: str
    store: str
    account: str
    delivered_at: datetime
    problems: tuple[Why, ...]
    waivable: tuple[str, ...]


def quantity(pieces: int, grams: int | None, language: str) -> str:
    """Pieces, or kilograms with three places."""
    if grams is None:
        return count(pieces, language) + _NBSP + say(language, "papers.pieces")
    return kilograms(grams, language) + _NBSP + say(language, "papers.kg")


def clock(moment: datetime | None) -> str:
    """Day and time, in the zone of the desk."""
    return "" if moment is None else f"{moment.astimezone(_ZONE):%d.%m %H:%M}"


def held(row: Mapping[str, Any], waivable: frozenset[str], language: str) -> Held:
    """What holds one order back, in words."""
    problems: Sequence[Mapping[str, Any]] = row["problems"]
    names = dict.fromkeys(problem["problem"] for problem in problems)
    return Held(
        row["order_id"],
        row["number"],
        row["store"],
        row["account"],
        row["delivered_at"],
        tuple(_why(problem, language) for problem in problems),
        tuple(name for name in names if name in waivable),
    )


def _why(problem: Mapping[str, Any], language: str) -> Why:
    name = problem["problem"]
    text = say(language, f"hold.{name}", **{**_FACTS, **problem})
    if "more" in problem:
        text += say(language, "hold.more", count=problem["more"])
    return Why(name, text)


#: What a problem may speak of and some do not.
_FACTS: Final = {"line": "", "sku": "", "missing": "", "ours": "", "theirs": "", "code": "",
                 "on": ""}  # fmt: skip
