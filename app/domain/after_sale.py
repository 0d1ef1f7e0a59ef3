"""What is left of a sale when goods come back or it turns out to have been another: pure sums."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final
from uuid import UUID

from app.domain.after_sale_events import Wish
from app.domain.marks import identity, plain
from app.domain.money import MAX_KOPECKS, by_weight, half_up
from app.domain.order import GONE, Draft, Order
from app.domain.quantity import MAX_GRAMS, MAX_PIECES
from app.domain.refusals import Code, Refused

#: The kinds of changes, as documents call them.
RETURN: Final = "return"
CORRECTION: Final = "correction"


@dataclass(frozen=True, slots=True)
class Sold:
    """A line of an order as it is sold at a moment. `grams` are of weighed goods only, which have
    `unit_grams`; `price` is kopecks for a piece or for unit_grams, `total` what is paid for all of
    it, VAT inside. The delivery, when the merchant sells it, is a line too: its id is the order's.
    """

    line_id: UUID
    sku: str
    name: str
    pieces: int
    price: int
    total: int
    grams: int | None = None
    unit_grams: int | None = None
    vat_code: str = "standard"
    vat_percent: int | None = None
    marks: tuple[str, ...] = ()
    kind: str = "goods"

    @property
    def quantity(self) -> int:
        """Pieces, or grams of weighed goods."""
        return self.pieces if self.grams is None else self.grams


def returned(sold: Sequence[Sold], wishes: Sequence[Wish]) -> tuple[Sold, ...]:
    """The lines of which something comes back, as they are after that. What is left of a line
    keeps its exact share of the total, half up; of all of it nothing is left."""
    return tuple(_returned(line, wish) for line, wish in _lines(sold, wishes))


def corrected(sold: Sequence[Sold], wishes: Sequence[Wish]) -> tuple[Sold, ...]:
    """The lines that change, as they ought to have been. With a price the total is price times
    quantity; without one the line keeps what was paid for each piece or gram."""
    found = [(line, _corrected(line, wish)) for line, wish in _lines(sold, wishes)]
    for before, after in found:
        if before == after:
            raise Refused(Code.NOTHING_CHANGED, line_id=str(before.line_id))
    return tuple(after for _, after in found)


def nothing_left(sold: Iterable[Sold]) -> tuple[Sold, ...]:
    """The lines of which something is left, after all of it came back."""
    return tuple(_left(line, 0, 0, ()) for line in sold if line.quantity or line.total)


def agrees(sold: Sequence[Sold], order: Order, draft: Draft) -> bool:
    """Whether an order as its marketplace describes it is what is sold now, or the order as it was
    asked for: nothing that a document would have to say."""
    theirs = {line.external_id: line.grams or line.pieces for line in draft.lines}
    ours = {line.sku: line.quantity for line in sold if line.kind == "goods" and line.quantity}
    asked = {
        line.external_id: line.requested_grams or line.requested_pieces
        for line in order.lines
        if line.replaces is None and line.reason != GONE
    }
    return theirs in (ours, asked)


def marks_given(before: Iterable[Sold], after: Iterable[Sold]) -> dict[UUID, tuple[str, ...]]:
    """The marks that are free again, by line."""
    kept = {line.line_id: set(line.marks) for line in after}
    gone = {
        line.line_id: tuple(mark for mark in line.marks if mark not in kept[line.line_id])
        for line in before
        if line.line_id in kept
    }
    return {line_id: marks for line_id, marks in gone.items() if marks}


def spread(discount: int, totals: Mapping[UUID, int]) -> dict[UUID, int]:
    """What of a discount on a whole order falls on each of its lines, by their totals and the
    largest remainder (of equal ones the earlier line): the sum is exact, no line below zero."""
    whole = sum(totals.values())
    discount = min(discount, whole)
    if discount <= 0:
        return dict.fromkeys(totals, 0)
    parts = {key: discount * total // whole for key, total in totals.items()}
    order = sorted(totals, key=lambda key: -(discount * totals[key] % whole))
    for key in order[: discount - sum(parts.values())]:
        parts[key] += 1
    return parts


def _lines(sold: Sequence[Sold], wishes: Sequence[Wish]) -> list[tuple[Sold, Wish]]:
    if not wishes:
        raise Refused(Code.INVALID_BODY, field="lines", expected="one line at least")
    found = [(_line(sold, wish.line), wish) for wish in wishes]
    if len({line.line_id for line, _ in found}) != len(found):
        raise Refused(Code.INVALID_BODY, field="lines", expected="each line once")
    return found


def _line(sold: Sequence[Sold], named: UUID | str) -> Sold:
    for line in sold:
        if named in (line.line_id, line.sku):
            return line
    raise Refused(Code.LINE_NOT_FOUND, line=str(named))


def _returned(line: Sold, wish: Wish) -> Sold:
    if wish.price is not None:
        raise Refused(Code.INVALID_BODY, field="price", expected="no price: goods come back")
    given = _amount(line, wish)
    if given is None or not 0 < given <= line.quantity:
        raise _out_of(line, 1, line.quantity)
    return _keep(line, line.quantity - given, wish)


def _corrected(line: Sold, wish: Wish) -> Sold:
    given = _amount(line, wish)
    quantity = line.quantity if given is None else given
    most = MAX_PIECES if line.grams is None else MAX_GRAMS
    if not 0 <= quantity <= most:
        raise _out_of(line, 0, most)
    after = _keep(line, quantity, wish)
    price = line.price if wish.price is None else wish.price
    if wish.price is not None or not line.quantity:
        after = replace(after, price=price, total=_cost(line, price, quantity))
    if not (0 <= price <= MAX_KOPECKS and after.total <= MAX_KOPECKS):
        raise Refused(Code.INVALID_BODY, field="price", expected=f"0 to {MAX_KOPECKS}")
    return after


def _amount(line: Sold, wish: Wish) -> int | None:
    """How much of a line a wish names; pieces of weighed goods say nothing of their price."""
    weighed = line.grams is not None
    if (wish.pieces if weighed else wish.grams) is not None:
        unit = "grams" if weighed else "quantity"
        raise Refused(Code.WRONG_UNIT, line_id=str(line.line_id), expected=unit)
    return wish.grams if weighed else wish.pieces


def _keep(line: Sold, quantity: int, wish: Wish) -> Sold:
    """So much of a line for its share of the total, without the marks of the rest."""
    total = half_up(line.total * quantity, line.quantity) if line.quantity else 0
    return _left(line, quantity, total, _marks_left(line, quantity, wish.marks))


def _left(line: Sold, quantity: int, total: int, marks: tuple[str, ...]) -> Sold:
    if line.grams is None:
        return replace(line, pieces=quantity, total=total, marks=marks)
    pieces = half_up(line.pieces * quantity, line.grams) if line.grams else 1
    pieces = max(pieces, 1) if quantity else 0
    return replace(line, pieces=pieces, grams=quantity, total=total, marks=marks)


def _marks_left(line: Sold, quantity: int, named: tuple[str, ...]) -> tuple[str, ...]:
    """Units that go are named by their codes, unless all go. Of weighed goods, and of units that
    are sold in parts, nobody knows how many marks go with an amount: what is named goes."""
    gone = {identity(plain(code)) for code in named}
    unknown = gone - {identity(mark) for mark in line.marks}
    if unknown:
        raise Refused(Code.MARK_NOT_SOLD, line_id=str(line.line_id), marks=sorted(unknown))
    if not line.marks or quantity == 0:
        return ()
    counted = line.grams is None and len(line.marks) == line.pieces
    needed = line.pieces - quantity if counted else len(gone)
    if needed != len(gone) or len(named) != len(gone):
        raise Refused(Code.MARK_REQUIRED, line_id=str(line.line_id), needed=needed)
    return tuple(mark for mark in line.marks if identity(mark) not in gone)


def _cost(line: Sold, price: int, quantity: int) -> int:
    if line.unit_grams is not None:
        return by_weight(price, quantity, line.unit_grams)
    return price * quantity


def _out_of(line: Sold, least: int, most: int) -> Refused:
    return Refused(Code.INVALID_QUANTITY, line_id=str(line.line_id), min=least, max=most)
