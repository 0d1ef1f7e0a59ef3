"""What the hub and a marketplace plug-in give each other: plain frozen data (docs/adapters.md)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final, Literal, TypeAlias
from uuid import UUID

import msgspec

from app.domain.order import OrderState
from app.domain.pace import Limit
from app.domain.shop import AccountRules


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to an account's address, unproved. Header names are in lower case; `peer` is
    the address it comes from; `path` is what follows /hooks/{account}/, "" for the hook itself."""

    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    peer: str = ""
    method: str = "POST"
    path: str = ""
    query: str = ""


Origin: TypeAlias = Literal["webhook", "reconciled"]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One authentic message: the headers worth keeping (never a secret), the raw body. `fetched` is
    what `Fetches` brought; a `reconciled` one was found by asking, and its body is a `Listed`'s."""

    headers: Mapping[str, str]
    body: bytes = field(repr=False)
    fetched: bytes | None = field(default=None, repr=False)
    origin: Origin = "webhook"


@dataclass(frozen=True, slots=True)
class Reply:
    """What the marketplace wants to hear back, byte for byte."""

    status: int
    body: bytes
    media_type: str = "application/json"


@dataclass(frozen=True, slots=True)
class Glimpse:
    """What a first look at an authentic delivery shows. `order_ref` is the marketplace's order id,
    None when the body does not say; the same bytes always give the same `dedupe_key`."""

    dedupe_key: str
    event: str
    order_ref: str | None


@dataclass(frozen=True, slots=True)
class Account:
    """One merchant's connection to one marketplace; secrets by kind, the newest first. `codes`:
    what people said its words mean, by kind ("unit", "status"), theirs to ours."""

    id: UUID
    merchant_id: UUID
    code: str
    adapter: str
    settings: Mapping[str, Any]
    active: bool
    secrets: Mapping[str, tuple[str, ...]] = field(repr=False)
    rules: AccountRules = AccountRules()
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answer:
    """How the other side took a message. `outcome`: delivered, already_accepted."""

    outcome: str
    status: int
    body: str


@dataclass(frozen=True, slots=True)
class Message:
    """One notification on its way out, composed. `unsure`: an earlier try may have arrived."""

    id: UUID
    kind: str
    body: bytes = field(repr=False)
    unsure: bool
    trace_id: str


#: The kinds of messages the hub has: promised; being picked; outcomes of lines as they come; all
#: outcomes there; packed; gone with a courier of ours; at the customer; called off by the shop. A
#: marketplace that wants the composition once, at the end, does not list AMENDED among what it
#: `tells` and gets it with `ready`.
AMENDED: Final = "amended"
KINDS: Final = (
    "accepted", "in_work", AMENDED, "assembled", "ready", "handed_over", "delivered", "cancelled",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class SecretKind:
    """A secret an account has. `shape`: a regular expression all of it must match; `ours`: we make
    it up and give it to the marketplace, so the hub can make a new one."""

    name: str
    purpose: str
    required: bool = True
    shape: str = r"[\x21-\x7e]{8,4096}"
    ours: bool = False


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a marketplace lets a shop do. `amends`: when outcomes may be told: never, as they come,
    or once with `ready`. Seconds: until it gives an order up that nobody accepted (0: it does
    not), and until it gives up on an answer of ours."""

    amends: Literal["never", "while_picking", "with_ready"] = "with_ready"
    replaces: bool = True
    weighs: bool = True
    bag_count: bool = False
    marks: bool = False
    own_delivery: bool = False
    accept_within: int = 0
    answer_within: int = 10


#: Outbound calls of one account where a marketplace does not publish its limit.
USUAL: Final = Limit(20.0, 20)


@dataclass(frozen=True, slots=True)
class Profile:
    """What is known of a marketplace without asking it, as data. `settings`: the shape of an
    account's settings. `events` and `statuses`: every documented word, and what it means to us in a
    few of ours ("" for nothing). `limit`: outbound calls of one account."""

    title: str
    settings: type[msgspec.Struct]
    secrets: tuple[SecretKind, ...]
    events: Mapping[str, str]
    statuses: Mapping[str, str] = field(default_factory=dict)
    capabilities: Capabilities = Capabilities()
    limit: Limit = USUAL


@dataclass(frozen=True, slots=True)
class Question:
    """A call that asks about an order: `what` is the adapter's word for it. `early`: the answer
    while the order is on disk but not worked through; none: come again."""

    what: str
    order_ref: str
    early: Reply | None = None


@dataclass(frozen=True, slots=True)
class Listed:
    """One order as the marketplace lists it. `state`: how far it is there, None when that says
    nothing to us. `total`: kopecks the customer pays for goods; `lines`: pieces, or grams of
    weighed goods, by SKU; `final`: both are of what was picked, not of what was ordered. `body`:
    what `parse_listed` reads."""

    order_ref: str
    state: OrderState | None
    changed_at: datetime
    body: bytes = field(repr=False)
    paid: bool = False
    total: int | None = None
    lines: Mapping[str, int] | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """Some orders, and where to go on; None: that was all. `unreadable`: for each one that is no
    order we understand, which and why."""

    orders: Sequence[Listed]
    cursor: str | None = None
    unreadable: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Token:
    """A token and how many seconds it is good for; `kept`: what is needed to get the next one."""

    value: str = field(repr=False)
    seconds: float
    kept: str | None = field(default=None, repr=False)
