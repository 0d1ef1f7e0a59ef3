"""GS1 element strings: application identifiers and the data behind each. One table, from the GS1
General Specifications (release 24, figures 3.2-1 and 7.11-1).

The library that did this before keeps every company prefix in the world in memory: 16 MB a process.
"""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

#: FNC1 as scanners send it: ends an element of variable length.
GS: Final = "\x1d"

_CHARACTER: Final = r"[!-\"%-?A-Z_a-z]"
_DAY: Final = r"\d\d(?:0\d|1[0-2])(?:[0-2]\d|3[01])"
#: Formats that are more than a count of digits (n) or of characters (x).
_SPECIAL: Final = {
    "day": f"({_DAY})",
    "day8": rf"(\d\d{_DAY})",
    "minute": rf"(\d\d{_DAY}(?:[01]\d|2[0-3])[0-5]\d)",
    "second": rf"({_DAY}(?:[01]\d|2[0-3]))((?:[0-5]\d){{0,2}})",
    "country": r"([A-Z0-9]{2})",
    "countries": r"((?:\d{3}){1,5})",
    "flag": "([01])",
    "degrees": r"(\d{6}-?)",
    "sequence": r"(\d/\d)",
    "part": "([A-Z0-9/#-]{5,30})",
    "base64": r"([\w-]{1,90})",
    "roll": r"(\d{14})",
    "asset": rf"(0)(\d{{13}})({_CHARACTER}{{0,16}})",
    "days": r"(\d{6})(\d{6})?",
    "hours": r"(\d{6})(\d{4})?",
}
#: What stands behind which identifiers. "310n" is 3100 to 3105, "391*" is 3910 to 3919.
_TABLE: Final[Mapping[str, str]] = {
    "n18": "00 8017 8018",
    "n14": "01 02 03",
    "day": "11 12 13 15 16 17",
    "n2": "20 7241",
    "n6": "310n 311n 312n 313n 314n 315n 316n 320n 321n 322n 323n 324n 325n 326n 327n 328n 329n"
    " 330n 331n 332n 333n 334n 335n 336n 337n 340n 341n 342n 343n 344n 345n 346n 347n 348n 349n"
    " 350n 351n 352n 353n 354n 355n 356n 357n 360n 361n 362n 363n 364n 365n 366n 367n 368n 369n"
    " 395n 4326 7006 8005",
    "n13": "410 411 412 413 414 415 416 417 7001",
    "n17": "402",
    "x..20": "10 21 22 243 254 420 710 711 712 713 714 715 716 717 4318 7020 7021 7022 7240 8002"
    " 8012",
    "x..28": "235",
    "x..30": "240 241 250 251 400 401 403 4308 4319 7002 7023 8004 90",
    "x..90": "91 92 93 94 95 96 97 98 99 7256",
    "n..6": "242",
    "n13 x0..17": "253",
    "n13 n0..12": "255",
    "n..8": "30 37",
    "n..15": "390* 392*",
    "n3 n..15": "391* 393*",
    "n4": "3940 3941 3942 3943 8111",
    "n3 x..9": "421",
    "n3": "422 424 426",
    "countries": "423 425",
    "x..3": "427 7008",
    "x..35": "4300 4301 4310 4311 4320",
    "x..70": "4302 4303 4304 4305 4306 4312 4313 4314 4315 4316 7257 8110 8112 8200",
    "country": "4307 4317",
    "n20": "4309",
    "flag": "4321 4322 4323",
    "n10": "4324 4325 7003",
    "degrees": "4330 4331 4332 4333",
    "n..4": "7004",
    "x..12": "7005",
    "days": "7007",
    "x..10": "7009 7255",
    "x..2": "7010",
    "hours": "7011",
    "n3 x..27": "703*",
    "n1 x3": "7040",
    "x..4": "7041",
    "x3..30": "723*",
    "x..25": "7242 8013 8014 8020",
    "day8": "7250",
    "minute": "7251",
    "n1": "7252",
    "x..40": "7253 7254 7259",
    "sequence": "7258",
    "roll": "8001",
    "asset": "8003",
    "n14 n4": "8006 8026",
    "x..34": "8007",
    "second": "8008",
    "x..50": "8009",
    "part": "8010",
    "n..12": "8011",
    "n..10": "8019",
    "base64": "8030",
    "n15": "8040 8041",
    "n32": "8042",
    "n18..20": "8043",
}
#: Identifiers whose data needs no separator behind it, by their first two digits (figure 7.8.5-2).
_PREDEFINED: Final = re.compile(r"0[0-3]|1[1-9]|20|3[1-6]|41")
_PART: Final = re.compile(r"([nx])(\d*)(\.\.)?(\d*)")


