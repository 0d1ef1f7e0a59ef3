"""What an order looks like before it is closed: sums, what differs, what stands in the way."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from app.domain import bags, marks
from app.domain import events as ev
from app.domain.notices import warning
from app.domain.order import Line, LineState, Order, OrderState
from app.domain.picking import nothing_found, restricted
from app.domain.refusals import Code, Notice, Refused
from app.domain.sums import as_ordered, authorised, found, may_cost
from app.domain.terms import Terms

_WITH_GOODS: Final = (LineState.PICKED, LineState.SHORT)
_SOON: Final = timedelta(minutes=10)
#: Remarks that are neither refusals nor notices of a write.
OVER_AUTHORISED: Final = "OVER_AUTHORISED"
NOTHING_FOUND: Final = "NOTHING_FOUND"
BAG_LACKING: Final = "BAG_LACKING"


@dataclass(frozen=True, slots=True)
class Difference:
    """A line that is not as it was ordered: kopecks then and now, and what stands for it."""

    line: Line
    ordered: int
    now: int
    instead: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Remark:
    """Something to see to, or to know: a code and the lines it is about. `step`: what it stops."""

    code: str
    line_ids: tuple[UUID, ...] = ()
    step: str = ""


@dataclass(frozen=True, slots=True)
class Review:
    """The order as it stands. Kopecks: `may_cost` is the most it can still come to."""

    requested: int
    now: int
    may_cost: int
    authorised: int
    differences: tuple[Difference, ...]
    blockers: tuple[Remark, ...]
    warnings: tuple[Remark, ...]


def review(order: Order, terms: Terms) -> Review:
    """Look at an order, at any time. What is open yet differs from nothing: it is a blocker."""
    return Review(
        order.requested_total,
        found(order),
        may_cost(order),
        authorised(order, terms.rules),
        tuple(_differences(order)),
        tuple(_said(_BLOCKERS, order, terms)),
        tuple(_said(_WARNINGS, order, terms)),
    )


def _differences(order: Order) -> Iterator[Difference]:
    for line in order.wanted():
        if line.replaces is not None or line.state is LineState.TODO:
            continue
        instead = order.replacements(line.id)
        as_asked = (line.picked_pieces, line.picked_grams) == (
            line.requested_pieces,
            line.requested_grams,
        )
        if line.state is not LineState.PICKED or not as_asked:
            now = line.total() + sum(each.total() for each in instead)
            yield Difference(line, as_ordered(line), now, instead)


_Ask = Callable[[Order, Terms], Remark | None]


def _said(asks: Iterable[_Ask], order: Order, terms: Terms) -> Iterator[Remark]:
    return (remark for ask in asks if (remark := ask(order, terms)) is not None)


def _open_lines(order: Order, _terms: Terms) -> Remark | None:
    lines = [line for line in order.wanted() if line.state is LineState.TODO]
    return _about(Code.LINES_NOT_CLOSED, lines, "complete")


def _waiting(order: Order, _terms: Terms) -> Remark | None:
    asked = [x for x in order.wanted() if x.state is LineState.PROPOSED and x.replaces is None]
    return _about(Code.APPROVAL_PENDING, asked, "complete")


def _unmarked(order: Order, _terms: Terms) -> Remark | None:
    lines = [line for line in order.lines if line.state in _WITH_GOODS and not _has_marks(line)]
    return _about(Code.MARK_REQUIRED, lines, "complete")


def _has_marks(line: Line) -> bool:
    uses = {code: line.mark_use(code) for code in line.marks}
    try:
        marks.check_count(line, line.marks, uses, line.picked_pieces or 0)
    except Refused:
        return False
    return True


def _unsealed(order: Order, terms: Terms) -> Remark | None:
    if order.state not in (OrderState.ACCEPTED, OrderState.PICKING, OrderState.PICKED):
        return None
    try:
        bags.ready(order, ev.Readied(), terms)
    except Refused as refusal:
        return Remark(refusal.code, step="ready")
    return None


def _not_for_sale(order: Order, _terms: Terms) -> Remark | None:
    lines = [x for x in order.wanted() if x.state is LineState.TODO and restricted(order, x)]
    return _about(Code.ITEM_RESTRICTED, lines)


def _age(order: Order, _terms: Terms) -> Remark | None:
    lines = [line for line in order.lines if line.min_age and line.state in _WITH_GOODS]
    return _about(Code.AGE_CHECK_REQUIRED, lines)


def _weights(notice: Notice) -> _Ask:
    def ask(order: Order, terms: Terms) -> Remark | None:
        off = [
            line
            for line in order.wanted()
            if warning(line, terms.shop.tolerance(line.category)) is notice
        ]
        return _about(notice, off)

    return ask


def _bags(order: Order, _terms: Terms) -> Remark | None:
    """Where bags are used at all, goods of each temperature want one."""
    have = {bag.temperature for bag in order.live_bags()}
    lacking = [
        line
        for line in order.lines
        if have and line.state in _WITH_GOODS and line.temperature not in have
    ]
    return _about(BAG_LACKING, lacking)


def _too_dear(order: Order, terms: Terms) -> Remark | None:
    return Remark(OVER_AUTHORISED) if found(order) > authorised(order, terms.rules) else None


def _empty(order: Order, _terms: Terms) -> Remark | None:
    picking = order.state is OrderState.PICKING
    return Remark(NOTHING_FOUND) if picking and nothing_found(order) else None


def _late(order: Order, terms: Terms) -> Remark | None:
    working = order.state in (OrderState.ACCEPTED, OrderState.PICKING, OrderState.PICKED)
    return Remark(Notice.DUE_SOON) if working and order.due_at - terms.now <= _SOON else None


def _about(code: str, lines: Iterable[Line], step: str = "") -> Remark | None:
    ids = tuple(line.id for line in lines)
    return Remark(code, ids, step) if ids else None


_BLOCKERS: Final[tuple[_Ask, ...]] = (_open_lines, _waiting, _unmarked, _unsealed)
_WARNINGS: Final[tuple[_Ask, ...]] = (
    _empty,
    _too_dear,
    _not_for_sale,
    _age,
    _bags,
    _weights(Notice.WEIGHT_OVER_SOFT_LIMIT),
    _weights(Notice.WEIGHT_UNDER_SOFT_LIMIT),
    _late,
)
#: Sentences of a review that say more, or less, than the refusal of the same code does.
SENTENCES: Final[Mapping[str, str]] = {
    Code.LINES_NOT_CLOSED: "review.open_lines",
    Code.MARK_REQUIRED: "review.marks",
    Code.ITEM_RESTRICTED: "review.restricted",
    Code.AGE_CHECK_REQUIRED: "review.age",
    Notice.WEIGHT_OVER_SOFT_LIMIT: "review.heavy",
    Notice.WEIGHT_UNDER_SOFT_LIMIT: "review.light",
    OVER_AUTHORISED: "review.too_dear",
    NOTHING_FOUND: "review.nothing_found",
    BAG_LACKING: "review.bags",
}
