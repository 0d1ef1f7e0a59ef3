"""orderhub replay, replays: doing finished work again, one row or very many, counted first."""

from __future__ import annotations

import getpass
from enum import StrEnum
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from asyncpg import Record
from rich import box
from rich.table import Table

from app.actions import replay as replaying
from app.actions import replays as acting
from app.actions.replay_plan import Plan, plan
from app.cli.session import console, print_json, stop, with_connection
from app.cli.span import Since, Until, moment, shown
from app.db import replays as table
from app.db.conn import Conn
from app.db.queue import Queue
from app.domain.refusals import Refused
from app.domain.replay import FASTEST, FINISHED, MOST, SLOWEST, USUAL, Bounds, Wanted
from app.identifiers import new_id

app = typer.Typer(help="Replays: what was asked for, and how far each is.", no_args_is_help=True)
_USAGE: Final = (
    "Say inbox, outbox or erp_outbox, and IDs, --dead, or which rows: --account, --since, …"
)
#: What `--dead` alone replays at once.
_USUAL_DEAD: Final = 1000


class State(StrEnum):
    """What finished rows ended as."""

    DONE = "done"
    DEAD = "dead"
    SUPERSEDED = "superseded"


Json = Annotated[bool, typer.Option("--json", help="For programs")]
Id = Annotated[UUID, typer.Argument(metavar="REPLAY")]


Name = Annotated[Queue, typer.Argument(metavar="inbox|outbox|erp_outbox", help="Which queue")]
Ids = Annotated[list[UUID] | None, typer.Argument(metavar="[ID]...", help="These rows")]
Dead = Annotated[
    bool, typer.Option("--dead", help="What is buried and not replayed; alone: all, at once")
]
Account = Annotated[str | None, typer.Option(help="Its code; an ERP's for erp_outbox")]
Kind = Annotated[str | None, typer.Option(help="An event, or a kind of message")]
Store = Annotated[str | None, typer.Option(help="Its code")]
Number = Annotated[str | None, typer.Option(help="Its number here or there")]
States = Annotated[list[State] | None, typer.Option(help="Only these; may be repeated")]
Reason = Annotated[str | None, typer.Option(help="Why they ended, unknown_store say")]
Limit = Annotated[int | None, typer.Option(min=1, max=MOST, help="At most so many")]
Rate = Annotated[float, typer.Option(min=SLOWEST, max=FASTEST, help="Rows a second")]
Why = Annotated[str, typer.Option(help="Stays with the replay")]
Yes = Annotated[bool, typer.Option("--yes", help="Not only count: do it")]


def replay(  # noqa: PLR0913 - what a person may say of rows
    name: Name, ids: Ids = None, *, dead: Dead = False, account: Account = None, kind: Kind = None,
    store: Store = None, order: Number = None, state: States = None, reason: Reason = None,
    since: Since = None, until: Until = None, limit: Limit = None, rate: Rate = USUAL,
    why: Why = "", yes: Yes = False, json: Json = False,
) -> None:  # fmt: skip
    """Do finished or buried work again, as new rows; what was done already stays done.

    With words that say which rows, the first answer is how many they are: --yes does it."""
    words = (account, kind, store, order, state, reason, since, until)
    filtered = any(word is not None for word in words)
    if name not in replaying.QUEUES or bool(ids) + (dead or filtered) != 1:
        stop(_USAGE, 2)
    states = ("dead",) if dead else tuple(state or FINISHED)
    wanted = Wanted(
        name, states, account, kind, store, order, reason, moment(since), moment(until),
        tuple(ids or ()),
    )  # fmt: skip
    bounds = Bounds(getpass.getuser(), limit or 10_000, rate, why.replace("\x00", "").strip()[:300])
    if ids and len(ids) == 1:
        _one(name, ids[0], bounds)
    elif dead and not filtered:
        _dead(name, limit or _USUAL_DEAD, bounds)
    else:
        _many(wanted, bounds, yes=yes or bool(ids), json=json)


def _one(name: Queue, old: UUID, by: Bounds) -> None:
    new = with_connection(lambda conn: replaying.replay(conn, name, old, by.actor, by.reason))
    if new is None:
        stop(f"{name} has no finished or buried row {old}.")
    typer.echo(str(new))


def _dead(name: Queue, limit: int, by: Bounds) -> None:
    count = with_connection(
        lambda conn: replaying.replay_dead(conn, name, limit, by.actor, by.reason)
    )
    typer.echo(f"{count} replayed")


def _many(wanted: Wanted, bounds: Bounds, *, yes: bool, json: bool) -> None:
    async def work(conn: Conn) -> tuple[Plan, Record | None]:
        made = await plan(conn, wanted)
        if not yes or made.matched == 0:
            return made, None
        id_ = await acting.begin(conn, made, bounds, new_id().hex)
        return made, await acting.one(conn, id_)

    try:
        made, run = with_connection(work)
    except Refused as refusal:
        stop(f"There is no {refusal.details['field']} {refusal.details['given']}.")
    if json:
        print_json(_plan_facts(made) if run is None else dict(run))
        return
    _say_plan(made, bounds, asking=run is None)
    if run is not None:
        _say_run(run)


