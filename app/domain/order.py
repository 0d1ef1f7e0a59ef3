"""Orders, lines and what marketplaces say of them: plain frozen data, no rules."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.bag import Bag, BagState
from app.domain.goods import Place, Restriction, Temperature
from app.domain.money import by_weight


class OrderState(StrEnum):
    """Where an order stands."""

    RECEIVED = "received"  #: the marketplace told us; nothing promised yet
    ACCEPTED = "accepted"  #: we promised to pick it; pickers see it
    PICKING = "picking"  #: a picker works on it
    PICKED = "picked"  #: every line has its outcome; the composition is final
    READY = "ready"  #: packed, the marketplace has been told the composition
    HANDED_OVER = "handed_over"  #: the courier has it
    DELIVERED = "delivered"  #: the customer has it; a sales document is due
    REJECTED = "rejected"  #: we said no
    CANCELLED = "cancelled"  #: called off before the courier took it
    RETURNED = "returned"  #: called off after the courier took it


class LineState(StrEnum):
    """What became of a line."""

    TODO = "todo"  #: open, though some of it may have been scanned
    PICKED = "picked"  #: found as ordered, within tolerance
    SHORT = "short"  #: found less than ordered
    DROPPED = "dropped"  #: not found at all
    PROPOSED = "proposed"  #: a replacement waits for the customer
    REPLACED = "replaced"  #: another line stands for it


#: The reason of a line the customer took out of the order: the marketplace knows it no more.
GONE: Final = "removed_by_customer"
#: The reason of a replacement line that came to nothing: undone, withdrawn, refused, run out.
WITHDRAWN: Final = "withdrawn"


class Unit(StrEnum):
    """How a line is counted and priced."""

    PIECE = "piece"
    WEIGHT = "weight"


class Replacement(StrEnum):
    """What the customer wants when something is missing (four policies of СМ)."""

    CALL_OR_REPLACE = "call_or_replace"
    CALL_OR_REMOVE = "call_or_remove"
    REPLACE = "replace"
    REMOVE = "remove"
    ASK = "ask"  #: a policy we do not know: a person decides


@dataclass(frozen=True, slots=True)
class MarkUse:
    """What stands beside a product mark of a line: thousandths of the unit, and which answer of the
    marking system let it pass."""

    code: str
    part: int = 1000
    check_id: str | None = None
    checked_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One position. `price` is kopecks per piece, or per `unit_grams` of a weighed good."""

    id: UUID
    position: int
    external_id: str
    name: str
    unit: Unit
    price: int
    requested_pieces: int
    requested_grams: int | None = None
    unit_grams: int | None = None
    barcodes: tuple[str, ...] = ()
    plu: str | None = None
    vat: str = "unknown"  #: as the catalogue says; of goods it does not know, nobody did
    marked: bool = False
    state: LineState = LineState.TODO
    picked_pieces: int | None = None
    picked_grams: int | None = None
    reason: str | None = None
    shelf_empty: bool = False
    marks: tuple[str, ...] = ()
    category: str = ""
    temperature: Temperature = Temperature.AMBIENT
    place: Place = Place()
    postponed: int = 0  #: how often it was put to the end of the path
    min_age: int | None = None
    restriction: Restriction = Restriction.NONE
    photo_url: str | None = None
    wish: Replacement | None = None  #: for this item; none: as the whole order's
    wish_skus: tuple[str, ...] = ()  #: what the customer would take instead, the best first
    replaces: UUID | None = None  #: the line this one stands for
    decide_by: datetime | None = None  #: when a proposed replacement runs out
    override_by: str | None = None  #: the supervisor who let the weight pass
    mark_uses: tuple[MarkUse, ...] = ()  #: of marks that are partial or checked
    refused: int = 0  #: pieces, or grams of a weighed good, the receiver did not take
    refused_reason: str | None = None
    list_price: int | None = None  #: what `price` would be without its discount; none: it has none
    ref: str | None = None  #: what the marketplace calls the line; none: by its SKU

    def total(self) -> int:
        """Kopecks for what was picked and not refused: by weight for weighed goods, by count for
        the others."""
        if self.state not in (LineState.PICKED, LineState.SHORT):
            return 0
        if self.unit_grams is not None:
            return by_weight(self.price, (self.picked_grams or 0) - self.refused, self.unit_grams)
        return self.price * ((self.picked_pieces or 0) - self.refused)

    def mark_use(self, code: str) -> MarkUse:
        """How this line uses a mark: all of the unit, unless it is said otherwise."""
        return next((use for use in self.mark_uses if use.code == code), MarkUse(code))


