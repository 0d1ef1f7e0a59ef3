"""Monitoring rules: one SQL file each under sql/rules; a file that breaks the form is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

from asyncpg import PostgresError, Record

from app.db.conn import AWAY, CONTENDED, Conn
from app.db.queries import SQL, load
from app.db.rule_file import read_file
from app.domain.rule import MOST, Rule, Sighting, Threshold, edge
from app.domain.silence import circle
from app.errors import SettingsInvalid

_SQL = load("rules")
#: The rules the hub comes with; a retailer's own stand in a folder beside it (HUB_RULES).
FOLDER: Final = SQL / "rules"
#: Where a rule's query goes in the named query that runs it.
_PLACE: Final = "SELECT $1::timestamptz AS now, $2::float8 AS value"
_TEXT_FACT: Final = re.compile(r"\{(\w+)\}")
#: Milliseconds a rule may take; a slow one is reported and the others go on.
PATIENCE: Final = 2000
#: Any number nobody else uses for an advisory lock.
_LOCK: Final = 7_305_022
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
    if ring := circle(rules):
        raise SettingsInvalid(f"{ring[0]}.sql: {ring} silence each other: nobody would hear of any")
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
            rules.append(read_file(path))
        except SettingsInvalid as error:
            mistakes.append(str(error))
    if mistakes:
        raise SettingsInvalid("\n".join(mistakes))
    return rules


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
        async with conn.transaction():  # a pooler knows no other end of a preparation
            return await _mistake(conn, rule)
    except (*AWAY, *CONTENDED):
        raise  # it is the database that is not well
    except PostgresError as error:
        return str(error)


async def _mistake(conn: Conn, rule: Rule) -> str | None:
    prepared = await conn.prepare(_query(rule, "columns"))
    given = {column.name: column.type.name for column in prepared.get_attributes()}
    if missing := _needed(rule) - given.keys():
        return f"the query gives no {', '.join(sorted(missing))}"
    if wrong := [name for name, type_ in given.items() if not _fits(name, type_)]:
        return f"of a wrong type: {', '.join(wrong)}"
    await conn.prepare(_query(rule))
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


async def look(
    conn: Conn, rule: Rule, now: datetime, own: Sequence[Threshold], patience: int = PATIENCE
) -> list[Sighting]:
    """Run one rule's query, read-only and within so many milliseconds; the worst MOST of what it
    sees."""
    async with conn.transaction(readonly=True):
        await limit(conn, patience)
        sql, values = asked(rule, now, own)
        rows = await conn.fetch(sql, *values)
    return [_sighting(row) for row in rows]


async def limit(conn: Conn, patience: int = PATIENCE) -> None:
    """What rules are run under, until the end of the transaction."""
    await conn.execute(_SQL["patience"], str(patience))


def asked(rule: Rule, now: datetime, own: Sequence[Threshold]) -> tuple[str, tuple[Any, ...]]:
    """What a look at one rule asks the database, and with which values."""
    return _query(rule), (now, edge(rule, own), MOST, rule.below)


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


async def last(conn: Conn, rules: Iterable[Rule]) -> datetime | None:
    """When any of these rules was run last; None: never."""
    moment: datetime | None = await conn.fetchval(_SQL["last"], [rule.name for rule in rules])
    return moment


async def watched(conn: Conn, rules: Iterable[Rule]) -> datetime | None:
    """When most of these rules were run last; None: never."""
    moment: datetime | None = await conn.fetchval(_SQL["watched"], [rule.name for rule in rules])
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
