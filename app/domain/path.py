"""The way through the shop: in which order lines are walked, and which zone a line belongs to."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any, Final

from app.domain import events as ev
from app.domain.order import Line, LineState, Order
from app.domain.refusals import Code, Refused

#: More than the column takes, nobody puts off.
MOST: Final = 32_000
_PART: Final = re.compile(r"(\d+)")
#: A number is compared by its value when it has no more digits than this.
_DIGITS: Final = 18


def path(lines: Iterable[Line]) -> tuple[Line, ...]:
    """The lines as they are walked. What was put off comes last; before everything else of its
    turn come goods whose place nobody knows, so that somebody asks where they are."""
    return tuple(sorted(lines, key=place_key))


def place_key(line: Line) -> tuple[Any, ...]:
    """What lines are sorted by: never the same for two lines, comparable for any two."""
    place = line.place
    return (
        line.postponed,
        not no_place(line),
        place.rank or 0,
        natural(place.aisle),
        natural(place.shelf),
        line.position,
        str(line.id),
    )


def no_place(line: Line) -> bool:
    """Whether the line's place on the path is unknown."""
    return line.place.rank is None


def natural(text: str) -> tuple[tuple[bool, int, str], ...]:
    """A key by which A2 comes before A10."""
    parts = _PART.split(text.casefold())
    return tuple(
        (False, int(part), part) if part.isdecimal() and len(part) <= _DIGITS else (True, 0, part)
        for part in parts
        if part
    )


def zone_of(order: Order, line: Line) -> str:
    """Whose zone a line is: a replacement is found by the one who looked for the original. '' when
    nobody knows."""
    seen = {line.id}
    while line.replaces is not None:
        original = order.line(line.replaces)
        if original is None or original.id in seen:
            break
        line = original
        seen.add(line.id)
    return line.place.zone


def zones(order: Order) -> tuple[str, ...]:
    """The zones an order can be divided into."""
    return tuple(sorted({zone_of(order, line) for line in order.wanted()} - {""}))


def unwalked(order: Order) -> frozenset[str]:
    """The zones that have lines without an outcome; a question to the customer is none yet."""
    still = (LineState.TODO, LineState.PROPOSED)
    return frozenset(zone_of(order, x) for x in order.wanted() if x.state in still) - {""}


def postpone(order: Order, event: ev.LinePostponed) -> Order:
    """Put an open line to the end of the path; the last one stays where it is."""
    line = order.line(event.line_id)
    if line is None:
        raise Refused(Code.LINE_NOT_FOUND, line_id=str(event.line_id))
    if line.state is not LineState.TODO:
        raise Refused(Code.ILLEGAL_TRANSITION, state=str(line.state), event="LinePostponed")
    last = max((other.postponed for other in order.wanted() if other.id != line.id), default=0)
    if line.postponed > last or last >= MOST:
        return order
    moved = replace(line, postponed=last + 1)
    return replace(order, lines=tuple(moved if x.id == line.id else x for x in order.lines))


def put_off(line: Line) -> tuple[str, ...]:
    """The verb that puts a line off, while it is open."""
    return ("postpone",) if line.state is LineState.TODO else ()


def short_code(number: str) -> str:
    """What people call an order: the last four characters of its number."""
    return number[-4:]
