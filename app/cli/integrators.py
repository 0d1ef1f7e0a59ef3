"""orderhub integrators: a retailer's own systems that are told of orders."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, Final
from uuid import UUID

import typer
from asyncpg import Record
from rich import box
from rich.table import Table

from app.actions import integrators as acting
from app.actions.integrators import Trial
from app.cli.people import Json, by, decide, word
from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import events, integrators
from app.db.conn import Conn
from app.db.events import Sought
from app.db.sealing import Seal
from app.domain.refusals import Code as Refusal
from app.domain.refusals import Refused
from app.errors import SettingsInvalid
from app.integrators.post import poster
from app.render.order_event import any_schema

app = typer.Typer(help="Own systems that are told of orders.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(metavar="CODE", help="What it is called here")]
#: What a person sees of an answer.
_SHOWN: Final = 120


@app.command("list")
def list_(json: Json = False) -> None:
    """List subscriptions, how they fare, and what waits for them."""
    rows = with_connection(integrators.overview)
    if json:
        print_json([_plain(row) for row in rows])
        return
    heads = ("code", "url", "events", "state", "waiting", "given_up", "taken_at")
    table = Table(*(word(f"integrator.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        counts = str(row["waiting"]), str(row["given_up"] or "")
        chosen = ", ".join(row["events"]) or word("integrator.all")
        table.add_row(
            row["code"], row["url"], chosen, _state(row), *counts, _moment(row["taken_at"])
        )
        if row["trouble"]:
            table.add_row("", f"  {row['trouble']}"[:_SHOWN])
    console.print(table if rows else word("integrator.none"))


@app.command()
def add(
    file: Annotated[
        str,
        typer.Argument(
            metavar="FILE", help="Its description as JSON (docs/integrators.md); - is stdin"
        ),
    ],
) -> None:
    """Put a subscription in place, or change one; a missing secret is made and shown once."""
    what = acting.read(sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes())
    made = decide(lambda conn: acting.put(conn, _seal(), what, by().name))
    if made:
        typer.echo(word("integrator.secret_is", code=what.code, secret=made))
    typer.echo(word("integrator.added", code=what.code))


@app.command()
def test(code: Code) -> None:
    """Post an event that says nothing, now."""
    found = decide(lambda conn: acting.opened(conn, _seal(), code))

    async def rehearse() -> Trial:
        async with poster() as posting:
            return await acting.rehearse(posting, found, datetime.now(UTC))

    trial = asyncio.run(rehearse())
    if not trial.taken:
        stop(word("integrator.not_taken", said=trial.said))
    typer.echo(word("integrator.taken", status=trial.status, said=trial.said).rstrip())


@app.command()
def pause(code: Code) -> None:
    """Tell it nothing for the time being: events gather."""
    decide(lambda conn: acting.pause(conn, code, by().name))
    typer.echo(word("integrator.paused_now", code=code))


@app.command()
def resume(code: Code) -> None:
    """Tell it what has gathered, and what will come."""
    waited = _row(code)["waiting"]
    decide(lambda conn: acting.resume(conn, code, by().name))
    typer.echo(word("integrator.resumed", code=code, count=waited))


@app.command()
def rotate(
    code: Code,
    finish: Annotated[bool, typer.Option("--finish", help="Sign with the newest only")] = False,
) -> None:
    """Make a new secret, valid beside the former ones until --finish."""
    made = decide(lambda conn: acting.rotate(conn, _seal(), code, by().name, finish=finish))
    if made is None:
        typer.echo(word("integrator.only_newest", code=code))
        return
    typer.echo(word("integrator.secret_is", code=code, secret=made))
    typer.echo(word("integrator.retired", code=code))


@app.command("schema")
def schema_() -> None:
    """Print the JSON Schema of all events that are told."""
    print_json(any_schema())


@app.command()
def deliveries(
    code: Code,
    state: Annotated[str | None, typer.Option(help="waiting, leased, done or dead")] = None,
    type_: Annotated[str | None, typer.Option("--type", help="Like order.picked")] = None,
    order: Annotated[str | None, typer.Option(help="The order's number")] = None,
    *,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30,
    json: Json = False,
) -> None:
    """Show what it was told, and how that went."""
    _row(code)
    sought = Sought(state, type_, order, limit)
    found, tries = with_connection(lambda conn: events.log(conn, code, sought))
    if json:
        said = [_plain(row) for row in tries]
        print_json(
            [_plain(r) | {"tries": [t for t in said if t["delivery_id"] == str(r["id"])]}
             for r in found]
        )  # fmt: skip
        return
    last = {row["delivery_id"]: row for row in tries}
    heads = ("id", "at", "type", "order", "state", "attempts", "status", "ms", "said")
    table = Table(*(word(f"integrator.{head}") for head in heads), box=box.SIMPLE)
    for row in found:
        table.add_row(*_cells(row, last.get(row["id"])))
    console.print(table if found else word("integrator.no_deliveries"))


@app.command()
def resend(
    what: Annotated[str, typer.Argument(metavar="ID|CODE", help="A delivery, or a subscription")],
    given_up: Annotated[
        bool, typer.Option("--given-up", help="All that was given up for this subscription")
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 1000,
) -> None:
    """Bring one event once more, under the id it had; or all that was given up."""
    if given_up:
        count = decide(lambda conn: acting.resend_given_up(conn, what, limit, by().name))
        typer.echo(word("integrator.resent_all", count=count))
        return
    try:
        id_ = UUID(what)
    except ValueError:
        stop(word("integrator.what"), 2)
    new = decide(lambda conn: acting.resend(conn, id_, by().name))
    typer.echo(word("integrator.resent", id=new))


@app.command()
def remove(
    code: Code,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Tell it nothing more; what waits for it is dropped."""
    waiting = _row(code)["waiting"]
    if (
        waiting
        and not yes
        and not typer.confirm(word("integrator.really", code=code, count=waiting))
    ):
        raise typer.Exit(1)
    decide(lambda conn: acting.remove(conn, code, by().name))
    typer.echo(word("integrator.removed", code=code))


def _row(code: str) -> Record:
    """A subscription as it fares; ends the command when there is none."""

    async def read(conn: Conn) -> Record:
        rows = await integrators.overview(conn, code)
        if not rows:
            raise Refused(Refusal.INTEGRATOR_NOT_FOUND)
        return rows[0]

    return decide(read)


def _seal() -> Seal:
    key = settings().master_key
    if key is None:
        raise SettingsInvalid("HUB_MASTER_KEY must be set for this command")
    return Seal(key)


def _cells(row: Record, last: Record | None) -> tuple[str, ...]:
    said = (
        (str(last["status"] or "—"), str(last["ms"]), last["said"][:_SHOWN]) if last else ("",) * 3
    )
    state = word(f"integrator.done.{row['state']}")
    return (
        str(row["id"]), _moment(row["occurred_at"]), row["type"], row["order"] or "", state,
        str(row["attempts"]), *said,
    )  # fmt: skip


def _state(row: Record) -> str:
    if not row["active"]:
        return word(f"integrator.paused.{row['pause_reason']}")
    return word("integrator.resting" if row["rest_until"] else "integrator.active")


def _moment(at: datetime | None) -> str:
    return f"{at.astimezone():%d.%m %H:%M}" if at else ""


def _plain(row: Record) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}
