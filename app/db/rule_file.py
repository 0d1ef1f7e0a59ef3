"""The form of a rule's file under sql/rules: header lines `-- key: value`, then one query."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from app.domain.rule import Limits, Rule
from app.domain.threshold import disorder
from app.errors import SettingsInvalid

_LINE: Final = re.compile(r"-- ([a-z ]+): (.*)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
ABOUT: Final = ("order", "line", "store", "account", "hub")
TOPICS: Final = ("orders", "quality", "connection", "documents", "hub")
UNITS: Final = ("minutes", "seconds", "percent", "count", "times", "days", "kopecks")
_NUMBERS: Final = ("warn", "critical", "clear", "least", "for", "mute")
_KNOWN: Final = frozenset(
    ("rule", "about", "topic", "unit", "bad", "silenced by", "ru", "en", *_NUMBERS)
)


def read_file(path: Path) -> Rule:
    """One rule; SettingsInvalid with the file's name and every mistake in it."""
    try:
        lines, texts, sql = _header(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{path.name}: cannot be read: {error}") from None
    mistakes = list(_mistakes(path.stem, lines, texts))
    limits = _limits({} if mistakes else {name: lines[name] for name in _NUMBERS if name in lines})
    if wrong := disorder(limits, below=lines.get("bad") == "below"):
        mistakes.append(wrong)
    if mistakes:
        raise SettingsInvalid("\n".join(f"{path.name}: {mistake}" for mistake in mistakes))
    return Rule(
        name=path.stem, about=lines["about"], topic=lines["topic"], unit=lines["unit"],
        below=lines.get("bad") == "below", limits=limits,
        most_mute=int(float(lines.get("mute", 1440))),
        silenced_by=tuple(lines.get("silenced by", "").split()), texts=texts, sql=sql,
    )  # fmt: skip


def _limits(lines: Mapping[str, str]) -> Limits:
    said = {name: float(text) for name, text in lines.items()}
    return Limits(
        said.get("warn"), said.get("critical"), said.get("clear"),
        int(said.get("least", 0)), said.get("for", 0.0),
    )  # fmt: skip


def _header(text: str) -> tuple[dict[str, str], dict[str, tuple[str, ...]], str]:
    """The lines `-- key: value` a file begins with, its texts by language, and the rest."""
    lines: dict[str, str] = {}
    texts: dict[str, tuple[str, ...]] = {}
    rows = text.splitlines()
    for at, row in enumerate(rows):
        found = _LINE.fullmatch(row)
        if found is None or found[1] not in _KNOWN:
            return lines, texts, "\n".join(rows[at:]).rstrip().rstrip(";")
        if found[1] in ("ru", "en"):
            texts[found[1]] = (*texts.get(found[1], ()), found[2].strip())
        else:
            lines[found[1]] = found[2].strip()
    return lines, texts, ""


def _mistakes(
    stem: str, lines: Mapping[str, str], texts: Mapping[str, tuple[str, ...]]
) -> Iterable[str]:
    if lines.get("rule") != stem or not _NAME.fullmatch(stem):
        yield f"begins not with `-- rule: {stem}`"
    for name, allowed in (("about", ABOUT), ("topic", TOPICS), ("unit", UNITS)):
        if lines.get(name) not in allowed:
            yield f"`{name}` must be one of {', '.join(allowed)}"
    if lines.get("bad", "above") not in ("above", "below"):
        yield "`bad` must be above or below"
    for name in _NUMBERS:
        if name in lines and not _is_number(lines[name]):
            yield f"`{name}` must be a number, 0 or more"
    if "warn" not in lines and "critical" not in lines:
        yield "says neither `warn` nor `critical`"
    for language in ("ru", "en"):
        if not texts.get(language):
            yield f"has no `{language}` line: what people are told"


def _is_number(text: str) -> bool:
    return re.fullmatch(r"\d{1,9}(\.\d+)?", text) is not None
