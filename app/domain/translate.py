"""Their ids of goods and ours: one event into our words, one order back into theirs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeVar

from app.domain.after_sale_events import Corrected, Returned, Wish
from app.domain.events import Changed, MarketplaceEvent, Placed
from app.domain.order import Draft, DraftLine, Line, Order
from app.domain.replacement_events import ReplacementAnswered

E = TypeVar("E", bound=MarketplaceEvent)


def goods_of(event: MarketplaceEvent) -> frozenset[str]:
    """Goods that an event cannot do without, by their ids."""
    if isinstance(event, Placed | Changed):
        return frozenset(line.external_id for line in event.draft.lines)
    if isinstance(event, Returned | Corrected):
        return frozenset(wish.line for wish in event.lines if isinstance(wish.line, str))
    return frozenset([event.external_id] if isinstance(event, ReplacementAnswered) else ())


def wished_in(event: MarketplaceEvent) -> frozenset[str]:
    """Goods that a customer would take instead: nothing waits for their names."""
    if not isinstance(event, Placed | Changed):
        return frozenset()
    return frozenset(sku for line in event.draft.lines for sku in line.wish_skus)


def into_ours(event: E, known: Mapping[str, str]) -> E:
    """The event with our SKUs for their ids, where they are known; their id stays as a line's `ref`
    unless it has one. Of two lines that mean the same goods, the second keeps its id."""
    if isinstance(event, Placed | Changed):
        return replace(event, draft=_draft(event.draft, known))
    if isinstance(event, Returned | Corrected):
        return replace(event, lines=tuple(_wish(wish, known) for wish in event.lines))
    if isinstance(event, ReplacementAnswered):
        return replace(event, external_id=known.get(event.external_id, event.external_id))
    return event


def into_theirs(order: Order, known: Mapping[str, Sequence[str]]) -> Order:
    """The order with their ids for our SKUs, the latest name first in `known`; a line that came
    under one of these names keeps it."""
    if not known:
        return order
    return replace(order, lines=tuple(_line(line, known) for line in order.lines))


def _draft(draft: Draft, known: Mapping[str, str]) -> Draft:
    skus = _skus(tuple(line.external_id for line in draft.lines), known)
    lines = tuple(_ordered(line, skus.get(line.external_id), known) for line in draft.lines)
    return replace(draft, lines=lines)


def _skus(ids: Sequence[str], known: Mapping[str, str]) -> Mapping[str, str]:
    """Our SKU of each id that gets one. An id that stays may be another line's SKU: that line then
    stays too, and so on, until no two are called the same."""
    keep = {id_ for id_ in ids if id_ not in known}
    while True:
        skus: dict[str, str] = {}
        for id_ in ids:
            if id_ not in keep and known[id_] not in skus.values():
                skus[id_] = known[id_]
        staying = {id_ for id_ in ids if id_ not in skus or skus[id_] in keep}
        if staying <= keep:
            return skus
        keep |= staying


def _ordered(line: DraftLine, sku: str | None, known: Mapping[str, str]) -> DraftLine:
    wishes = tuple(known.get(wish, wish) for wish in line.wish_skus)
    if sku is None:
        return replace(line, wish_skus=wishes)
    return replace(line, external_id=sku, wish_skus=wishes, ref=line.ref or line.external_id)


def _wish(wish: Wish, known: Mapping[str, str]) -> Wish:
    return (
        replace(wish, line=known.get(wish.line, wish.line)) if isinstance(wish.line, str) else wish
    )


def _line(line: Line, known: Mapping[str, Sequence[str]]) -> Line:
    names = known.get(line.external_id)
    if not names:
        return line
    kept = line.ref if line.ref is not None and line.ref in names else names[0]
    return replace(line, external_id=kept)
