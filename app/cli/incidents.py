"""orderhub incidents: what is wrong, what was, who acted; taking care of it and silencing it."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, TypeVar
from uuid import UUID

import typer

from app.actions import incident_deeds
from app.actions.incident_deeds import Deed
from app.cli import incident_tables
from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import health, incident_lists, rules
from app.db import mutes as mute_table
from app.db.conn import Conn
from app.db.incident_lists import Filter
from app.domain import press
from app.domain.mute import Mute, Muting
from app.domain.press import Pressed
from app.domain.rule import Rule
from app.identifiers import new_id

app = typer.Typer(help="What is wrong, and who takes care of it.", no_args_is_help=True)
T = TypeVar("T")
Json = Annotated[bool, typer.Option("--json", help="For programs")]
Id = Annotated[UUID, typer.Argument(metavar="ID", help="As `orderhub incidents list` shows it")]

_SAID = {
    Pressed.DONE: "done",
    Pressed.ALREADY: "It was so already.",
    Pressed.STALE: "It has changed meanwhile.",
    Pressed.OVER: "It is resolved already.",
    Pressed.UNKNOWN: "There is no such incident that people know of.",
}


@dataclass(frozen=True, slots=True)
class _Desk:
    rules: Mapping[str, Rule]
    language: str


def _desk() -> _Desk:
    known = settings()
    return _Desk({rule.name: rule for rule in rules.rules_of(known.rules)}, known.language)


def _in_transaction(work: Callable[[Conn, datetime], Awaitable[T]]) -> T:
    async def whole(conn: Conn) -> T:
        async with conn.transaction():
            return await work(conn, await health.clock(conn))

    return with_connection(whole)


@app.command("list")
def list_(
    *,
    all_: Annotated[bool, typer.Option("--all", help="Also what ended in the last week")] = False,
    since: Annotated[
        datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Also what ended since then")
    ] = None,
    rule: Annotated[str | None, typer.Option(help="Only of this rule")] = None,
    store: Annotated[str | None, typer.Option(help="Only of this store, by its code")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help="Lines at most")] = 50,
    json: Json = False,
) -> None:
    """Show what is wrong, the worst first; with --all or --since also what was."""

    async def read(conn: Conn) -> list[Any]:
        now = await health.clock(conn)
        ended = since.astimezone() if since else now - timedelta(days=7) if all_ else None
        return await incident_lists.browse(conn, Filter(ended, rule, store, limit))

    rows = with_connection(read)
    if json:
        print_json([incident_tables.as_json(row) for row in rows])
        return
    console.print(incident_tables.listed(rows) if rows else "Nothing is wrong.")


@app.command()
def show(id_: Id, json: Json = False) -> None:
    """Show one incident with its history: what happened, when, and who acted."""
    found = with_connection(lambda conn: incident_lists.whole(conn, id_))
    if found is None:
        stop(f"There is no incident {id_}.")
    if json:
        lists = {name: [dict(row) for row in getattr(found, name)] for name in found._fields[1:]}
        print_json({**incident_tables.as_json(found.incident), **lists})
        return
    for part in incident_tables.whole(found):
        console.print(part, highlight=False)


@app.command()
def ack(id_: Id) -> None:
    """Take care of an incident: nobody else is called any more, and everybody sees who does."""
    _press(id_, press.acknowledge)


@app.command()
def unack(id_: Id) -> None:
    """Nobody takes care any more: people are called again."""
    _press(id_, press.unacknowledge)


def _press(id_: UUID, do: Callable[..., Any]) -> None:
    desk, who = _desk(), getpass.getuser()
    _end(_in_transaction(lambda conn, now: incident_deeds.press(
        conn, desk, Deed(id_, who, None, now), do)))  # fmt: skip


def _end(pressed: Pressed) -> None:
    if pressed is not Pressed.DONE:
        stop(_SAID[pressed])
    typer.echo(_SAID[pressed])


@app.command()
def mute(
    what: Annotated[str, typer.Argument(metavar="ID|RULE", help="An incident, or a whole rule")],
    *,
    reason: Annotated[str, typer.Option(help="Why: everybody sees it")],
    minutes: Annotated[int, typer.Option(min=1, max=100_000, help="How long")] = 30,
    store: Annotated[str | None, typer.Option(help="A rule at a store: its code")] = None,
    account: Annotated[str | None, typer.Option(help="A rule at an account: its code")] = None,
    merchant: Annotated[str | None, typer.Option(help="A rule at a merchant: its name")] = None,
) -> None:
    """Silence one incident, or a rule somewhere, for some time; no longer than the rule allows."""
    muting, words = Muting(minutes, reason.strip()), (store, account, merchant)
    if not muting.reason:
        stop("Say --reason: everybody sees who silenced what, and why.", 2)
    id_ = incident_tables.uuid_of(what)
    if id_ is None:
        _silence(what, muting, words)
        return
    if any(words):
        stop("An incident is where it is: --store, --account and --merchant go with a rule.", 2)
    desk, who = _desk(), getpass.getuser()
    _end(_in_transaction(lambda conn, now: incident_deeds.mute(
        conn, desk, Deed(id_, who, None, now), muting)))  # fmt: skip


def _silence(rule: str, muting: Muting, words: tuple[str | None, ...]) -> None:
    desk, who = _desk(), getpass.getuser()
    if rule not in desk.rules:
        stop(f"No incident and no rule {rule!r}: orderhub incidents list, orderhub rules list", 2)
    if not any(words):
        stop("Say --store, --account or --merchant: nothing is silenced everywhere.", 2)

    async def silence(conn: Conn, now: datetime) -> Mute:
        until = now + timedelta(minutes=muting.minutes)
        where = await _where(conn, *words)
        new = Mute(new_id(), rule, muting.reason, who, now, until, **where)
        return await incident_deeds.silence(conn, desk, new)

    kept = _in_transaction(silence)
    typer.echo(f"{kept.id} until {kept.until.astimezone():%Y-%m-%d %H:%M}")


async def _where(
    conn: Conn, store: str | None, account: str | None, merchant: str | None
) -> dict[str, Any]:
    found = await incident_lists.places(conn, store, account, merchant)
    kinds = ("store", "account", "merchant")
    where = {}
    for kind, word, ids in zip(kinds, (store, account, merchant), found, strict=True):
        if word is not None:
            if not ids:
                stop(f"There is no {kind} {word}.")
            if len(ids) > 1:
                stop(f"Several merchants have a {kind} {word}: say --merchant.", 2)
            where[f"{kind}_id"] = ids[0]
    return where


@app.command()
def unmute(
    id_: Annotated[UUID, typer.Argument(metavar="ID", help="As `orderhub incidents mutes` says")],
) -> None:
    """End a mute before its time: what it silenced and is still there is told again."""
    desk, who = _desk(), getpass.getuser()
    if not _in_transaction(lambda conn, now: incident_deeds.unmute(conn, desk, id_, who, now)):
        stop(f"There is no mute {id_} that holds.")
    typer.echo("done")


@app.command()
def mutes(json: Json = False) -> None:
    """Show what is silent now: until when, who wanted that, and why."""

    async def read(conn: Conn, now: datetime) -> tuple[list[Mute], dict[UUID, str]]:
        found = await mute_table.live(conn, now)
        ids = [id_ for one in found for id_ in incident_tables.meant(one)]
        return found, await incident_lists.names(conn, ids)

    found, names = _in_transaction(read)
    if json:
        print_json(found)
        return
    console.print(incident_tables.mutes(found, names) if found else "Nothing is muted.")
