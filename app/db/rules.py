"""Monitoring rules: one SQL file each under sql/rules; a file that breaks the form is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from asyncpg import PostgresError, Record

from app.db.conn import AWAY, CONTENDED, Conn
from app.db.queries import SQL, load
from app.domain.rule import Limits, Rule, Sighting, Threshold, edge
from app.domain.threshold import disorder
from app.errors import SettingsInvalid

_SQL = load("rules")
#: The rules the hub comes with; a retailer's own stand in a folder beside it (HUB_RULES).
FOLDER: Final = SQL / "rules"
#: Where a rule's query goes in the named query that runs it.
_PLACE: Final = "SELECT $1::timestamptz AS now, $2::float8 AS value"
_LINE: Final = re.compile(r"-- ([a-z ]+): (.*)")
_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,62}")
_TEXT_FACT: Final = re.compile(r"\{(\w+)\}")
ABOUT: Final = ("order", "line", "store", "account", "hub")
TOPICS: Final = ("orders", "quality", "connection", "documents", "hub")
UNITS: Final = ("minutes", "seconds", "percent", "count", "times", "days", "kopecks")
_NUMBERS: Final = ("warn", "critical", "clear", "least", "for", "mute")
_KNOWN: Final = frozenset(
    ("rule", "about", "topic", "unit", "bad", "silenced by", "ru", "en", *_NUMBERS)
)
#: Milliseconds a rule may take; a slow one is reported and the others go on.
PATIENCE: Final = 2000
#: Any number nobody else uses for an advisory lock.
_LOCK: Final = 7_305_022
#: Most subjects one rule may see at once: beyond, the worst are taken.
MOST: Final = 2000
#: What the frame itself knows of a subject, for texts.
_FRAME: Final = frozenset(
    ("number", "store", "store_name", "account", "timezone", "warn", "critical", "value", "cases")
)


def read_rules(*folders: Path) -> tuple[Rule, ...]:
    """All rules of these folders (none said: the hub's own); raises SettingsInvalid with the name
    of every file that is not one, and why."""
    paths = sorted(
        (path for folder in folders or (FOLDER,) for path in folder.glob("*.sql")),
        key=lambda path: path.name,
    )
    rules = tuple(_read_all(paths))
    names = {rule.name for rule in rules}
    for rule in rules:
        if unknown := set(rule.silenced_by) - names:
            raise SettingsInvalid(f"{rule.name}.sql: silenced by {sorted(unknown)}, no such rule")
    return rules


def rules_of(more: Path | None) -> tuple[Rule, ...]:
    """The hub's own rules and those of a retailer's folder; the same name twice is refused."""
    if more and not more.is_dir():
        raise SettingsInvalid(f"no folder of rules (HUB_RULES): {more}")
    return read_rules(FOLDER, *([more] if more else []))


def _read_all(paths: Sequence[Path]) -> Iterable[Rule]:
    mistakes = [
        f"{two.name}: stands in {one.parent} and in {two.parent}"
        for one, two in pairwise(paths)
        if one.name == two.name
    ]
    rules = []
    for path in paths:
        try:
            rules.append(_read(path))
        except SettingsInvalid as error:
            mistakes.append(str(error))
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes))
    return rules


def _read(path: Path) -> Rule:
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


def _query(rule: Rule, name: str = "look") -> str:
    return _SQL[name].replace(_PLACE, rule.sql)


async def prove(conn: Conn, rules: Iterable[Rule]) -> None:
    """Raises SettingsInvalid with the name of every rule whose query the database does not take, or
    whose texts name facts it does not give."""
    proofs = [(rule.name, await _wrong(conn, rule)) for rule in rules]
    if mistakes := [f"{name}.sql: {wrong}" for name, wrong in proofs if wrong]:
        raise SettingsInvalid("\n".join(mistakes))


async def _wrong(conn: Conn, rule: Rule) -> str | None:
    try:
        prepared = await conn.prepare(_query(rule, "columns"))
        given = {column.name: column.type.name for column in prepared.get_attributes()}
        if missing := _needed(rule) - given.keys():
            return f"the query gives no {', '.join(sorted(missing))}"
        if wrong := [name for name, type_ in given.items() if not _fits(name, type_)]:
            return f"of a wrong type: {', '.join(wrong)}"
        await conn.prepare(_query(rule))
    except (*AWAY, *CONTENDED):
        raise  # it is the database that is not well
    except PostgresError as error:
        return str(error)
    return None


def _needed(rule: Rule) -> set[str]:
    told = {
        name for text in rule.texts.values() for row in text for name in _TEXT_FACT.findall(row)
    }
    subject = {"hub": "subject", "line": "subject"}.get(rule.about, f"{rule.about}_id")
    return (told - _FRAME) | {"value", subject}


def _fits(name: str, type_: str) -> bool:
    """Whether what is read as a number, an id or a time is one."""
    if name in ("value", "cases"):
        return type_ in ("int2", "int4", "int8", "float4", "float8", "numeric")
    if name in ("order_id", "store_id", "account_id", "merchant_id"):
        return type_ == "uuid"
    return type_ == "timestamptz" if name.endswith("_at") else True


async def look(conn: Conn, rule: Rule, now: datetime, own: Sequence[Threshold]) -> list[Sighting]:
    """Run one rule's query, read-only and within PATIENCE; the worst MOST of what it sees."""
    async with conn.transaction(readonly=True):
        await conn.execute(_SQL["patience"], str(PATIENCE))
        rows = await conn.fetch(_query(rule), now, edge(rule, own), MOST, rule.below)
    return [_sighting(row) for row in rows]


def _sighting(row: Record) -> Sighting:
    fields = dict(row)
    frame = {name: fields.pop(name) for name in ("number", "store", "store_name", "account")}
    own = fields.pop("facts")
    zone = fields.pop("timezone")
    known = {name: value for name, value in frame.items() if value is not None}
    return Sighting(**fields, facts={**known, "timezone": zone, **own})


async def ran(conn: Conn, now: datetime, runs: Sequence[tuple[str, int, int, str | None]]) -> None:
    """Note how rules ran: (rule, milliseconds, how much it saw, what went wrong or None)."""
    rules, took, seen, errors = zip(*runs, strict=True) if runs else ((), (), (), ())
    await conn.execute(_SQL["ran"], now, list(rules), list(took), list(seen), list(errors))


async def runs(conn: Conn) -> dict[str, Record]:
    """How the last run of each rule went, by its name."""
    return {row["rule"]: row for row in await conn.fetch(_SQL["runs"])}


async def lock(conn: Conn) -> None:
    """Until the end of the transaction nobody else writes what rules saw."""
    await conn.execute(_SQL["lock"], _LOCK)


async def last(conn: Conn, rules: Iterable[Rule] | None = None) -> datetime | None:
    """When any of these rules was run last, or any at all; None: never."""
    names = None if rules is None else [rule.name for rule in rules]
    moment: datetime | None = await conn.fetchval(_SQL["last"], names)
    return moment


async def thresholds(conn: Conn) -> list[Threshold]:
    """Every chain's own limits."""
    return [_threshold(row) for row in await conn.fetch(_SQL["thresholds"])]


def _threshold(row: Record) -> Threshold:
    said: dict[str, Any] = {
        name: row[name]
        for name in ("warn", "critical", "clear", "least", "hold")
        if row[name] is not None
    }
    hours = None if row["from_hour"] is None else (row["from_hour"], row["until_hour"])
    limits = {**said, "off": True} if row["off"] else said
    return Threshold(
        row["rule"], row["merchant_id"], row["store_id"], row["account_id"], hours, limits
    )
