"""orderhub mappings: what a marketplace's words mean, and what waits for somebody to say it."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from asyncpg import Record
from rich import box
from rich.table import Table

from app.actions import mappings as acting
from app.actions.account_check import seen
from app.cli.accounts import Account, with_both
from app.cli.people import Json, by, decide
from app.cli.session import console, print_json, with_connection
from app.db import mappings
from app.db.conn import Conn
from app.imports.mappings import read
from app.plugin import Marketplace

app = typer.Typer(help="What marketplaces call stores, goods, units and statuses of ours.",
                  no_args_is_help=True)  # fmt: skip
Kind = Annotated[str, typer.Argument(metavar="KIND", help=", ".join(acting.KINDS))]
Theirs = Annotated[str, typer.Argument(metavar="THEIRS", help="The marketplace's word")]
Limit = Annotated[int, typer.Option(min=1, max=1_000_000)]


@app.command("list")
def list_(
    account: Account,
    kind: Annotated[str | None, typer.Option(help="Only these")] = None,
    *,
    limit: Limit = 1000,
    json: Json = False,
) -> None:
    """List what was said, by whom and when."""

    async def work(conn: Conn) -> list[Record]:
        return await mappings.browse(conn, (await seen(conn, account)).id, kind, "", limit)

    rows = decide(work)
    if json:
        print_json([dict(row) for row in rows])
        return
    table = Table("kind", "theirs", "ours", "said by", "at", box=box.SIMPLE)
    for row in rows:
        at = f"{row['changed_at'].astimezone():%d.%m.%Y %H:%M}" if row["changed_at"] else ""
        table.add_row(row["kind"], row["theirs"], row["ours"], row["changed_by"] or "", at)
    console.print(table if rows else f"Nothing was said for {account}.", highlight=False)


@app.command()
def put(
    account: Account,
    kind: Kind,
    theirs: Theirs,
    ours: Annotated[
        str, typer.Argument(metavar="OURS", help="A store's code, a SKU, a word of the adapter's")
    ],
) -> None:
    """Say what a word means; what waits for it goes on at once."""
    _tell(_put(account, {kind: {theirs: ours}}), 1)


@app.command()
def remove(account: Account, kind: Kind, theirs: Theirs) -> None:
    """Take back what a word means; orders that are here stay as they are."""
    decide(lambda conn: acting.remove(conn, account, kind, theirs, by().name))
    typer.echo(f"{account}: nobody says any more which {kind} {theirs} is.")


@app.command("import")
def import_(
    account: Account,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="CSV with kind, theirs, ours; - is stdin")
    ],
    kind: Annotated[str | None, typer.Option(help="Of all rows, if there is no column")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look for mistakes")] = False,
) -> None:
    """Say what many words mean, all or none."""
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    said = read(raw, kind)
    count = sum(map(len, said.values()))
    woken = _put(account, said, dry_run=dry_run)
    if dry_run:
        typer.echo(f"{count} words would be mapped, {woken} deliveries would go on.")
        return
    _tell(woken, count)


@app.command()
def unmapped(
    account: Annotated[str | None, typer.Argument(metavar="ACCOUNT")] = None,
    limit: Limit = 200,
    json: Json = False,
) -> None:
    """List words that deliveries wait for, since when, and an order that is among them."""
    rows = with_connection(lambda conn: mappings.unmapped(conn, account, limit))
    if json:
        print_json([dict(row) for row in rows])
        return
    table = Table("account", "kind", "theirs", "since", "waiting", "example", box=box.SIMPLE)
    for row in rows:
        since = f"{row['first_seen'].astimezone():%d.%m.%Y %H:%M:%S}"
        words = row["account"], row["kind"], row["theirs"], since
        table.add_row(*words, str(row["waiting"]), row["example"])
    console.print(table if rows else "Nothing waits for a word.", highlight=False)


class _OnlyLooking(Exception):
    """What was done is taken back."""


def _put(account: str, said: Mapping[str, Mapping[str, str]], *, dry_run: bool = False) -> int:
    woken = 0

    async def work(conn: Conn, found: Mapping[str, Marketplace]) -> None:
        nonlocal woken
        for kind, words in said.items():
            woken += await acting.put(conn, found, account, kind, words, who=by().name)
        if dry_run:
            raise _OnlyLooking

    with suppress(_OnlyLooking):
        with_both(work)
    return woken


def _tell(woken: int, count: int) -> None:
    words = "1 word is" if count == 1 else f"{count} words are"
    rows = "1 delivery goes" if woken == 1 else f"{woken} deliveries go"
    typer.echo(f"{words} mapped; {rows} on.")
