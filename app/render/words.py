"""Sums in words, as papers repeat them: «Одна тысяча двести рублей 50 копеек»."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from babel.numbers import get_currency_name

from app.render.language import say

_HUNDREDS: Final = (
    "", "сто", "двести", "триста", "четыреста", "пятьсот", "шестьсот", "семьсот", "восемьсот",
    "девятьсот",
)  # fmt: skip
_TENS: Final = (
    "", "", "двадцать", "тридцать", "сорок", "пятьдесят", "шестьдесят", "семьдесят",
    "восемьдесят", "девяносто",
)  # fmt: skip
_ONES: Final = (
    "", "один", "два", "три", "четыре", "пять", "шесть", "семь", "восемь", "девять", "десять",
    "одиннадцать", "двенадцать", "тринадцать", "четырнадцать", "пятнадцать", "шестнадцать",
    "семнадцать", "восемнадцать", "девятнадцать",
)  # fmt: skip
_HER: Final = {"один": "одна", "два": "две"}
#: One, a few, many; of each power of a thousand.
_THOUSANDS: Final = (
    ("", "", ""),
    ("тысяча", "тысячи", "тысяч"),
    ("миллион", "миллиона", "миллионов"),
    ("миллиард", "миллиарда", "миллиардов"),
    ("триллион", "триллиона", "триллионов"),
    ("квадриллион", "квадриллиона", "квадриллионов"),
)
_EN_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_EN_ONES: Final = (
    "", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
    "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
)  # fmt: skip
_EN_THOUSANDS: Final = ("", "thousand", "million", "billion", "trillion", "quadrillion")
#: Roubles and kopecks: one, a few, many; English has no few.
_ROUBLES: Final = {
    "ru": ("рубль", "рубля", "рублей"),
    "en": ("rouble", "roubles", "roubles"),
}
_KOPECKS: Final = {
    "ru": ("копейка", "копейки", "копеек"),
    "en": ("kopeck", "kopecks", "kopecks"),
}


def sum_in_words(kopecks: int, currency: str, language: str) -> str:
    """A sum with its whole part in words and hundredths in figures; below zero it begins with
    «минус». Up to quadrillions. Other currencies are named as CLDR names them."""
    whole, part = divmod(abs(kopecks), 100)
    words = _NUMBER[language](whole) or say(language, "document.nought")
    minus = say(language, "document.minus") + " " if kopecks < 0 else ""
    text = f"{minus}{words} {_named(whole, part, currency, language)}"
    return text[:1].upper() + text[1:]


def _named(whole: int, part: int, currency: str, language: str) -> str:
    if currency != "RUB":
        return f"{get_currency_name(currency, whole, language)} {part:02d}/100"
    form = _FORM[language]
    roubles, kopecks = form(whole, _ROUBLES[language]), form(part, _KOPECKS[language])
    return f"{roubles} {part:02d}\u00a0{kopecks}"


def _threes(number: int) -> Iterator[tuple[int, int]]:
    """Each three digits that are not nothing, with their power of a thousand, the highest first."""
    parts = [(power, number // 1000**power % 1000) for power in range(len(_THOUSANDS))]
    return ((power, three) for power, three in reversed(parts) if three)


def _russian(number: int) -> str:
    said = []
    for power, three in _threes(number):
        hundreds, rest = divmod(three, 100)
        tens, ones = (0, rest) if rest < 20 else divmod(rest, 10)
        one = _HER.get(_ONES[ones], _ONES[ones]) if power == 1 else _ONES[ones]
        said += [_HUNDREDS[hundreds], _TENS[tens], one, _ru_form(three, _THOUSANDS[power])]
    return " ".join(filter(None, said))


def _english(number: int) -> str:
    said = []
    for power, three in _threes(number):
        hundreds, rest = divmod(three, 100)
        tens, ones = (0, rest) if rest < 20 else divmod(rest, 10)
        said += [_EN_ONES[hundreds], "hundred"] if hundreds else []
        linked = (_EN_TENS[tens - 2] if tens else "", _EN_ONES[ones])
        said += ["-".join(filter(None, linked)), _EN_THOUSANDS[power]]
    return " ".join(filter(None, said))


def _ru_form(number: int, forms: Sequence[str]) -> str:
    """рубль, рубля, рублей."""
    if number % 100 in range(11, 15):
        return forms[2]
    return forms[{1: 0, 2: 1, 3: 1, 4: 1}.get(number % 10, 2)]


def _en_form(number: int, forms: Sequence[str]) -> str:
    return forms[0 if number == 1 else 2]


_FORM: Final[Mapping[str, Callable[[int, Sequence[str]], str]]] = {"ru": _ru_form, "en": _en_form}
_NUMBER: Final[Mapping[str, Callable[[int], str]]] = {"ru": _russian, "en": _english}
