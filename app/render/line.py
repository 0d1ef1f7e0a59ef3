"""A line of an order as a handheld gets it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any, Final
from uuid import UUID

import msgspec

from app.domain.goods import Temperature
from app.domain.order import Line, LineState, Order, Replacement, Unit
from app.domain.path import no_place, put_off
from app.domain.picking import verbs
from app.domain.wish import offers, preference


class Quantity(msgspec.Struct):
    """Pieces, and grams for weighed goods."""

    pieces: int
    grams: int | None = None


class PlaceView(msgspec.Struct, frozen=True):
    """Where the goods of a line stand; '' is unknown."""

    zone: str = ""
    aisle: str = ""
    shelf: str = ""


class MarkUseView(msgspec.Struct):
    """A mark of which only `part` thousandths are used, or which the marking system let pass."""

    code: str
    part: int
    check_id: str | None = None
    checked_at: datetime | None = None


class LineView(msgspec.Struct):
    """One line; `price` in kopecks per piece, or per `unit_grams` of a weighed good.
    `temperature`: which bag it goes into. `restriction`: none, blocked, or pickup_only: such goods
    can only be dropped. `override_by`: the badge of the supervisor who let the weight pass.
    `preference`: what the customer wants when it is missing. `replaces`: the line it stands for;
    `replacements`: the lines that stand for it, or are `proposed` to until `decide_by`. `path`: its
    turn on the way through the shop, from 1; `no_place`: early, because nobody knows where it
    stands; `postponed`: put off so often."""

    id: UUID
    position: int
    sku: str
    name: str
    unit: Unit
    price: int
    requested: Quantity
    state: LineState
    barcodes: list[str]
    marked: bool
    marks: list[str]
    allowed_actions: list[str]
    unit_grams: int | None = None
    picked: Quantity | None = None
    reason: str | None = None
    shelf_empty: bool = False
    category: str = ""
    temperature: Temperature = Temperature.AMBIENT
    min_age: int | None = None
    restriction: str = "none"
    photo_url: str | None = None
    override_by: str | None = None
    mark_uses: list[MarkUseView] = []
    preference: str = Replacement.ASK
    replaces: UUID | None = None
    replacements: list[UUID] = []
    decide_by: datetime | None = None
    place: PlaceView = PlaceView()
    path: int = 0
    no_place: bool = False
    postponed: int = 0


#: Fields of a line that are told as they are.
_SAME: Final = (
    "id", "position", "name", "unit", "price", "state", "marked", "unit_grams", "reason",
    "shelf_empty", "category", "temperature", "min_age", "restriction", "photo_url", "override_by",
    "replaces", "decide_by", "postponed",
)  # fmt: skip


def line_view(order: Order, line: Line, *, pickable: bool, turn: int = 0) -> LineView:
    """One line of an order; `pickable`: by the one who asks; `turn`: when it is walked to."""
    begun = line.picked_pieces is not None or line.picked_grams is not None
    actions = [*verbs(order, line), *offers(order, line), *put_off(line)]
    same: dict[str, Any] = {name: getattr(line, name) for name in _SAME}
    return LineView(
        **same,
        sku=line.external_id,
        requested=Quantity(line.requested_pieces, line.requested_grams),
        barcodes=list(line.barcodes),
        marks=list(line.marks),
        allowed_actions=actions if pickable else [],
        picked=Quantity(line.picked_pieces or 0, line.picked_grams) if begun else None,
        mark_uses=[MarkUseView(**asdict(use)) for use in line.mark_uses],
        preference=preference(order, line),
        replacements=[each.id for each in order.replacements(line.id)],
        place=PlaceView(line.place.zone, line.place.aisle, line.place.shelf),
        path=turn,
        no_place=no_place(line),
    )
