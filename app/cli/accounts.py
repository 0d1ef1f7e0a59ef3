"""orderhub accounts: connections to marketplaces, put in place, changed, paused, tried, removed."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable, Mapping
from contextlib import aclosing
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import typer

from app.actions import accounts as acting
from app.actions.account_check import held, seen
from app.actions.account_story import adapters as all_adapters
from app.actions.account_story import story as story_of
from app.actions.accounts import NewAccount, Trial
from app.cli import accounts_shown
from app.cli.keys import seal_of_settings
from app.cli.people import Json, by, decide
from app.cli.session import one_connection, print_json, stop, with_connection
from app.db import account_desk, accounts
from app.db.account_desk import Waiting
from app.db.conn import Conn
from app.db.tokens import TokenBook
from app.errors import SettingsInvalid
from app.marketplaces import remote
from app.marketplaces.registry import build
from app.marketplaces.tools import Tools
from app.plugin import Marketplace
from app.render.accounts import AccountStory, AdapterList

T = TypeVar("T")
app = typer.Typer(help="Connections to marketplaces.", no_args_is_help=True)
Account = Annotated[str, typer.Argument(metavar="ACCOUNT", help="Its code, as in its hook URL")]
Sets = Annotated[list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A setting")]
Rules = Annotated[list[str] | None, typer.Option("--rule", metavar="NAME=VALUE", help="A rule")]
Unset = Annotated[list[str] | None, typer.Option(metavar="NAME", help="As usual again")]
Whole = Annotated[
    Path | None,
    typer.Option(metavar="FILE", exists=True, dir_okay=False, help="All settings, as JSON"),
]
Reason = Annotated[str, typer.Option(help="Why: it stays with the account")]


@app.command("list")
def list_(json: Json = False) -> None:
    """List accounts and what waits for them; never a secret."""
    rows = [dict(row) for row in with_connection(account_desk.overview)]
    print_json(rows) if json else accounts_shown.print_accounts(rows)


@app.command()
def show(account: Account, json: Json = False) -> None:
    """Show one account: settings, rules, stores, versions of secrets (never one), what was done."""

    async def read(conn: Conn, found: Mapping[str, Marketplace]) -> AccountStory:
        return await story_of(conn, seal_of_settings(), found, account)

    story = with_both(read)
    if json:
        print_json(story)
        return
    accounts_shown.print_story(story)


@app.command()
def adapters(name: Annotated[str | None, typer.Argument(help="Only this one")] = None) -> None:
    """Show, as JSON, what each adapter can do, and which settings and secrets it asks for."""

    async def read() -> AdapterList:
        async with remote.client() as http:
            return all_adapters(build(Tools(http)))

    found = asyncio.run(read())
    chosen = [each for each in found.adapters if name in (None, each.name)]
    if not chosen:
        stop(f"There is no adapter {name}.")
    print_json(AdapterList(chosen, found.rules))


@app.command()
def create(  # noqa: PLR0913 - one per option
    adapter: Annotated[str, typer.Argument(help="As `orderhub accounts adapters` names it")],
    account: Account,
    *,
    settings: Whole = None,
    set_: Sets = None,
    rule: Rules = None,
    secrets: Annotated[
        str | None, typer.Option(metavar="FILE", help="JSON, secrets by kind; - is stdin")
    ] = None,
    merchant: Annotated[
        str | None, typer.Option(help="Whose it is, where there are several")
    ] = None,
) -> None:
    """Put an account in place. Secrets that are ours to make are made, and shown this once."""
    what = NewAccount(
        adapter, account, {**_file(settings), **_pairs(set_)}, _pairs(rule), _secrets(secrets),
        merchant,
    )  # fmt: skip
    made = with_both(
        lambda conn, found: acting.create(conn, seal_of_settings(), found, what, by().name)
    )
    typer.echo(f"{account} is in place: webhooks come to /hooks/{account}")
    for kind, secret in made.items():
        typer.echo(f"{kind}, shown only now: {secret}")


@app.command()
def change(
    account: Account,
    *,
    settings: Whole = None,
    set_: Sets = None,
    unset: Unset = None,
    rule: Rules = None,
    unset_rule: Unset = None,
) -> None:
    """Change settings and rules; what is not named stays as it is."""

    async def work(conn: Conn, found: Mapping[str, Marketplace]) -> None:
        before = await held(conn, account)
        old = _file(settings) if settings else before.settings
        await acting.change(
            conn, seal_of_settings(), found, account, who=by().name,
            settings=_merged(old, set_, unset), rules=_merged(before.rules, rule, unset_rule),
        )  # fmt: skip

    with_both(work)
    typer.echo(f"{account} is changed; every worker knows within {accounts.FRESH:.0f} s.")


@app.command()
def pause(account: Account, reason: Reason) -> None:
    """Work on nothing of it, from now on and in every worker; webhooks are taken, and wait."""
    decide(lambda conn: acting.pause(conn, account, by().name, _said(reason)))
    typer.echo(f"{account} is paused: what comes waits for orderhub accounts resume {account}")


@app.command()
def resume(account: Account) -> None:
    """Work on what has waited, in its order."""
    was = decide(lambda conn: acting.resume(conn, account, by().name))
    typer.echo(f"{account} goes on." if was else f"{account} was not paused.")


@app.command("test")
def test_(account: Account) -> None:
    """Ask its marketplace whether it knows us; nothing is changed there (a new token is kept)."""

    async def work(conn: Conn) -> Trial:
        seal, known = seal_of_settings(), await seen(conn, account)
        opened = await accounts.opened(conn, seal, known.id)
        async with (one_connection() as kept, remote.client() as http,
                    aclosing(TokenBook(kept, seal)) as tokens):  # fmt: skip
            found = build(Tools(http, tokens)).get(known.adapter)
            if found is None:
                raise SettingsInvalid(f"there is no adapter {known.adapter!r} here")
            return await acting.rehearse(found, opened)

    trial = decide(work)
    if trial.taken is False:
        stop(f"{account}: {trial.said}")
    typer.echo(f"{account}: {trial.said}")


@app.command()
def remove(
    account: Account, yes: Annotated[bool, typer.Option("--yes", help="Do not ask")] = False
) -> None:
    """Remove an account: webhooks are refused, what waits is buried, orders and history stay."""

    async def count(conn: Conn) -> Waiting:
        return await account_desk.waiting(conn, (await seen(conn, account)).id)

    waits = decide(count)
    sums = f"{waits.deliveries} deliveries and {waits.messages} messages"
    typer.echo(
        f"{account}: {sums} wait and will be buried; {waits.orders} orders are not finished."
    )
    if not yes and not typer.confirm("Remove it?"):
        raise typer.Exit(1)
    expected = waits.deliveries + waits.messages
    gone = decide(lambda conn: acting.remove(conn, account, expected, by().name))
    typer.echo(f"Removed; buried {gone.deliveries} deliveries and {gone.messages} messages.")


def with_both(work: Callable[[Conn, Mapping[str, Marketplace]], Awaitable[T]]) -> T:
    """Do something in one transaction, with the marketplaces of this machine."""

    async def whole(conn: Conn) -> T:
        async with remote.client() as http:
            return await work(conn, build(Tools(http)))

    return decide(whole)


def _pairs(given: list[str] | None) -> dict[str, Any]:
    """NAME=VALUE; a value is JSON where it is that, else text."""
    found = {}
    for pair in given or ():
        name, equals, text = pair.partition("=")
        if not equals or not name:
            raise SettingsInvalid(f"NAME=VALUE, not {pair!r}")
        try:
            found[name] = msgspec.json.decode(text)
        except msgspec.DecodeError:
            found[name] = text
    return found


def _file(path: Path | None) -> dict[str, Any]:
    return {} if path is None else _object(path.read_bytes(), "settings")


def _secrets(given: str | None) -> dict[str, str]:
    """Never an option's value: those can be read by every user of the machine."""
    if given is None:
        return {}
    raw = sys.stdin.buffer.read() if given == "-" else Path(given).read_bytes()
    found = _object(raw, "secrets")
    if not all(isinstance(value, str) for value in found.values()):
        raise SettingsInvalid("secrets: an object of texts")
    return found


def _object(raw: bytes, what: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(raw, type=dict[str, Any])
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise SettingsInvalid(f"{what}: not a JSON object ({type(error).__name__})") from None


def _merged(
    old: Mapping[str, Any], given: list[str] | None, unset: list[str] | None
) -> dict[str, Any]:
    whole = {**old, **_pairs(given)}
    return {name: value for name, value in whole.items() if name not in (unset or ())}


def _said(reason: str) -> str:
    said = reason.strip()[:300]
    if not said or "\x00" in said:
        stop("A reason is needed.", 2)
    return said
