"""orderhub clients: picking applications that speak the original's protocol."""

from __future__ import annotations

import secrets
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from app.actions.facade import token_hash
from app.cli.people import Json, decide, is_name, word
from app.cli.session import console, print_json, stop, with_connection
from app.db import clients
from app.db.conn import Conn
from app.identifiers import new_id

app = typer.Typer(help="Picking applications with a token of their own.", no_args_is_help=True)

Name = Annotated[str, typer.Argument(help="What the application is called")]
Whose = Annotated[
    str | None, typer.Option("--merchant", help="The merchant's name, where there are several")
]


@app.command("list")
def list_(json: Json = False) -> None:
    """List applications."""

    async def read(conn: Conn) -> list[dict[str, Any]]:
        return [dict(row) for row in await clients.overview(conn)]

    rows = with_connection(read)
    if json:
        print_json(rows)
        return
    heads = ("name", "merchant", "since", "state")
    table = Table(*(word(f"clients.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        revoked = row["revoked_at"] is not None
        table.add_row(
            row["name"],
            row["merchant"],
            f"{row['created_at']:%d.%m.%Y %H:%M}",
            word("clients.revoked" if revoked else "clients.admitted"),
            style="dim" if revoked else None,
        )
    console.print(table if rows else word("clients.none"))


@app.command()
def add(name: Name, merchant: Whose = None) -> None:
    """Admit an application, or give it a new token; the token is shown once."""
    if not is_name(name):
        stop(word("clients.no_name"), 2)
    token = secrets.token_urlsafe(32)

    async def work(conn: Conn) -> bool:
        owner = await clients.merchant(conn, merchant)
        if owner is not None:
            await clients.save(conn, new_id(), owner, name.strip(), token_hash(token))
        return owner is not None

    if not decide(work):
        stop(word("clients.whose"))
    typer.echo(word("clients.token_is", name=name.strip(), token=token))


@app.command()
def revoke(name: Name, merchant: Whose = None) -> None:
    """Shut an application out at once."""

    async def work(conn: Conn) -> bool | None:
        owner = await clients.merchant(conn, merchant)
        return None if owner is None else await clients.revoke(conn, owner, name.strip())

    done = decide(work)
    if done is None:
        stop(word("clients.whose"))
    if not done:
        stop(word("clients.unknown", name=name.strip()))
    typer.echo(word("clients.gone", name=name.strip()))
