"""A run of orders as a handheld gets it; OpenAPI is generated from these very types."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from app.domain.path import short_code
from app.domain.run import Member, Run, walk
from app.domain.urgency import minutes_left
from app.render.line import LineView, line_view
from app.render.picker import PickerView, WriteResult


class RunOrder(msgspec.Struct):
    """An order of a run. `standing`: open, picked, cancelled, or left (given back, taken over); its
    goods go into the tote with this letter."""

    tote: str
    standing: str
    id: UUID
    number: str
    short_code: str
    state: str
    version: int
    due_at: datetime
    minutes_left: int
    lines: int
    lines_done: int


class RunLine(msgspec.Struct):
    """One stop of the merged path: what to take, and into which tote."""

    tote: str
    order_id: UUID
    version: int
    line: LineView


class RunView(msgspec.Struct):
    """A run: its orders by tote, and all their open lines as one path."""

    id: UUID
    picker: PickerView
    started_at: datetime
    orders: list[RunOrder]
    path: list[RunLine]
    finished_at: datetime | None = None


class RunList(msgspec.Struct):
    """The caller's open runs: one or none."""

    runs: list[RunView]


class RunScan(msgspec.Struct):
    """What a scan in a run was for: the order and its tote, and what an ordinary scan answers."""

    tote: str
    order_id: UUID
    result: WriteResult


def run_view(run: Run, members: Sequence[Member], now: datetime) -> RunView:
    """A run as it stands."""
    return RunView(
        id=run.id,
        picker=PickerView(run.badge, run.name),
        started_at=run.started_at,
        orders=[_order(member, now) for member in members],
        path=[
            RunLine(
                member.tote,
                member.order.id,
                member.order.version,
                line_view(member.order, line, pickable=False, turn=turn),
            )
            for turn, (member, line) in enumerate(walk(members), 1)
        ],
        finished_at=run.finished_at,
    )


def _order(member: Member, now: datetime) -> RunOrder:
    order = member.order
    lines = order.wanted()
    return RunOrder(
        tote=member.tote,
        standing=member.standing,
        id=order.id,
        number=order.number,
        short_code=short_code(order.number),
        state=order.state,
        version=order.version,
        due_at=order.due_at,
        minutes_left=minutes_left(order.due_at, now),
        lines=len(lines),
        lines_done=len(lines) - len(member.open_lines()),
    )
