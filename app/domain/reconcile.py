"""What a marketplace lists against what we know: feed it, tell it, look again, or nothing. Pure.

Feeding is safe at any time: it does what their own news would have done. A difference is told only
when both sides have been still for a while and nothing between them is under way."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from app.domain.order import OrderState as S


class Kind(StrEnum):
    """How an order can differ. UNSETTLED: nobody knows yet, it is looked at again."""

    UNSETTLED = "unsettled"
    STATE = "state"
    COMPOSITION = "composition"
    SUM = "sum"
    PAID = "paid"
    MISSING = "missing"  #: they know it, we do not, and what they list brings it not here
    ABSENT = "absent"  #: we know it, they do not list it
    UNREADABLE = "unreadable"  #: what they list is no order


@dataclass(frozen=True, slots=True)
class Theirs:
    """An order as it is listed (see contract.Listed), without its bytes."""

    state: S | None
    changed_at: datetime
    paid: bool = False
    total: int | None = None
    lines: Mapping[str, int] | None = None
    final: bool = False


@dataclass(frozen=True, slots=True)
class Ours:
    """An order as we know it. `ordered`, `picked`: pieces, or grams of weighed goods, by SKU;
    `total`: kopecks of what was picked, without what the receiver `refused`: that was paid for,
    and is given back later. `speaking`: messages to the marketplace wait."""

    state: S
    version: int
    changed_at: datetime
    paid: bool = False
    total: int | None = None
    ordered: Mapping[str, int] = field(default_factory=dict)
    picked: Mapping[str, int] = field(default_factory=dict)
    speaking: bool = False
    refused: int = 0


@dataclass(frozen=True, slots=True)
class Look:
    """What a comparison goes by. `settle`: for so long a side must have been still; `tells`: kinds
    of messages this account sends; `amends`: they hear of outcomes while an order is picked;
    `noted_at`: since when they list the order exactly so, as far as we know; `hearing`: deliveries
    of the order wait; `fed`: this very gap was fed already; `young`: the account is new here, and
    orders far on their way are older than it."""

    now: datetime
    settle: timedelta
    tells: frozenset[str]
    amends: bool = False
    tolerance: int = 0
    noted_at: datetime | None = None
    hearing: bool = False
    fed: bool = False
    young: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which an order differs, and both sides in a few words."""

    kind: Kind
    theirs: str
    ours: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be done about one order: feed it, look again, tell what differs, or nothing."""

    feed: bool = False
    again: bool = False
    differs: tuple[Difference, ...] = ()


AGREED: Final = Verdict()
FEED: Final = Verdict(feed=True)
AGAIN: Final = Verdict(again=True)

#: How far an order is; what has ended otherwise has no place here.
FAR: Final[Mapping[S, int]] = {
    state: n
    for n, state in enumerate(
        (S.RECEIVED, S.ACCEPTED, S.PICKING, S.PICKED, S.READY, S.HANDED_OVER, S.DELIVERED)
    )
}
OFF: Final = (S.REJECTED, S.CANCELLED, S.RETURNED)
ROAD: Final = (S.HANDED_OVER, S.DELIVERED)
#: As soon as they were told so, they are at least there. (What `assembled` leads to, few show.)
_TOLD: Final[Mapping[str, S]] = {
    "accepted": S.ACCEPTED,
    "in_work": S.PICKING,
    "ready": S.READY,
    "handed_over": S.HANDED_OVER,
    "delivered": S.DELIVERED,
}
#: The customer may still change what is bought.
_OPEN: Final = (S.RECEIVED, S.ACCEPTED, S.PICKING, S.PICKED)
#: They know what was picked.
_FINAL: Final = (S.READY, S.HANDED_OVER, S.DELIVERED)


def compare(ours: Ours | None, theirs: Theirs, look: Look) -> Verdict:
    """What is to be done about an order they list; None: we do not know it."""
    if look.hearing or not _still(theirs, look):
        return AGAIN
    if ours is None:
        return _unknown(theirs, look)
    news = tuple(_news(ours, theirs, look))
    if news and not look.fed:
        return FEED
    differs = (*news, *_differences(ours, theirs, look))
    if not differs:
        return AGREED
    moving = ours.speaking or look.now - ours.changed_at < look.settle
    return AGAIN if moving else Verdict(differs=differs)


def gap(ref: str, ours: Ours | None, body: bytes) -> str:
    """A key for what is missing: the same until one of the two sides has changed."""
    mine = None if ours is None else (ours.version, ours.state.value, ours.paid)
    said = repr((ref, mine)).encode() + body
    return f"reconciled:{hashlib.sha256(said).hexdigest()}"


def _still(theirs: Theirs, look: Look) -> bool:
    """Their clock may be wrong: what we have seen unchanged for long enough is still as well."""
    known = look.noted_at is not None and look.now - look.noted_at >= look.settle
    return known or look.now - theirs.changed_at >= look.settle


def _unknown(theirs: Theirs, look: Look) -> Verdict:
    """An order nobody here has heard of. Those far on their way when the account was new were
    another system's, and ended there."""
    if look.young and theirs.state in OFF:
        return AGREED
    if look.fed or (look.young and theirs.state in _FINAL):
        said = str(theirs.state or "a state that says nothing to us")
        return Verdict(differs=(Difference(Kind.MISSING, said, "unknown here"),))
    return FEED


