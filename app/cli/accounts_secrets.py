"""orderhub accounts rotate, revoke: secrets of accounts, one valid beside the next."""

from __future__ import annotations

import getpass
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Final

import typer

from app.actions import credentials as acting
from app.actions.credentials import NewSecret, Rotated
from app.cli.accounts import Account, with_both
from app.cli.keys import seal_of_settings
from app.cli.people import by, decide
from app.cli.session import stop
from app.db.accounts import FRESH
from app.db.conn import Conn
from app.plugin import Marketplace

Kind = Annotated[str, typer.Argument(metavar="KIND", help="As `orderhub accounts show` names it")]
_HOUR: Final = 3600.0


def rotate(
    account: Account,
    kind: Kind,
    *,
    given: Annotated[
        bool, typer.Option("--given", help="Ask for it (or read it from stdin), do not make one")
    ] = False,
    overlap: Annotated[
        float, typer.Option(min=0, max=2160, help="Hours the former one stays valid")
    ] = acting.USUAL / _HOUR,
    until: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%d"], help="When the marketplace takes it no more"),
    ] = None,
) -> None:
    """Put a new version beside the former one; one the hub makes is shown this once."""
    ends = until.replace(tzinfo=UTC) if until else None
    new = NewSecret(kind, _asked(kind) if given else None, overlap * _HOUR, ends)

    async def work(conn: Conn, found: Mapping[str, Marketplace]) -> Rotated:
        return await acting.rotate(conn, seal_of_settings(), found, account, new, who=by().name)

    done = with_both(work)
    typer.echo(
        f"{account}: {kind} has version {done.version}; those before it end in {overlap:g} h."
    )
    if done.secret is not None:
        typer.echo(f"It is shown only now: {done.secret}")


def revoke(
    account: Account,
    kind: Kind,
    version: Annotated[
        int | None, typer.Argument(metavar="VERSION", help="Only this one; else all")
    ] = None,
) -> None:
    """End a leaked secret at once and for good: nothing opens it any more."""
    gone = decide(lambda conn: acting.revoke(conn, account, kind, version, by().name))
    versions = ", ".join(map(str, gone))
    typer.echo(f"{account}: {kind} {versions} revoked; every worker knows within {FRESH:.0f} s.")


COMMANDS: Final[tuple[Callable[..., None], ...]] = (rotate, revoke)


def _asked(kind: str) -> str:
    """Never an argument: those can be read by every user of the machine."""
    if sys.stdin.isatty():
        return getpass.getpass(f"{kind}: ").strip()
    text = sys.stdin.readline().strip()
    if not text:
        stop("Nothing came from standard input.", 2)
    return text
