"""Figures as people read them: "1 234,50" in Russian, "1,234.50" in English; a true minus sign and
spaces that no line breaks at."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Final

from babel.dates import format_date

from app.render.table import Kind, Value

_NBSP: Final = "\u00a0"
_MINUS: Final = "\u2212"


def money(kopecks: int, language: str) -> str:
    """Roubles with two places."""
    return _fixed(kopecks, 2, language)


def kilograms(grams: int, language: str) -> str:
    """Kilograms with three places."""
    return _fixed(grams, 3, language)


def count(number: int, language: str) -> str:
    """A whole number."""
    return _fixed(number, 0, language)


def percent(value: float, language: str) -> str:
    """Whole percents as such, others with one place."""
    tenths = round(value * 10)
    whole = tenths % 10 == 0
    return _fixed(tenths // 10 if whole else tenths, 0 if whole else 1, language) + _NBSP + "%"


def day(value: date, language: str) -> str:
    """Short: "22.11.2026", or "22 Nov 2026" in English."""
    written = (
        value.strftime("%d.%m.%Y") if language == "ru" else format_date(value, "d MMM y", "en")
    )
    return written.replace(" ", _NBSP)


def day_in_words(value: date, language: str) -> str:
    """Long: "22 ноября 2026 г.", "22 November 2026"."""
    pattern = "d MMMM y 'г.'" if language == "ru" else "d MMMM y"
    return format_date(value, pattern, language).replace(" ", _NBSP)


def _fixed(value: int, places: int, language: str) -> str:
    """A whole number of the last place's units, exactly."""
    whole, part = divmod(abs(value), 10**places)
    point, space = (",", _NBSP) if language == "ru" else (".", ",")
    written = f"{whole:,}".replace(",", space) + (f"{point}{part:0{places}d}" if places else "")
    return (_MINUS if value < 0 else "") + written


_WRITTEN: Final[Mapping[Kind, Callable[[int, str], str]]] = {
    Kind.COUNT: count,
    Kind.MONEY: money,
    Kind.KILOGRAMS: kilograms,
}


def written(kind: Kind, value: Value, language: str) -> str:
    """A cell of a table; nothing for None. Texts stand as they are."""
    if value is None:
        return ""
    if kind is Kind.TEXT:
        return str(value)
    if kind is Kind.DATE:
        return day(date.fromisoformat(str(value)), language) if value else ""
    if kind is Kind.PERCENT:
        return percent(float(value), language)
    return _WRITTEN[kind](int(value), language)