def _news(ours: Ours, theirs: Theirs, look: Look) -> Iterator[Difference]:
    """What they have said and we have not heard; their own word brings us there."""
    if ours.state in OFF or theirs.state is None:
        return
    if theirs.state in OFF:
        yield _state(ours, theirs)
        return
    if theirs.state in ROAD and FAR[ours.state] < FAR[theirs.state]:
        yield _state(ours, theirs)
    if theirs.paid and not ours.paid:
        yield Difference(Kind.PAID, "paid", "not paid")
    open_ = _OPEN[:2] if look.amends else _OPEN
    if ours.state in open_ and theirs.lines is not None and not theirs.final:
        yield from _lines(ours.ordered, theirs.lines)


def _differences(ours: Ours, theirs: Theirs, look: Look) -> Iterator[Difference]:
    """What no word of theirs brings together."""
    if theirs.state is None:
        return
    if ours.state in OFF:
        if theirs.state not in OFF:
            yield _state(ours, theirs)
        return
    if theirs.state not in OFF and (_behind(ours, theirs.state, look) or _ahead(ours, theirs)):
        yield _state(ours, theirs)
    if not theirs.final or ours.state not in _FINAL:
        return
    if theirs.lines is not None:
        yield from _lines(ours.picked, theirs.lines)
    if theirs.total is None or ours.total is None:
        return
    sums = (ours.total, ours.total + ours.refused)
    if min(abs(theirs.total - total) for total in sums) > look.tolerance:
        yield Difference(Kind.SUM, _roubles(theirs.total), _roubles(ours.total))


def _behind(ours: Ours, theirs: S, look: Look) -> bool:
    """They must be where they were told that we are; and what was delivered has left."""
    far = FAR[ours.state]
    told = [FAR[state] for kind, state in _TOLD.items() if kind in look.tells]
    least = max((place for place in told if place <= far), default=0)
    if ours.state is S.DELIVERED:
        least = max(least, FAR[S.HANDED_OVER])
    return FAR[theirs] < least


def _ahead(ours: Ours, theirs: Theirs) -> bool:
    """Only we can say that an order is ready."""
    return theirs.state is S.READY and FAR[ours.state] < FAR[S.PICKED]


def _state(ours: Ours, theirs: Theirs) -> Difference:
    return Difference(Kind.STATE, str(theirs.state), ours.state)


def _lines(ours: Mapping[str, int], theirs: Mapping[str, int]) -> Iterator[Difference]:
    """Only what differs, the first few of it: "100201 ×3"."""
    mine = {sku: n for sku, n in ours.items() if n}
    them = {sku: n for sku, n in theirs.items() if n}
    apart = sorted(sku for sku in mine.keys() | them.keys() if mine.get(sku) != them.get(sku))
    if apart:
        yield Difference(Kind.COMPOSITION, _said(them, apart), _said(mine, apart))


def _said(lines: Mapping[str, int], skus: list[str]) -> str:
    more = ["…"] if len(skus) > 5 else []
    return ", ".join([*(f"{sku} ×{lines.get(sku, 0)}" for sku in skus[:5]), *more])


def _roubles(kopecks: int) -> str:
    return f"{kopecks // 100}.{kopecks % 100:02d}"
