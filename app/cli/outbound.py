"""orderhub outbound: hold everything that goes out, let it go on, see how it stands."""

from __future__ import annotations

import getpass
from dataclasses import asdict
from typing import Annotated, Final

import typer
from rich import box
from rich.table import Table

from app.cli.session import console, print_json, stop, with_connection
from app.db import outbound, queue
from app.db.conn import Conn
from app.db.outbound import Hold
from app.db.queue import Queue

app = typer.Typer(
    help="Everything that goes out, to marketplaces, people, ERPs and own systems: hold it.",
    no_args_is_help=True,
)
#: What goes out by a queue.
LANES: Final = tuple(lane for lane in Queue if lane is not Queue.INBOX)


@app.command()
def hold(
    reason: Annotated[str, typer.Option(help="Why: people read it above every page")],
) -> None:
    """From this moment no process sends, calls or asks anything; what is to go out is kept."""
    why = reason.strip()
    if not why:
        stop("Say why: --reason.", 2)

    async def work(conn: Conn) -> Hold | None:
        async with conn.transaction():
            fresh = await outbound.hold(conn, why, _who())
            return None if fresh else await outbound.held(conn)

    before = with_connection(work)
    if before is None:
        typer.echo("Nothing goes out until orderhub outbound release; what was begun is finished.")
    else:
        typer.echo(f"Held already {_since(before)}: {before.reason}")


@app.command()
def release() -> None:
    """Let everything go on: what waits is sent."""

    async def work(conn: Conn) -> Hold | None:
        async with conn.transaction():
            return await outbound.release(conn, _who())

    ended = with_connection(work)
    if ended is None:
        typer.echo("Nothing was held.")
        return
    typer.echo(f"Everything goes out again; it was held {_since(ended)}: {ended.reason}")


@app.command()
def show(json: Annotated[bool, typer.Option("--json", help="For programs")] = False) -> None:
    """Show whether what goes out is held, how much waits, and the holds before."""

    async def read(conn: Conn) -> tuple[list[Hold], dict[str, int]]:
        depths = await queue.depths(conn)
        return await outbound.history(conn), {lane: depths[lane].unfinished for lane in LANES}

    holds, waiting = with_connection(read)
    held = next((one for one in holds if one.released_at is None), None)
    if json:
        print_json(
            {"held": held is not None, "waiting": waiting, "holds": list(map(asdict, holds))}
        )
        return
    said = "Everything goes out." if held is None else f"Held {_since(held)}: {held.reason}"
    typer.echo(said)
    typer.echo("Waiting: " + ", ".join(f"{count} in {lane}" for lane, count in waiting.items()))
    if over := [one for one in holds if one.released_at is not None]:
        table = Table("held", "by", "released", "by", "why", box=box.SIMPLE)
        for one in over:
            ended = f"{one.released_at:%d.%m.%Y %H:%M}"
            table.add_row(f"{one.held_at:%d.%m.%Y %H:%M}", one.held_by, ended,
                          str(one.released_by), one.reason)  # fmt: skip
        console.print(table)


def _who() -> str:
    return f"cli:{getpass.getuser()}"


def _since(hold: Hold) -> str:
    return f"since {hold.held_at.astimezone():%d.%m.%Y %H:%M} by {hold.held_by}"
