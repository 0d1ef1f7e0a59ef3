"""orderhub destinations: the ERPs that documents go to."""

from __future__ import annotations

import asyncio
import secrets
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import msgspec
import typer
from asyncpg import Record
from rich import box
from rich.table import Table

from app.actions import destinations as acting
from app.actions.describe_erp import DestinationSetUp, mistakes_in
from app.actions.destinations import Trial
from app.cli.people import Json, decide, word
from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import destinations
from app.db.conn import Conn
from app.db.sealing import Seal
from app.domain.destination import Destination, Way
from app.erp.ways import erp_ways
from app.errors import SettingsInvalid
from app.identifiers import new_id
from app.signing import secret_of

app = typer.Typer(help="The ERPs that documents go to.", no_args_is_help=True)
Code = Annotated[str, typer.Argument(metavar="CODE", help="What it is called here")]
Whose = Annotated[
    str | None, typer.Option("--merchant", help="The merchant's name, where there are several")
]


@app.command("list")
def list_(json: Json = False) -> None:
    """List destinations, how they fare, and what waits for them."""
    rows = with_connection(destinations.overview)
    if json:
        print_json([_plain(row) for row in rows])
        return
    heads = ("code", "way", "form", "state", "outstanding", "refused", "last_sent")
    table = Table(*(word(f"erp.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        last = f"{row['last_sent_at'].astimezone():%d.%m %H:%M}" if row["last_sent_at"] else ""
        counts = str(row["outstanding"]), str(row["refused"] or "")
        table.add_row(row["code"], row["way"], row["form"], _state(row), *counts, last)
        if row["trouble"]:
            table.add_row(f"  {row['trouble']}"[:200])
    console.print(table if rows else word("erp.none"))


@app.command()
def add(
    file: Annotated[
        str,
        typer.Argument(metavar="FILE", help="Its description as JSON (docs/erp.md); - is stdin"),
    ],
    merchant: Whose = None,
) -> None:
    """Put a destination in place, or change one; missing secrets are made and shown once."""
    raw = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    what, made = _complete(acting.read(raw))
    if mistakes := mistakes_in([what]):
        raise SettingsInvalid("\n".join(mistakes))

    async def work(conn: Conn) -> bool:
        owner = await destinations.merchant(conn, merchant)
        if owner is not None:
            await acting.put(conn, _seal(), owner, what)
        return owner is not None

    if not decide(work):
        stop(word("erp.whose"))
    for line in made:
        typer.echo(line)
    typer.echo(word("erp.added", code=what.code))


@app.command()
def test(code: Code) -> None:
    """Bring something that is no document, now."""
    destination = _opened(code)

    async def rehearse() -> Trial:
        async with erp_ways() as ways:
            today = datetime.now(UTC).date()
            return await acting.rehearse(ways, destination, new_id(), today)

    trial = asyncio.run(rehearse())
    if not trial.taken:
        stop(word("erp.not_taken", said=trial.said))
    typer.echo(word("erp.taken", said=trial.said))


@app.command()
def pause(code: Code) -> None:
    """Bring nothing for the time being: documents gather."""
    _must(decide(lambda conn: destinations.activate(conn, code, active=False)), code)
    typer.echo(word("erp.paused_now", code=code))


@app.command()
def resume(code: Code) -> None:
    """Bring what has gathered, and what will come."""
    _must(decide(lambda conn: destinations.activate(conn, code, active=True)), code)
    typer.echo(word("erp.resumed", code=code))


@app.command()
def rotate(
    code: Code,
    token: Annotated[bool, typer.Option("--token", help="The token its ERP shows us")] = False,
    finish: Annotated[bool, typer.Option("--finish", help="Sign with the newest only")] = False,
) -> None:
    """Make a new signing secret, valid beside the former one until --finish; or a new token."""
    destination = _opened(code)
    if token:
        new = secrets.token_urlsafe(32)
        decide(lambda conn: acting.replace_token(conn, code, new))
        typer.echo(word("erp.token_is", code=code, token=new))
        return
    known = destination.secrets.get("signing", ())
    if destination.way is not Way.HTTP:
        stop(word("erp.no_rotation", code=code))
    if finish:
        _sign_with(code, known[:1])
        typer.echo(word("erp.only_newest", code=code))
        return
    secret = secret_of(secrets.token_bytes(32))
    _sign_with(code, (secret, *known[:1]))
    typer.echo(word("erp.signing_is", code=code, secret=secret))
    typer.echo(word("erp.retired", code=code))


@app.command()
def remove(
    code: Code,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False,
) -> None:
    """Let nothing more go there; what waits for it is dropped."""
    rows = with_connection(lambda conn: destinations.overview(conn, code))
    _must(bool(rows), code)
    waiting = rows[0]["outstanding"]
    if waiting and not yes and not typer.confirm(word("erp.really", code=code, count=waiting)):
        raise typer.Exit(1)
    _must(decide(lambda conn: destinations.remove(conn, code)), code)
    typer.echo(word("erp.removed", code=code))


def _complete(what: DestinationSetUp) -> tuple[DestinationSetUp, list[str]]:
    """The description with the secrets that the hub makes itself, and a line for each of them."""
    made = []
    exists = bool(with_connection(lambda conn: destinations.overview(conn, what.code)))
    if what.way is Way.PULL and what.token is None and not exists:
        what = msgspec.structs.replace(what, token=secrets.token_urlsafe(32))
        made.append(word("erp.token_is", code=what.code, token=what.token))
    if what.way is Way.HTTP and "signing" not in what.secrets:
        kept = _opened(what.code).secrets.get("signing", ()) if exists else ()
        signing = list(kept) or [secret_of(secrets.token_bytes(32))]
        what = msgspec.structs.replace(what, secrets={**what.secrets, "signing": signing})
        if not kept:
            made.append(word("erp.signing_is", code=what.code, secret=signing[0]))
    return what, made


def _sign_with(code: str, signing: tuple[str, ...]) -> None:
    decide(lambda conn: acting.replace_secrets(conn, _seal(), code, {"signing": signing}))


def _opened(code: str) -> Destination:
    """A destination with its secrets; ends the command when there is none."""
    shut = with_connection(lambda conn: destinations.by_code(conn, code))
    if shut is None:
        stop(word("erp.unknown", code=code))
    return destinations.opened(_seal(), shut)


def _seal() -> Seal:
    key = settings().master_key
    if key is None:
        raise SettingsInvalid("HUB_MASTER_KEY must be set for this command")
    return Seal(key)


def _must(found: bool, code: str) -> None:
    if not found:
        stop(word("erp.unknown", code=code))


def _state(row: Record) -> str:
    if not row["active"]:
        return word("erp.paused")
    return word("erp.resting" if row["rest_until"] else "erp.active")


def _plain(row: Record) -> dict[str, Any]:
    return {name: str(value) if isinstance(value, UUID) else value for name, value in row.items()}
