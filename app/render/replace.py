"""Substitutes, waiting answers and the review of an order as a handheld gets them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from uuid import UUID

import msgspec

from app.domain.candidates import Candidate
from app.domain.order import Line, Order, Unit
from app.domain.review import SENTENCES, Difference, Remark, Review
from app.domain.sums import as_ordered
from app.domain.wish import POLICY, preference
from app.render.line import Quantity


class SubstituteView(msgspec.Struct):
    """Goods that may stand for a line. `source`: customer, marketplace, chain or search. `price` in
    kopecks per piece or per `unit_grams`; `price_difference`: kopecks more than the line as
    ordered, for as much of it. `refused`: why it may not: preference, dearer, no_price,
    retired, unavailable, …"""

    sku: str
    name: str
    source: str
    unit: Unit
    needs_approval: bool
    available: bool
    barcodes: list[str]
    marked: bool
    category: str
    price: int | None = None
    unit_grams: int | None = None
    price_difference: int | None = None
    min_age: int | None = None
    photo_url: str | None = None
    refused: str | None = None


class SubstituteList(msgspec.Struct):
    """What may stand for a line, the best first; `preference`: what the customer wants."""

    line_id: UUID
    preference: str
    substitutes: list[SubstituteView]


class InsteadView(msgspec.Struct):
    """A line that stands for another, or is proposed to; `total` in kopecks, as proposed."""

    line_id: UUID
    sku: str
    name: str
    unit: Unit
    price: int
    requested: Quantity
    total: int
    picked: Quantity | None = None
    unit_grams: int | None = None


class ApprovalView(msgspec.Struct):
    """A customer who was asked. `silence`: whether no answer by `decide_by` means yes;
    `price_difference`: kopecks more than the line as ordered."""

    order_id: UUID
    number: str
    version: int
    line_id: UUID
    sku: str
    name: str
    requested: Quantity
    preference: str
    silence: bool
    instead: list[InsteadView]
    price_difference: int
    decide_by: datetime | None = None
    reason: str | None = None


class ApprovalList(msgspec.Struct):
    """Who waits for an answer in this store, the least time left first."""

    approvals: list[ApprovalView]


class ReviewTotals(msgspec.Struct):
    """Kopecks. `now`: what is in the basket; `difference`: now less requested; `may_cost`: the most
    the order can still come to; `authorised`: what the customer agreed to."""

    currency: str
    requested: int
    now: int
    difference: int
    may_cost: int
    authorised: int
    final: int | None = None


class DifferenceView(msgspec.Struct):
    """A line that is not as it was ordered; `price_difference` in kopecks."""

    line_id: UUID
    sku: str
    name: str
    unit: Unit
    state: str
    ordered: Quantity
    price_difference: int
    instead: list[InsteadView]
    picked: Quantity | None = None
    reason: str | None = None


class RemarkView(msgspec.Struct):
    """Something to see to, or to know; `step`: what it stops, complete or ready."""

    code: str
    text: str
    line_ids: list[UUID]
    step: str | None = None


class ReviewView(msgspec.Struct):
    """An order before it is closed. Nothing in `blockers`: it can be."""

    order_id: UUID
    version: int
    state: str
    totals: ReviewTotals
    differences: list[DifferenceView]
    blockers: list[RemarkView]
    warnings: list[RemarkView]


def substitute_list(order: Order, line: Line, found: Iterable[Candidate]) -> SubstituteList:
    """The candidates for a line."""
    wish = preference(order, line)
    return SubstituteList(line.id, wish, [_substitute(each) for each in found])


def approval(order: Order, line: Line) -> ApprovalView:
    """One customer who was asked about one line."""
    instead = order.replacements(line.id)
    wish = preference(order, line)
    return ApprovalView(
        order_id=order.id,
        number=order.number,
        version=order.version,
        line_id=line.id,
        sku=line.external_id,
        name=line.name,
        requested=Quantity(line.requested_pieces, line.requested_grams),
        preference=wish,
        silence=POLICY[wish].silence,
        instead=_instead(instead),
        price_difference=sum(map(as_ordered, instead)) - as_ordered(line),
        decide_by=line.decide_by,
        reason=line.reason,
    )


def review_view(order: Order, seen: Review, say: Callable[[str], str]) -> ReviewView:
    """The review of an order, its remarks as sentences."""
    now = seen.now if order.final_total is None else order.final_total
    return ReviewView(
        order.id,
        order.version,
        order.state,
        ReviewTotals(
            order.currency,
            seen.requested,
            now,
            now - seen.requested,
            seen.may_cost,
            seen.authorised,
            order.final_total,
        ),
        [_difference(each) for each in seen.differences],
        [_remark(each, say) for each in seen.blockers],
        [_remark(each, say) for each in seen.warnings],
    )


def _substitute(found: Candidate) -> SubstituteView:
    product = found.product
    return SubstituteView(
        sku=found.sku,
        name=product.name,
        source=found.source,
        unit=Unit.PIECE if product.unit_grams is None else Unit.WEIGHT,
        needs_approval=found.needs_approval,
        available=product.available,
        barcodes=list(product.barcodes),
        marked=product.marked,
        category=product.category,
        price=product.price,
        unit_grams=product.unit_grams,
        price_difference=found.difference,
        min_age=product.min_age,
        photo_url=product.photo_url,
        refused=found.refused,
    )


def _difference(each: Difference) -> DifferenceView:
    line = each.line
    return DifferenceView(
        line_id=line.id,
        sku=line.external_id,
        name=line.name,
        unit=line.unit,
        state=line.state,
        ordered=Quantity(line.requested_pieces, line.requested_grams),
        price_difference=each.now - each.ordered,
        instead=_instead(each.instead),
        picked=_picked(line),
        reason=line.reason,
    )


def _instead(lines: Sequence[Line]) -> list[InsteadView]:
    return [
        InsteadView(
            line.id,
            line.external_id,
            line.name,
            line.unit,
            line.price,
            Quantity(line.requested_pieces, line.requested_grams),
            as_ordered(line),
            _picked(line),
            line.unit_grams,
        )
        for line in lines
    ]


def _picked(line: Line) -> Quantity | None:
    begun = line.picked_pieces is not None or line.picked_grams is not None
    return Quantity(line.picked_pieces or 0, line.picked_grams) if begun else None


def _remark(remark: Remark, say: Callable[[str], str]) -> RemarkView:
    sentence = SENTENCES.get(remark.code, remark.code)
    return RemarkView(remark.code, say(sentence), list(remark.line_ids), remark.step or None)
