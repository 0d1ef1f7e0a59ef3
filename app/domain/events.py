"""Everything that can happen to an order, from whichever side: plain frozen data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias
from uuid import UUID

from app.domain.after_sale_events import AfterSaleEvent
from app.domain.order import Draft, Line, MarkUse
from app.domain.packing_events import PackingEvent
from app.domain.replacement_events import ReplacementAnswered, ReplacementEvent


@dataclass(frozen=True, slots=True)
class Placed:
    """The marketplace placed the order with us."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Changed:
    """The customer or the marketplace changed composition, delivery or wishes."""

    draft: Draft


@dataclass(frozen=True, slots=True)
class Accepted:
    """We promised to pick it (by rule, at once)."""


@dataclass(frozen=True, slots=True)
class Paid:
    """The marketplace charged the customer; `total` in kopecks when it says how much."""

    total: int | None = None


@dataclass(frozen=True, slots=True)
class CourierAssigned:
    """A courier is on the way."""


@dataclass(frozen=True, slots=True)
class CourierArrived:
    """The courier waits in the shop."""


@dataclass(frozen=True, slots=True)
class Taken:
    """The courier took the order."""


@dataclass(frozen=True, slots=True)
class Delivering:
    """The courier is on the way to the customer."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """The customer has it."""


#: The reason when a marketplace calls an order off itself because the shop did not react in time,
#: whatever it calls that: too many of them close a shop.
NO_RESPONSE: Final = "no_response"


@dataclass(frozen=True, slots=True)
class Cancelled:
    """Called off. `by`: marketplace or shop; `reason`: its word, or one of ours."""

    reason: str
    by: str = "marketplace"


@dataclass(frozen=True, slots=True)
class Started:
    """A picker began to pick."""


@dataclass(frozen=True, slots=True)
class LinePicked:
    """So many pieces of a line are in the basket now (absolute); `marks` are their codes, `uses`
    what is known of them, `unchecked` that the marking system did not answer."""

    line_id: UUID
    pieces: int
    marks: tuple[str, ...] = ()
    uses: tuple[MarkUse, ...] = ()
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class LineWeighed:
    """So many grams of a line are in the basket now (absolute), in so many pieces. `override_by`:
    the supervisor who lets any weight pass; `marks`: none leaves them as they are."""

    line_id: UUID
    grams: int
    pieces: int | None = None
    source: str = "manual"
    override_by: str | None = None
    marks: tuple[str, ...] | None = None
    uses: tuple[MarkUse, ...] = ()
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class LineShort:
    """Less than ordered was found: pieces, or grams of a weighed good."""

    line_id: UUID
    quantity: int
    reason: str
    shelf_empty: bool = False
    marks: tuple[str, ...] | None = None
    uses: tuple[MarkUse, ...] = ()
    unchecked: bool = False


@dataclass(frozen=True, slots=True)
class LineDropped:
    """Nothing of it was found."""

    line_id: UUID
    reason: str
    shelf_empty: bool = False


@dataclass(frozen=True, slots=True)
class LinesRestored:
    """An operation is taken back: the lines it changed, as they were and as it left them; lines it
    made are only in `after`."""

    before: tuple[Line, ...]
    after: tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class LinePostponed:
    """Somebody comes back for it after everything else."""

    line_id: UUID


@dataclass(frozen=True, slots=True)
class Completed:
    """Every line has its outcome; the composition is final."""


@dataclass(frozen=True, slots=True)
class Readied:
    """Packed and waiting for the courier; `bags` is their number where they carry no codes."""

    bags: int | None = None


@dataclass(frozen=True, slots=True)
class Reopened:
    """Back to picking, before the marketplace was told the composition."""


LineEvent: TypeAlias = LinePicked | LineWeighed | LineShort | LineDropped | LinePostponed
PickerEvent: TypeAlias = (
    Started
    | LineEvent
    | LinesRestored
    | ReplacementEvent
    | Completed
    | Readied
    | Reopened
    | PackingEvent
)
MarketplaceEvent: TypeAlias = (
    Placed
    | Changed
    | Paid
    | CourierAssigned
    | CourierArrived
    | Taken
    | Delivering
    | Delivered
    | Cancelled
    | ReplacementAnswered
    | AfterSaleEvent
)
Event: TypeAlias = MarketplaceEvent | Accepted | PickerEvent
