"""What could stand for a line: who names it, what it would cost, and what would come of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from app.domain.goods import Product, Restriction
from app.domain.order import WITHDRAWN, Line, LineState, Order
from app.domain.refusals import Refused
from app.domain.replacement_events import LineReplaced, Substitute
from app.domain.replacing import replace_line
from app.domain.sums import as_ordered
from app.domain.terms import Terms


class Source(StrEnum):
    """Who names goods for a line, the most telling first."""

    CUSTOMER = "customer"
    MARKETPLACE = "marketplace"
    CHAIN = "chain"
    SEARCH = "search"


@dataclass(frozen=True, slots=True)
class Candidate:
    """Goods that may stand for a line. `difference`: kopecks more than the line as ordered, for as
    much of it; none while no price is known. `refused`: why it may not."""

    sku: str
    source: Source
    product: Product
    difference: int | None = None
    needs_approval: bool = False
    refused: str | None = None


def candidates(
    order: Order, line: Line, named: Iterable[tuple[str, Source]], terms: Terms
) -> list[Candidate]:
    """The goods named, each once and by its best source. What the catalogue does not know, what is
    in the order and what may not be sold at all is left out."""
    here = {each.external_id for each in order.lines if each.reason != WITHDRAWN}
    here -= {each.external_id for each in order.replacements(line.id)}
    best: dict[str, Source] = {}
    for sku, source in named:
        best.setdefault(sku, source)
    return [
        _judged(order, line, (sku, source, terms.products[sku]), terms)
        for sku, source in best.items()
        if sku in terms.products
        and sku not in here
        and terms.products[sku].restriction is not Restriction.BLOCKED
    ]


def _judged(
    order: Order, line: Line, named: tuple[str, Source, Product], terms: Terms
) -> Candidate:
    """Ask the very rule that would decide it."""
    sku, _, product = named
    grams = product.unit_grams if line.requested_grams is None else None
    event = LineReplaced(line.id, (Substitute(sku, grams=grams),), "asked")
    try:
        after = replace_line(order, event, terms)
    except Refused as refusal:
        why = refusal.details.get("because")
        return Candidate(*named, refused=str(why or refusal.code).lower())
    (new,) = after.replacements(line.id)
    asked = any(x.id == line.id and x.state is LineState.PROPOSED for x in after.lines)
    return Candidate(*named, as_ordered(new) - as_ordered(line), asked)
