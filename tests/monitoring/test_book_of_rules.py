"""The book of rules says what the files say: every rule, its title and its limits, in both
languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path
from typing import Final

import pytest

from app.db.rule_file import TOPICS
from app.db.rules import read_rules
from app.domain.rule import Rule

_DOCS: Final = Path(__file__).parents[2] / "docs"
_BOOKS: Final = {"en": _DOCS / "rules.md", "ru": _DOCS / "rules.ru.md"}
_ROW: Final = re.compile(r"\| `(\w+)` \| (.*) \| (.*) \| (.*) \| (.*) \|")
_UNITS: Final = {
    "en": {"minutes": " min", "seconds": " s", "percent": " %", "times": " ×", "days": " d"},
    "ru": {"minutes": " мин", "seconds": " с", "percent": " %", "times": " ×", "days": " дн."},
}
_WORDS: Final = {
    "en": {"clear": "ends at", "least": "at least {} cases", "for": "for {} s",
           "by": "silent during", "mute": "mute at most {} min"},
    "ru": {"clear": "конец:", "least": "случаев от {}", "for": "держится {} с", "by": "молчит при",
           "mute": "заглушить можно на {} мин"},
}  # fmt: skip


def _figure(value: float, language: str) -> str:
    said = f"{value:g}"
    return said.replace(".", ",") if language == "ru" else said


def _limit(rule: Rule, value: float | None, language: str) -> str:
    """`< 95 %`, `5 min`; what has no such level says so."""
    if value is None:
        return "—"
    unit = _UNITS[language].get(rule.unit, "")
    return f"{'< ' if rule.below else ''}{_figure(value, language)}{unit}"


def _tail(rule: Rule, language: str) -> str:
    """What else the header says: where it ends, of how many cases, for how long, and so on."""
    words, limits, said = _WORDS[language], rule.limits, []
    if limits.clear is not None:
        end = _figure(limits.clear, language) + _UNITS[language].get(rule.unit, "")
        said.append(f"{words['clear']} {end}")
    if limits.least:
        said.append(words["least"].format(limits.least))
    if limits.hold:
        said.append(words["for"].format(_figure(limits.hold, language)))
    if rule.most_mute != 1440:
        said.append(words["mute"].format(rule.most_mute))
    if rule.silenced_by:
        said.append(f"{words['by']} " + ", ".join(f"`{name}`" for name in rule.silenced_by))
    return f" *{'; '.join(said)}*" if said else ""


def expected(rule: Rule, language: str) -> tuple[str, str, str, str]:
    """What a row says of a rule: title, both levels, and how its last cell ends."""
    return (
        rule.texts[language][0],
        _limit(rule, rule.limits.warn, language),
        _limit(rule, rule.limits.critical, language),
        _tail(rule, language),
    )


def _rows(language: str) -> Iterator[tuple[str, tuple[str, str, str, str]]]:
    for line in _BOOKS[language].read_text().splitlines():
        if row := _ROW.fullmatch(line):
            yield row[1], (row[2], row[3], row[4], row[5])


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_book_has_every_rule_once_by_topic(language: str) -> None:
    rules = sorted(read_rules(), key=lambda rule: TOPICS.index(rule.topic))
    topic = {rule.name: rule.topic for rule in rules}
    names = [name for name, _ in _rows(language)]
    assert sorted(names) == sorted(topic), "a row for each rule, and none for what is no rule"
    order = [each for each, _ in groupby(names, lambda name: topic[name])]
    assert order == [each for each in TOPICS if each in topic.values()]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_book_says_of_each_rule_what_its_file_says(language: str) -> None:
    rules = {rule.name: rule for rule in read_rules()}
    for name, (title, warn, critical, last) in _rows(language):
        said = expected(rules[name], language)
        assert (title, warn, critical) == said[:3], f"{name}: docs and sql/rules differ"
        measured = last.removesuffix(said[3])
        assert last.endswith(said[3]), f"{name}: the last cell must end with {said[3]!r}"
        assert measured, f"{name}: what is measured is not said"
        assert "*" not in measured, f"{name}: the last cell must end with {said[3]!r} and no more"