@dataclass(frozen=True, slots=True)
class Draft:
    """An order as a marketplace describes it, already in our units; lines carry no outcomes."""

    external_id: str
    external_uuid: str | None
    external_store: str
    lines: tuple[DraftLine, ...]
    due_at: datetime
    requested_total: int
    delivery_from: datetime | None = None
    delivery_to: datetime | None = None
    planned: bool = False
    replacement: Replacement = Replacement.ASK
    comment: str = ""
    payment_methods: tuple[str, ...] = ()
    business: bool = False
    customer: tuple[tuple[str, str], ...] = ()
    address: tuple[tuple[str, str], ...] = ()
    authorised_total: int | None = None
    pickup: bool = False
    delivery_fee: int | None = None  #: kopecks beside the goods; none: not said
    discount: int | None = None  #: kopecks off the order, in no line's price; none: not said
    currency: str = "RUB"  #: ISO 4217; sums are in its hundredth parts


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One position as a marketplace describes it."""

    external_id: str
    name: str
    unit: Unit
    price: int
    pieces: int
    grams: int | None = None
    unit_grams: int | None = None
    wish: Replacement | None = None
    wish_skus: tuple[str, ...] = ()
    min_age: int | None = None
    restriction: Restriction = Restriction.NONE
    list_price: int | None = None  #: what `price` would be without a discount; none: it has none
    ref: str | None = None  #: what the marketplace calls the line; none: by its SKU
    if_weighed: int | None = None  #: grams of a "piece", should the catalogue weigh these goods


@dataclass(frozen=True, slots=True)
class Order:
    """One order as the hub knows it. Totals in kopecks; `due_at` is when it must be ready."""

    id: UUID
    store_id: UUID
    account_id: UUID
    number: str
    external_id: str
    state: OrderState
    lines: tuple[Line, ...]
    due_at: datetime
    requested_total: int
    version: int = 1
    external_uuid: str | None = None
    currency: str = "RUB"
    final_total: int | None = None
    paid_total: int | None = None
    paid: bool = False
    delivery_from: datetime | None = None
    delivery_to: datetime | None = None
    planned: bool = False
    replacement: Replacement = Replacement.ASK
    comment: str = ""
    payment_methods: tuple[str, ...] = ()
    business: bool = False
    courier: str = "none"
    implied: bool = False
    cancelled_by: str | None = None
    cancel_reason: str | None = None
    sale_due: bool = False
    trace_id: str = ""
    authorised_total: int | None = None  #: kopecks the customer's bank holds, when it is said
    agreed_total: int | None = None  #: kopecks above that, which somebody said yes to
    pickup: bool = False  #: the customer comes for it
    bags: tuple[Bag, ...] = ()
    bag_count: int | None = None  #: of a packed order, also where bags carry no codes
    putback: str = "none"  #: none, due, done: whether goods wait to go back to the shelves
    reopened: bool = False  #: went back to picking: the marketplace knows of `assembled` already
    delivery_fee: int = 0  #: kopecks the customer pays for the delivery: in no total of goods
    discount: int = 0  #: kopecks off the whole order: in no line's price and in no total of lines
    since: datetime | None = field(default=None, compare=False)  #: in its state, when it was read

    def line(self, line_id: UUID) -> Line | None:
        """The line with this id, if it is one of ours."""
        return next((line for line in self.lines if line.id == line_id), None)

    @property
    def handout_code(self) -> str:
        """Four digits that courier and shop compare: from the random tail of the order's id."""
        return f"{self.id.int % 10_000:04d}"

    def live_bags(self) -> tuple[Bag, ...]:
        """The bags that count."""
        return tuple(bag for bag in self.bags if bag.state is not BagState.VOID)

    def wanted(self) -> tuple[Line, ...]:
        """The lines that count: not what the customer took out, nor replacements that came to
        nothing."""
        return tuple(line for line in self.lines if line.reason not in (GONE, WITHDRAWN))

    def replacements(self, line_id: UUID) -> tuple[Line, ...]:
        """The lines that stand, or are proposed to stand, for this one."""
        return tuple(line for line in self.wanted() if line.replaces == line_id)

    def changed_by_shop(self) -> bool:
        """Whether the composition differs from what was ordered."""
        return any(
            line.state is not LineState.PICKED
            or line.picked_pieces != line.requested_pieces
            or line.picked_grams != line.requested_grams
            for line in self.wanted()
        )
