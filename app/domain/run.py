"""Orders picked together by one person: sorted into totes while picking, along one path."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.order import Line, LineState, Order, OrderState
from app.domain.path import place_key
from app.domain.pick_job import AT_WORK, JobState
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED

TOTES: Final = ("A", "B", "C", "D")
LEAST, MOST = 2, len(TOTES)


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it is kept; its orders are read apart."""

    id: UUID
    picker_id: UUID
    badge: str
    name: str
    started_at: datetime
    finished_at: datetime | None


class Standing(StrEnum):
    """What became of an order of a run."""

    OPEN = "open"  #: still to be picked
    PICKED = "picked"  #: its composition is final
    CANCELLED = "cancelled"  #: called off; its tote goes back to the shelves
    LEFT = "left"  #: given back, or taken by another


@dataclass(frozen=True, slots=True)
class Member:
    """An order of a run, its tote, and whether its job is still of this run."""

    order: Order
    tote: str
    job: JobState | None

    @property
    def standing(self) -> Standing:
        """Derived, never kept: an order leaves a run by whatever happens to it."""
        if self.order.state in ENDED:
            return Standing.CANCELLED
        if self.job is None:
            return Standing.LEFT
        to_pick = self.order.state in (OrderState.ACCEPTED, OrderState.PICKING)
        return Standing.OPEN if to_pick and self.job in AT_WORK else Standing.PICKED

    def open_lines(self) -> list[Line]:
        """Lines without an outcome."""
        return [line for line in self.order.wanted() if line.state is LineState.TODO]


def urgent(members: Iterable[Member]) -> list[Member]:
    """The orders still to be picked, the most urgent first."""
    still = (member for member in members if member.standing is Standing.OPEN)
    return sorted(still, key=lambda member: (member.order.due_at, member.order.number, member.tote))


def walk(members: Iterable[Member]) -> list[tuple[Member, Line]]:
    """All open lines of all orders as one path."""
    steps = [
        (member, line)
        for member in members
        if member.standing is Standing.OPEN
        for line in member.open_lines()
    ]
    return sorted(steps, key=lambda step: (place_key(step[1])[:-2], step[0].tote, *_last(step[1])))


def must_be_over(members: Iterable[Member]) -> None:
    """Refuse to finish while an order is still to be picked."""
    still = urgent(members)
    if still:
        left = [
            {
                "order": str(member.order.id),
                "number": member.order.number,
                "tote": member.tote,
                "line_ids": [str(line.id) for line in member.open_lines()],
            }
            for member in still
        ]
        raise Refused(Code.LINES_NOT_CLOSED, orders=left)


def must_be_few(order_ids: Iterable[UUID]) -> None:
    """Refuse a run of fewer than two orders, of more than there are totes, or of one twice."""
    ids = list(order_ids)
    if not LEAST <= len(ids) <= MOST or len(set(ids)) != len(ids):
        raise Refused(Code.INVALID_BODY, field="order_ids", expected="2 to 4 different orders")


def _last(line: Line) -> tuple[int, str]:
    return line.position, str(line.id)
