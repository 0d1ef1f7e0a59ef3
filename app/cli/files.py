"""orderhub files: whether everything that was kept is there and whole."""

from __future__ import annotations

from typing import Annotated, Final

import typer

from app.actions.inspect_files import Inspection, inspect
from app.cli.session import print_json, settings, with_connection
from app.db.conn import Conn
from app.files.places import open_place
from app.marketplaces import remote

app = typer.Typer(help="The files of documents.", no_args_is_help=True)
#: Bytes of a file that are read, whatever limit new ones have.
_MOST: Final = 2_000_000_000


@app.callback()
def files() -> None:
    """Where they are is HUB_FILES."""


@app.command()
def check(as_json: Annotated[bool, typer.Option("--json", help="For programs")] = False) -> None:
    """Read every kept file and compare its digest; exit code 1 when one is gone or rotten. What a
    document is made of comes anew when it is asked for; files nobody asks for do no harm."""
    found = with_connection(_inspect)
    if as_json:
        print_json(found)
    else:
        _tell(found)
    raise typer.Exit(1 if found.lost else 0)


def _tell(found: Inspection) -> None:
    typer.echo(f"{found.files} files, {found.size / 1e6:.1f} MB.")
    for word, digests in (("gone", found.gone), ("rotten", found.rotten)):
        for sha256 in digests:
            typer.echo(f"{word}: {sha256}")
    if found.lost:
        typer.echo(f"{found.lost} lost; {found.remade} of them are made anew when asked for.")
    if found.strange:
        typer.echo(f"{found.strange} that nobody asks for.")


async def _inspect(conn: Conn) -> Inspection:
    async with remote.client() as http:
        return await inspect(conn, open_place(http, settings().files, _MOST, make=True))
