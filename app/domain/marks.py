"""Product marks of «Честный ЗНАК»: one code is one unit, on one order at a time, sold once.

A full code is GS1: 01 + GTIN + 21 + serial, GS, then the crypto tail. What stands before the GS is
the identification code (КИ): it names the unit, whatever a scanner made of the rest.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from app.domain.gs1 import proves, separated
from app.domain.gs1_elements import GS
from app.domain.order import Line, MarkUse, Order, Unit
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED

#: Thousandths of a whole unit.
WHOLE: Final = 1000
#: GS1's character set 82, in which serials and tails are written.
_TEXT: Final = r"!-\"%-?A-Z_a-z"
_FULL: Final = re.compile(
    rf"01(?P<gtin>[0-9]{{14}})21[{_TEXT}]{{1,20}}{GS}[0-9]{{2}}[{_TEXT}{GS}]{{4,}}"
)
#: What some scanners put before every code (ISO/IEC 15424).
_SYMBOLOGY: Final = re.compile(r"^\][A-Za-z][0-9A-Za-z]")


@dataclass(frozen=True, slots=True)
class Mark:
    """A full code taken apart: `ki` names the unit, `gtin` the goods."""

    code: str
    ki: str
    gtin: str


def plain(raw: str) -> str:
    """A code without what scanners put in front of it, its separators as they should be."""
    return separated(_SYMBOLOGY.sub("", raw.strip(" \r\n\t"), count=1))


def identity(code: str) -> str:
    """The КИ of a code that is kept already, also of one from before codes were looked at."""
    return plain(code).split(GS)[0]


def parse(raw: str) -> Mark:
    """Take a full code apart; Refused when a part is missing, above all the GS and the tail."""
    code = plain(raw)
    found = _FULL.fullmatch(code)
    if found is None or not proves(found["gtin"]):
        raise Refused(Code.MARK_INVALID, mark=raw)
    return Mark(code, identity(code), found["gtin"])


def held(order: Order) -> dict[tuple[UUID, str], int]:
    """Which units an order holds: thousandths by line and КИ. An order that ended otherwise than
    sold holds none, though its lines still tell what was in the basket."""
    if order.state in ENDED:
        return {}
    return {
        (line.id, identity(code)): line.mark_use(code).part
        for line in order.lines
        for code in line.marks
    }


def check(order: Order, line: Line, marks: tuple[str, ...], uses: Mapping[str, MarkUse]) -> None:
    """Refuse marks that are broken, of other goods, or held already by this order."""
    units = [parse(code) for code in marks]
    for unit in units:
        _belongs(order, line, unit)
    taken = _taken(order, line.id)
    for unit in units:
        part = uses[unit.code].part if unit.code in uses else WHOLE
        taken[unit.ki] = taken.get(unit.ki, 0) + part
        twice = sum(other.ki == unit.ki for other in units) > 1
        if twice or taken[unit.ki] > WHOLE:
            raise Refused(Code.MARK_ALREADY_USED, line_id=str(line.id), mark=unit.code)


def check_count(line: Line, marks: tuple[str, ...], uses: Mapping[str, MarkUse], n: int) -> None:
    """Refuse when the marks of a marked line are not as many units as the pieces it has; goods by
    weight have as many units as somebody says."""
    given = sum(uses[code].part if code in uses else WHOLE for code in marks)
    exact = line.marked and line.unit is Unit.PIECE
    if given == n * WHOLE if exact else given <= n * WHOLE:
        return
    raise Refused(Code.MARK_REQUIRED, line_id=str(line.id), needed=n, given=given / WHOLE)


def _taken(order: Order, but: UUID) -> dict[str, int]:
    """Thousandths of each unit on the other lines."""
    taken: dict[str, int] = {}
    for (line_id, ki), part in held(order).items():
        if line_id != but:
            taken[ki] = taken.get(ki, 0) + part
    return taken


def _belongs(order: Order, line: Line, unit: Mark) -> None:
    """Goods without barcodes cannot be told apart, unless the mark is another line's."""
    if _names(line, unit.gtin):
        return
    other = next((each for each in order.lines if _names(each, unit.gtin)), None)
    if other is not None or line.barcodes:
        got = other.external_id if other else unit.gtin
        raise Refused(Code.WRONG_ITEM, expected=line.external_id, got=got, code=unit.code)


def _names(line: Line, gtin: str) -> bool:
    return any(code.lstrip("0") == gtin.lstrip("0") for code in line.barcodes)


@dataclass(frozen=True, slots=True)
class MarkStatus:
    """What the marking system says of one unit, in its own words (`realizable`: in circulation;
    `gray_zone`: sold, says the register, but it may be wrong, and the law lets it pass)."""

    code: str
    found: bool
    valid: bool
    verified: bool
    utilised: bool
    realizable: bool
    sold: bool
    blocked: bool
    gray_zone: bool = False
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class MarkAnswer:
    """One answer of the marking system; a receipt must name its id and time."""

    check_id: str
    at: datetime
    statuses: Mapping[str, MarkStatus]


@dataclass(frozen=True, slots=True)
class Checks:
    """What is known of the marks of one request: (check id, time) by КИ. `away`: the marking system
    did not answer for the others, and the shop lets them pass."""

    known: Mapping[str, tuple[str, datetime]] = field(default_factory=dict)
    away: bool = False

    def uses(self, parts: Iterable[tuple[str, int]]) -> tuple[MarkUse, ...]:
        """What is to be kept beside (code, thousandths): nothing of a whole, unchecked unit."""
        made = (
            MarkUse(plain(code), part, *self.known.get(identity(code), (None, None)))
            for code, part in parts
        )
        return tuple(use for use in made if use.part != WHOLE or use.check_id is not None)


#: Why a unit must not be sold (ПП РФ 1944), in the order a cashier is told.
_FORBIDS: Final[Mapping[str, Callable[[MarkStatus, datetime], bool]]] = {
    "not_found": lambda unit, _now: not unit.found,
    "not_valid": lambda unit, _now: not unit.valid,
    "not_applied": lambda unit, _now: not unit.utilised,
    "not_verified": lambda unit, _now: not unit.verified,
    "blocked": lambda unit, _now: unit.blocked,
    "sold": lambda unit, _now: unit.sold and not unit.gray_zone,
    "not_in_circulation": lambda unit, _now: not unit.sold and not unit.realizable,
    "expired": lambda unit, now: unit.expires_at is not None and unit.expires_at <= now,
}


def why_not(unit: MarkStatus, now: datetime) -> str | None:
    """Why this unit must not be sold; None when it may."""
    return next((why for why, forbids in _FORBIDS.items() if forbids(unit, now)), None)