@dataclass(frozen=True, slots=True)
class Element:
    """One identifier and its data; `groups`: the parts of the data, where it has several."""

    ai: str
    value: str
    groups: tuple[str, ...]

    def decimal(self) -> Decimal:
        """The number in an element whose identifier's last digit counts decimals (31nn, 39nn)."""
        return Decimal(self.groups[-1]).scaleb(-int(self.ai[3]))

    def day(self) -> date | None:
        """The day that YYMMDD is, the last of the month for day 00; None for one that no month
        has. Goods in shops are of this century, so no clock is asked which one is near (7.12)."""
        year, month, day = (int(self.value[at : at + 2]) for at in (0, 2, 4))
        if not 1 <= month <= 12:
            return None
        last = calendar.monthrange(2000 + year, month)[1]
        return date(2000 + year, month, day or last) if day <= last else None


def elements(text: str) -> tuple[Element, ...] | None:
    """The elements of a message; separators may also stand where none is needed (7.8.6). None when
    it is no such message."""
    found: list[Element] = []
    while text:
        element = _first(text.partition(GS)[0])
        if element is None:
            return None
        found.append(element)
        text = text[len(element.ai) + len(element.value) :].lstrip(GS)
    return tuple(found)


def bracketed(text: str) -> tuple[Element, ...] | None:
    """The same of a message as it is printed for people: "(01)…(21)…"."""
    parts = re.findall(r"\((\d+)\)([^(]+)", "".join(text.split()))
    found = [_first(ai + data) for ai, data in parts]
    whole = [each for each in found if each is not None]
    said = [(each.ai, each.value) for each in whole]
    return tuple(whole) if parts and said == [(ai, data) for ai, data in parts] else None


def written(message: Sequence[Element]) -> str:
    """The message as a scanner would send it."""
    ends = (f"{x.ai}{x.value}{'' if _PREDEFINED.match(x.ai) else GS}" for x in message)
    return "".join(ends).removesuffix(GS)


def _first(text: str) -> Element | None:
    """The element at the beginning of a text without separators."""
    ai = next((text[:size] for size in (2, 3, 4) if text[:size] in _PATTERNS), None)
    data = _PATTERNS[ai].match(text, len(ai)) if ai else None
    if ai is None or data is None:
        return None
    groups = tuple(group for group in data.groups() if group is not None)
    return Element(ai, "".join(groups), groups)


def _pattern(format_: str) -> str:
    return _SPECIAL.get(format_) or "".join(map(_part, format_.split()))


def _part(part: str) -> str:
    """n14, x..20 (at least one), x0..17."""
    found = _PART.fullmatch(part)
    assert found is not None, part
    kind, least, range_, most = found.groups()
    count = f"{least or 1},{most}" if range_ else least
    return f"({r'[0-9]' if kind == 'n' else _CHARACTER}{{{count}}})"


def _spelled(name: str) -> list[str]:
    """The identifiers that one of the table's names stands for."""
    ends = {"n": range(6), "*": range(10)}.get(name[-1])
    return [name] if ends is None else [f"{name[:-1]}{end}" for end in ends]


_PATTERNS: Final[Mapping[str, re.Pattern[str]]] = {
    ai: re.compile(_pattern(format_), re.ASCII)
    for format_, names in _TABLE.items()
    for name in names.split()
    for ai in _spelled(name)
}
