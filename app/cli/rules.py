"""orderhub rules: what is watched and by which limits, whether all files are good, one try."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Annotated, Any, Final

import asyncpg
import typer
from asyncpg import Record
from rich import box
from rich.table import Table
from rich.text import Text

from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import health
from app.db import rules as table
from app.db.conn import Conn
from app.db.rule_file import TOPICS
from app.domain.rule import Level, Limits, Rule, Sighting, Threshold, level_of, limits_of
from app.errors import SettingsInvalid

app = typer.Typer(help="What monitoring looks for.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs")]
_UNIT: Final = {"minutes": "min", "seconds": "s", "percent": "%", "count": "", "times": "x",
                "days": "d", "kopecks": "kop"}  # fmt: skip
_STYLE: Final = {Level.CRITICAL: "red", Level.WARNING: "yellow"}
_FRAME: Final = ("number", "store", "store_name", "account", "timezone", "value", "subject",
                 "order_id", "store_id", "account_id", "merchant_id", "cases")  # fmt: skip


@app.command("list")
def list_(json: Json = False) -> None:
    """Show every rule: what it looks at, its limits, and how its last run went."""
    rules = _known(settings().rules)

    async def read(conn: Conn) -> tuple[Mapping[str, Record], Sequence[Threshold]]:
        return await table.runs(conn), await table.thresholds(conn)

    runs, own = with_connection(read)
    if json:
        print_json([_told(rule, runs.get(rule.name), own) for rule in rules])
        return
    console.print(_rules(rules, runs, own), highlight=False)


@app.command()
def check(
    folder: Annotated[
        Path | None, typer.Argument(help="A folder of further rules (else HUB_RULES)")
    ] = None,
) -> None:
    """Read all rules and prove them against the database; exit code 1 names those that are bad."""
    more = folder or settings().rules
    rules = _known(more)
    try:
        with_connection(lambda conn: table.prove(conn, rules))
    except SettingsInvalid as error:
        stop(str(error))
    own = len(rules) - len(table.read_rules())
    typer.echo(f"{len(rules)} rules are good" + (f", {own} of them in {more}" if more else ""))


@app.command("try")
def try_(
    name: Annotated[str, typer.Argument(help="A rule's name")],
    whole: Annotated[bool, typer.Option("--all", help="Also what is on the good side")] = False,
    json: Json = False,
) -> None:
    """Run one rule now and show what it sees; nothing is written, nobody is told."""
    rule = next((rule for rule in _known(settings().rules) if rule.name == name), None)
    if rule is None:
        stop(f"No rule {name!r}: orderhub rules list")
    found = rule

    async def look(conn: Conn) -> tuple[list[Sighting], list[Threshold]]:
        await table.prove(conn, [found])
        own = await table.thresholds(conn)
        asked = _unlimited(found) if whole else found
        return await table.look(conn, asked, await health.clock(conn), () if whole else own), own

    try:
        seen, own = with_connection(look)
    except (SettingsInvalid, asyncpg.PostgresError) as error:
        stop(str(error) if isinstance(error, SettingsInvalid) else f"{name}.sql: {error}")
    if json:
        print_json([_as_json(one, found, own) for one in seen])
        return
    console.print(f"{name}: {_title(found)} · {_limits(found.limits, found)}", highlight=False)
    console.print(_sightings(found, seen, own) if seen else "It sees nothing.", highlight=False)


def _known(more: Path | None) -> tuple[Rule, ...]:
    try:
        return table.rules_of(more)
    except SettingsInvalid as error:
        stop(str(error))


def _unlimited(rule: Rule) -> Rule:
    everything = float("inf") if rule.below else float("-inf")
    return replace(rule, limits=replace(rule.limits, clear=everything))


def _title(rule: Rule) -> str:
    return rule.texts[settings().language][0]


def _limits(limits: Limits, rule: Rule) -> str:
    """Like: warn 5 · critical 10 min · clear 3 · least 20 · for 60 s."""
    sign, unit = ("<" if rule.below else ""), _UNIT[rule.unit]
    levels = [(name, getattr(limits, name)) for name in ("warn", "critical", "clear")]
    parts = [f"{name} {sign}{value:g}" for name, value in levels if value is not None]
    parts += [f"least {limits.least}"] if limits.least else []
    parts += [f"for {limits.hold:g} s"] if limits.hold else []
    return " · ".join(parts) + (f" ({unit})" if unit else "")


def _rules(rules: Iterable[Rule], runs: Mapping[str, Record], own: Iterable[Threshold]) -> Table:
    """By topic; beneath a rule why its last run failed."""
    grid = Table("rule", "what", "limits", "last run", "ms", "seen", box=box.SIMPLE)
    grid.columns[0].no_wrap = True
    counts = [one.rule for one in own]
    by_topic = sorted(rules, key=lambda rule: (TOPICS.index(rule.topic), rule.name))
    for topic, group in groupby(by_topic, lambda rule: rule.topic):
        grid.add_row(Text(topic, style="bold"))
        for rule in group:
            run, mine = runs.get(rule.name), counts.count(rule.name)
            limits = _limits(rule.limits, rule) + (f" + {mine} own" if mine else "")
            ran = (_time(run["at"]), str(run["ms"]), str(run["seen"])) if run else ("never",)
            grid.add_row(rule.name, _title(rule), limits, *ran)
            if run and run["error"]:
                grid.add_row("", Text(f"{run['error']}, {run['failures']} times", style="red"))
        grid.add_section()
    return grid


def _sightings(rule: Rule, seen: Iterable[Sighting], own: Sequence[Threshold]) -> Table:
    grid = Table("level", "where", "subject", rule.unit, "facts", box=box.SIMPLE)
    for one in seen:
        level = level_of(rule, limits_of(rule, one, own), one)
        sign = Text(level, style=_STYLE[level]) if level else Text("-")
        places = [str(one.facts[key]) for key in ("store", "account") if one.facts.get(key)]
        told = {key: fact for key, fact in one.facts.items() if key not in _FRAME}
        facts = ", ".join(
            f"{key}: {_fact(key, fact)}" for key, fact in told.items() if fact is not None
        )
        subject = str(one.facts.get("number") or (one.subject if not places else ""))
        cases = f" of {one.cases}" if one.cases is not None else ""
        grid.add_row(sign, " · ".join(places), subject, f"{one.value:g}{cases}", facts)
    return grid


def _fact(key: str, fact: Any) -> str:
    return _time(datetime.fromisoformat(fact)) if key.endswith("_at") else str(fact)


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%m-%d %H:%M:%S}"


def _told(rule: Rule, run: Record | None, own: Iterable[Threshold]) -> dict[str, Any]:
    facts = {
        name: getattr(rule, name) for name in ("name", "topic", "about", "unit", "silenced_by")
    }
    mine = sum(one.rule == rule.name for one in own)
    ran = {key: value for key, value in dict(run or {}).items() if key != "rule"}
    limits = asdict(rule.limits)
    return {**facts, "title": _title(rule), "bad": "below" if rule.below else "above",
            "limits": limits, "own_thresholds": mine, "last_run": ran or None}  # fmt: skip


def _as_json(one: Sighting, rule: Rule, own: Sequence[Threshold]) -> dict[str, Any]:
    return {**asdict(one), "level": level_of(rule, limits_of(rule, one, own), one)}
