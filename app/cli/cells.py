"""orderhub cells: stores go to another cell (docs/scaling.md); routes of gateways.

This machine's settings are the cell it leaves; HUB_CELL_DATABASE_URL and HUB_CELL_MASTER_KEY the
one it goes to: secrets are never arguments.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, Final

import typer
from rich import box
from rich.table import Table

from app.actions import move_store
from app.actions.move_steps import Cell, Flip, Mover
from app.actions.move_store import Wanted
from app.cli.keys import seal_of_settings
from app.cli.people import Json, by
from app.cli.session import console, database_url, print_json, settings, with_connection
from app.db import cells
from app.db.cell_copy import Scope
from app.db.conn import AWAY, MOVED, Conn, connect
from app.db.sealing import Seal
from app.errors import SettingsInvalid, StorageAway
from app.supervision.routes import send_to

app = typer.Typer(help="Stores between cells.", no_args_is_help=True)
Store = Annotated[str, typer.Argument(metavar="STORE", help="Its code")]
Accounts = Annotated[list[str], typer.Argument(metavar="ACCOUNT...", help="Their codes")]
Program = Annotated[
    Path | None,
    typer.Option("--flip", help="Called with the cell and the accounts; ends when all is routed",
                 exists=True, dir_okay=False),
]  # fmt: skip
Flipped = Annotated[bool, typer.Option("--flipped", help="All gateways send the hooks there now")]
Back = Annotated[bool, typer.Option("--back", help="No gateway sends the hooks there any more")]
#: Seconds for a statement but those that copy or compare: people wait for what is behind them.
_PATIENCE: Final = 60.0
#: What is called once hooks are sent where they belong.
_ON: Final = "go-on --flipped"


@app.command()
def plan(store: Store) -> None:
    """Show what goes together with a store: accounts, and all stores they serve."""

    async def read(conn: Conn) -> cells.Described:
        return await cells.described(conn, Scope(*await cells.group(conn, store)))

    what = with_connection(read)
    typer.echo(f"stores:   {', '.join(what.stores)}")
    typer.echo(f"accounts: {', '.join(what.accounts) or 'none'}")
    rest = "all of it" if what.whole else "other stores stay here: documents need --series there"
    typer.echo(f"merchant: {what.merchant}, {rest}")


@app.command()
def move(
    store: Store,
    *,
    to: Annotated[str, typer.Option(help="The other cell's name, as gateways know it")],
    url: Annotated[str, typer.Option(help="Where its people find it: https://…")],
    series: Annotated[str | None, typer.Option(help="Of its documents there")] = None,
    flip: Program = None,
) -> None:
    """Move a store, with all that belongs to it. Stopped anywhere, `go-on` goes on."""
    wanted = Wanted(store, url, series, by().name)

    async def work(mover: Mover) -> None:
        await move_store.begin(mover, wanted)
        await _steps(mover)

    _with_both(to, _flip(flip, _ON, done=False), work)


@app.command("go-on")
def go_on(flip: Program = None, flipped: Flipped = False) -> None:
    """Go on with the move that is not finished."""
    _with_both(_other(), _flip(flip, _ON, done=flipped), _steps)


@app.command()
def abort(flip: Program = None, back: Back = False) -> None:
    """Leave the store here; possible until all hooks are sent to the other cell."""
    _with_both(_other(), _flip(flip, "abort --back", done=back), move_store.abort)
    typer.echo("The store stays, and goes on.")


@app.command("list")
def list_(json: Json = False) -> None:
    """List moves out of this cell and into it."""
    rows: list[dict[str, Any]] = with_connection(cells.latest)
    if json:
        print_json(rows)
        return
    table = Table("", "cell", "stores", "accounts", "step", "since", box=box.SIMPLE)
    for row in rows:
        table.add_row(row["side"], row["other"], ", ".join(row["stores"]),
                      ", ".join(row["accounts"]), row["step"],
                      f"{row['started_at']:%d.%m.%Y %H:%M:%S}")  # fmt: skip
    console.print(table, highlight=False)


@app.command()
def route(
    folder: Annotated[Path, typer.Argument(help="The gateway's cells/ folder", file_okay=False)],
    cell: Annotated[str, typer.Argument(help="Where to; `here` for this one")],
    accounts: Accounts,
) -> None:
    """Send accounts' hooks to a cell, on this gateway: nginx is then told to reload."""
    send_to(folder, cell, accounts)


async def _steps(mover: Mover) -> None:
    begun = time.monotonic()
    while (name := await move_store.advance(mover)) is not None:
        typer.echo(f"{time.monotonic() - begun:7.1f} s  {name}")


def _other() -> str:
    found = with_connection(cells.under_way)
    if found is None:
        raise SettingsInvalid("no store is on its way from here")
    return found.other


def _with_both(name: str, flip: Flip, work: Callable[[Mover], Awaitable[None]]) -> None:
    url, key = os.environ.get("HUB_CELL_DATABASE_URL"), os.environ.get("HUB_CELL_MASTER_KEY")
    if not url or not key:
        raise SettingsInvalid("HUB_CELL_DATABASE_URL and HUB_CELL_MASTER_KEY must be set: those of"
                              " the cell the store goes to")  # fmt: skip

    async def connected() -> None:
        async with _database(database_url(), "this") as here, _database(url, "the other") as there:
            source = Cell(await cells.name_here(here), here, seal_of_settings())
            await work(Mover(source, Cell(name, there, Seal(key)), flip))

    try:
        asyncio.run(connected())
    except (TimeoutError, *MOVED) as error:
        raise StorageAway(f"A database does not answer any more: {error!r}") from error


@asynccontextmanager
async def _database(url: str, whose: str) -> AsyncIterator[Conn]:
    try:
        conn = await connect(url, seconds=5, command_timeout=_PATIENCE,
                             statement_cache_size=settings().database_statements)  # fmt: skip
    except AWAY as error:
        raise StorageAway(f"The database of {whose} cell does not answer.") from error
    try:
        yield conn
    finally:
        conn.terminate()


def _flip(program: Path | None, then: str, *, done: bool) -> Flip:
    async def flip(accounts: Sequence[str], cell: str) -> None:
        if done:
            return
        if program is None:
            raise SettingsInvalid(f"now send the hooks of {', '.join(accounts)} to {cell}; then:"
                                  f" orderhub cells {then}")  # fmt: skip
        process = await asyncio.create_subprocess_exec(program, cell, *accounts)
        if await process.wait():
            raise SettingsInvalid(f"{program} could not route: mend it, then orderhub cells"
                                  f" {then.partition(' ')[0]}")  # fmt: skip

    return flip
