"""What a verb is: a row of a table that says what it takes, who may ask, and what it plans."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Final, TypeAlias
from uuid import UUID

import msgspec
from msgspec import Meta

from app.db.conn import Conn
from app.db.operations import Done
from app.db.people import Picker
from app.domain.barcode import Outcome
from app.domain.events import Event
from app.domain.order import Line, Order, OrderState
from app.domain.pick_job import Claims, JobState
from app.domain.refusals import Code, Notice, Refused
from app.domain.shop import AccountRules, Shop
from app.domain.transitions import PICKER_STATES
from app.hub import Hub

#: PostgreSQL keeps no NUL; a scanner's separators are welcome.
TEXT: Final = r"^[^\u0000]*$"
Reason = Annotated[str, Meta(max_length=200, pattern=TEXT)]
Count = Annotated[int, Meta(ge=0, le=1_000_000)]
Mark = Annotated[str, Meta(min_length=1, max_length=300, pattern=TEXT)]
#: Marks of one body: full codes of this number are what a body of 64 kB holds (nginx/README.md).
MOST_MARKS: Final = 500
Marks = Annotated[tuple[Mark, ...], Meta(max_length=MOST_MARKS)]
ScannedText = Annotated[str, Meta(min_length=1, max_length=300, pattern=TEXT)]


def must_be_few(lists: Iterable[Sequence[Any]], most: int = MOST_MARKS) -> None:
    """For bodies that have several lists of marks: ValueError when they are too many together."""
    if sum(map(len, lists)) > most:
        raise ValueError(f"Expected at most {most} marks in all")


class Nothing(msgspec.Struct):
    """No parameters."""


class Access(StrEnum):
    """Who may ask for a verb, among the pickers of the order's store."""

    HOLDER = "holder"  #: whose claim it is
    PACKER = "packer"  #: whose claim it is, or was until the zone was walked
    CLAIMANT = "claimant"  #: who could have the claim
    SUPERVISED = "supervised"  #: whose claim it is, or any supervisor
    ANYONE = "anyone"


@dataclass(frozen=True, slots=True)
class Asked:
    """Everything a plan may look at. `found` is what the verb's `look` brought, `proved` what its
    `prove` did."""

    order: Order
    body: Any
    line_id: UUID | None
    picker: Picker
    shop: Shop
    rules: AccountRules
    now: datetime
    found: Any = None
    proved: Any = None
    claims: Claims = Claims()
    run_id: UUID | None = None  #: the run an order is claimed into

    def line(self) -> Line:
        """The line a verb is asked of, or a refusal."""
        line = self.order.line(self.line_id) if self.line_id else None
        if line is None:
            raise Refused(Code.LINE_NOT_FOUND, line_id=str(self.line_id))
        return line


@dataclass(frozen=True, slots=True)
class ScanNote:
    """What a scan meant, and what it added. `said` is more that the handheld is told; `message` is
    a text of the catalogues."""

    raw: str
    outcome: Outcome
    line_id: UUID | None = None
    pieces: int | None = None
    grams: int | None = None
    said: Mapping[str, Any] = field(default_factory=dict)
    message: str | None = None


@dataclass(frozen=True, slots=True)
class Claiming:
    """Which zone of an order is claimed or given back ('': all of it), and whether it is taken from
    another."""

    zone: str = ""
    take: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """What a verb will do: events for the order, a state for the job (none: the claim and its
    lease stay as they are), notes for the timeline. Not `writes`: nothing at all happens.
    `notice`: what the picker should know besides; `undoes`: the operation that is taken back."""

    events: tuple[Event, ...] = ()
    job: JobState | None = JobState.ACTIVE
    scan: ScanNote | None = None
    detail: Mapping[str, Any] = field(default_factory=dict)
    writes: bool = True
    notice: Notice | None = None
    undoes: Done | None = None
    claiming: Claiming | None = None


#: What a plan needs from the database, asked inside the write's own transaction.
Look: TypeAlias = Callable[[Conn, Hub, Asked], Awaitable[Any]]
#: What takes long or must outlive a refusal, done before the transaction: (hub, picker, body).
Prove: TypeAlias = Callable[[Hub, Picker, Any], Awaitable[Any]]


def _anything(_body: Any) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Verb:
    """One verb. `states`: where the order must be, besides what its events allow; in ended states
    only verbs that name them happen. `on_line`: it is asked of one line."""

    body: type[msgspec.Struct]
    plan: Callable[[Asked], Plan]
    summary: str
    access: Access = Access.HOLDER
    states: tuple[OrderState, ...] = PICKER_STATES
    on_line: bool = False
    look: Look | None = None
    prove: Prove | None = None
    proves: Callable[[Any], bool] = _anything  #: whether a body has anything to be proved
    may: Callable[[Asked], None] | None = None  #: refuses a claimant before anything else is said
