"""Whether requisites can be right: lengths, digits and check digits of what a party is known by.

ИНН: приказ ФНС от 29.06.2012 № ММВ-7-6/435@; КПП: the same, nine characters, the fifth and sixth of
them digits or capital Latin letters. ОГРН: приказ Минфина от 30.10.2017 № 165н, the rest of the
number without its last digit by 11, or by 13 for a person in business. Accounts: порядок расчёта
контрольного ключа, Банк России 08.09.1997 № 515.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Final

_COMPANY: Final = (2, 4, 10, 3, 5, 9, 4, 6, 8)
_PERSON_FIRST: Final = (7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_PERSON_LAST: Final = (3, 7, 2, 4, 10, 3, 5, 9, 4, 6, 8)
_KEY: Final = (7, 1, 3)
_KPP: Final = re.compile(r"\d{4}[\dA-Z]{2}\d{3}", re.ASCII)
_EDO: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z@._-]{3,45}", re.ASCII)
#: Branches of the Bank of Russia itself: their clients' accounts are keyed as its own ones are.
_CENTRAL: Final = frozenset(("000", "001", "002"))


def mistakes(said: Mapping[str, str]) -> Iterator[str]:
    """A sentence for each field that cannot be right, which it names; what is '' is not looked at.
    Fields that say the same thing twice (an INN and an OGRN say who it is) must agree."""
    given = {name: value for name, value in said.items() if value}
    for name, look in _LOOKS.items():
        if name in given and (wrong := look(given[name])):
            yield f"{name} {given[name]!r} {wrong}"
    yield from _together(given)


def inn_holds(inn: str) -> bool:
    """Whether an INN of the right length has the right check digits."""
    digits = [int(digit) for digit in inn]
    if len(digits) == 10:
        return digits[9] == _weighed(digits, _COMPANY)
    return digits[10:] == [_weighed(digits, _PERSON_FIRST), _weighed(digits, _PERSON_LAST)]


def ogrn_holds(ogrn: str) -> bool:
    """Whether an OGRN (13 digits) or OGRNIP (15) has the right check digit."""
    by = {13: 11, 15: 13}[len(ogrn)]
    return int(ogrn[:-1]) % by % 10 == int(ogrn[-1])


def account_holds(account: str, bik: str, *, correspondent: bool = False) -> bool:
    """Whether the key of an account of twenty digits fits the bank. A bank's own account is with
    the Bank of Russia, and keyed by its place there."""
    own = correspondent or bik[6:] in _CENTRAL
    digits = ("0" + bik[4:6] if own else bik[6:]) + account
    return sum(int(digit) * _KEY[n % 3] % 10 for n, digit in enumerate(digits)) % 10 == 0


def _weighed(digits: list[int], weights: tuple[int, ...]) -> int:
    return sum(a * b for a, b in zip(digits, weights, strict=False)) % 11 % 10


def _is(text: str, *lengths: int) -> bool:
    return text.isascii() and text.isdecimal() and len(text) in lengths


def _inn(inn: str) -> str | None:
    if not _is(inn, 10, 12):
        return "is not 10 digits (a company) or 12 (a person in business)"
    return None if inn_holds(inn) else "has a wrong check digit"


def _kpp(kpp: str) -> str | None:
    return None if _KPP.fullmatch(kpp) else "is not 9 characters: digits, letters only as 5th, 6th"


def _ogrn(ogrn: str) -> str | None:
    if not _is(ogrn, 13, 15):
        return "is not 13 digits (a company) or 15 (a person in business)"
    return None if ogrn_holds(ogrn) else "has a wrong check digit"


def _bik(bik: str) -> str | None:
    return None if _is(bik, 9) else "is not 9 digits"


def _account(account: str) -> str | None:
    return None if _is(account, 20) else "is not 20 digits"


def _day(text: str) -> str | None:
    try:
        right = date.fromisoformat(text).isoformat() == text
    except ValueError:
        right = False
    return None if right else "is not a day such as 2026-01-31"


def _edo(name: str) -> str | None:
    return None if _EDO.fullmatch(name) else "is not 4 to 46 Latin letters, digits, @ . _ -"


_LOOKS: Final = {
    "inn": _inn,
    "kpp": _kpp,
    "ogrn": _ogrn,
    "bik": _bik,
    "bank_account": _account,
    "correspondent_account": _account,
    "contract_date": _day,
    "ogrn_date": _day,
    "edo": _edo,
}


def _together(given: Mapping[str, str]) -> Iterator[str]:
    inn, ogrn, bik = given.get("inn", ""), given.get("ogrn", ""), given.get("bik", "")
    if len(inn) == 12 and "kpp" in given:
        yield "kpp must not be there: the inn is of a person in business, who has none"
    if (len(inn), len(ogrn)) in ((10, 15), (12, 13)):
        yield f"ogrn {ogrn!r} is of a {_who(ogrn, 13)}, but the inn of a {_who(inn, 10)}"
    for name in ("bank_account", "correspondent_account"):
        number = given.get(name)
        if number is None or _account(number):
            continue
        if not bik:
            yield f"{name} needs the bik of its bank: only both together can be checked"
        elif not _bik(bik) and not account_holds(number, bik, correspondent=name[0] == "c"):
            yield f"{name} {number!r} does not fit bik {bik!r}: one of them has a wrong digit"


def _who(number: str, of_company: int) -> str:
    return "company" if len(number) == of_company else "person in business"