def _say_plan(made: Plan, bounds: Bounds, *, asking: bool) -> None:
    queue, rows = made.wanted.queue, made.matched
    if rows == 0 or made.first_at is None or made.last_at is None:
        typer.echo(f"No finished row of {queue} is meant.")
        return
    span = f"from {shown(made.first_at)} to {shown(made.last_at)}"
    many = f"More than {MOST} rows" if rows > MOST else f"{rows} rows" if rows > 1 else "1 row"
    typer.echo(f"{many} of {queue}, {span}.")
    for row in made.examples[:1]:
        facts = (row["kind"], row["number"], row["state"], row["reason"])
        typer.echo(f"The first: {row['id']} {' '.join(str(fact) for fact in facts if fact)}")
    if made.unfinished:
        typer.echo(f"{made.unfinished} more of that time are not finished: they are not meant.")
    most = min(rows, bounds.most)
    if rows > bounds.most:
        typer.echo(f"At most {bounds.most} would be replayed: --limit.")
    if asking:
        took = f"{_minutes(most / bounds.rate)} at {bounds.rate:g} rows a second"
        typer.echo(f"Nothing is done yet. With --yes: {most} rows, {took}.")


@app.command("list")
def list_(limit: Annotated[int, typer.Option(min=1, max=1000)] = 20, json: Json = False) -> None:
    """List replays, the latest first."""
    runs = with_connection(lambda conn: table.latest(conn, limit))
    if json:
        print_json([dict(run) for run in runs])
        return
    if not runs:
        typer.echo("Nothing was replayed yet.")
        return
    shelf = Table("since", "queue", "which", "state", "done", "who", "id", box=box.SIMPLE)
    for run in runs:
        done = f"{run['replayed']} of {min(run['matched'], run['most'])}"
        facts = (run["queue"], _which(run), run["state"], done, run["actor"], str(run["id"]))
        shelf.add_row(shown(run["created_at"]), *facts)
    console.print(shelf)


@app.command()
def show(id_: Id, json: Json = False) -> None:
    """Show one: how far it is, what was skipped, what became of its rows."""

    async def read(conn: Conn) -> tuple[Record, dict[str, int]]:
        return await acting.one(conn, id_), await table.became(conn, id_)

    run, became = _found(read)
    if json:
        print_json(dict(run) | {"became": became})
        return
    _say_run(run, became)


@app.command()
def cancel(id_: Id) -> None:
    """Stop one before its next batch; what it has queued goes on."""
    _say_run(_found(lambda conn: acting.cancel(conn, id_, getpass.getuser())))


def _found(work: Any) -> Any:
    try:
        return with_connection(work)
    except Refused:
        stop("There is no such replay: `orderhub replays list` names them.")


def _say_run(run: Record, became: dict[str, int] | None = None) -> None:
    most = min(run["matched"], run["most"])
    state = {"running": "goes on", "done": "is done", "cancelled": "was cancelled"}[run["state"]]
    by = f" by {run['cancelled_by']}" if run["cancelled_by"] else ""
    typer.echo(f"Replay {run['id']} {state}{by}: {run['replayed']} of {most} rows replayed.")
    typer.echo(f"{run['queue']}: {_which(run)}; asked for by {run['actor']}"
               f" at {shown(run['created_at'])}{_because(run['reason'])}.")  # fmt: skip
    if run["skipped"]:
        said = ", ".join(f"{rows} {why.replace('_', ' ')}" for why, rows in run["skipped"].items())
        typer.echo(f"Skipped: {said}.")
    if became:
        typer.echo("Of its rows: " + ", ".join(f"{n} {what}" for what, n in became.items()) + ".")
    if run["seconds_left"]:
        typer.echo(f"{_minutes(run['seconds_left'])} to go at {run['rate']:g} rows a second.")


def _which(run: Record) -> str:
    """The words of a filter; none is everything."""
    wanted = run["wanted"]
    words = ("account", "kind", "store", "order", "reason", "since", "until")
    said = [f"{word} {wanted[word]}" for word in words if wanted.get(word)]
    if len(wanted["states"]) < len(FINISHED):
        said.insert(0, "/".join(wanted["states"]))
    if run["chosen"] and not wanted.get("order"):
        said.insert(0, f"{run['chosen']} chosen")
    return ", ".join(said) or "everything"


def _because(reason: str) -> str:
    return f": {reason}" if reason else ""


def _minutes(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def _plan_facts(made: Plan) -> dict[str, Any]:
    return {
        "queue": made.wanted.queue,
        "matched": made.matched,
        "unfinished": made.unfinished,
        "first_at": made.first_at,
        "last_at": made.last_at,
        "examples": [dict(row) for row in made.examples],
    }
