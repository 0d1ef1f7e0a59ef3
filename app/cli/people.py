"""orderhub people: who works in the chain's stores, with which badge and role."""

from __future__ import annotations

import getpass
import secrets
import sys
from collections.abc import Awaitable, Callable
from typing import Annotated, Final, TypeVar
from uuid import UUID

import typer
from rich import box
from rich.table import Table

from app.actions import staff as acting
from app.actions.sign_in import hash_secret
from app.actions.staff import By, Change
from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import staff
from app.db.conn import Conn
from app.db.people import Role
from app.db.staff import Person
from app.domain.badge import badge_code, badge_of, new_badge, new_pin
from app.domain.refusals import Code, Refused
from app.identifiers import new_id
from app.render.language import say

T = TypeVar("T")
app = typer.Typer(help="Pickers and supervisors of all stores.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="For programs")]
StoreCode = Annotated[str, typer.Option(help="Its code")]
Merchant = Annotated[str | None, typer.Option(help="Whose store, if chains share a code")]
Badge = Annotated[str, typer.Argument(help="As printed, with or without BADGE-")]
OwnPin = Annotated[
    bool, typer.Option("--pin", help="Ask for the PIN (or read it from stdin), do not make one")
]
LEAST_PIN: Final = 4
LONGEST_NAME: Final = 100


def word(key: str, **values: object) -> str:
    """A text in the hub's language."""
    return say(settings().language, key, **values)


def decide(work: Callable[[Conn], Awaitable[T]]) -> T:
    """Do something in one transaction; a refusal is one sentence and exit code 1."""

    async def whole(conn: Conn) -> T:
        async with conn.transaction():
            return await work(conn)

    try:
        return with_connection(whole)
    except Refused as refusal:
        stop(word(refusal.code))


def by() -> By:
    """The person at this terminal."""
    return By(f"cli:{getpass.getuser()}", new_id().hex)


def is_name(text: str) -> bool:
    """Whether a person, a handheld or an application may be called so."""
    return 0 < len(text.strip()) <= LONGEST_NAME


async def store_of(conn: Conn, code: str, merchant: str | None) -> UUID:
    """The one store with this code; ends the command when there are none or several."""
    found = await staff.stores(conn, code, merchant)
    if len(found) != 1:
        stop(word("people.stores_shared" if found else "people.no_store", store=code))
    return found[0]


@app.command("list")
def list_(
    store: Annotated[str | None, typer.Option(help="Only this store's people")] = None,
    merchant: Merchant = None,
    json: Json = False,
) -> None:
    """List people, those who left last."""

    async def read(conn: Conn) -> list[dict[str, object]]:
        only = None if store is None else await store_of(conn, store, merchant)
        return [dict(row) for row in await staff.people(conn, only)]

    rows = with_connection(read)
    if json:
        print_json(rows)
        return
    heads = ("badge", "name", "role", "store", "state")
    table = Table(*(word(f"people.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        table.add_row(
            str(row["badge"]),
            str(row["name"]),
            word(f"role.{row['role']}"),
            str(row["store"]),
            word(f"people.{_state(row)}"),
            style=None if row["active"] else "dim",
        )
    console.print(table if rows else word("people.nobody"))


def _state(row: dict[str, object]) -> str:
    if not row["active"]:
        return "left"
    if row["locked"]:
        return "locked"
    return "on_shift" if row["on_shift_since"] else "active"


@app.command()
def add(
    badge: Badge,
    name: Annotated[str, typer.Option(help="As colleagues know the person")],
    store: StoreCode,
    *,
    role: Annotated[Role, typer.Option()] = Role.PICKER,
    merchant: Merchant = None,
    own: OwnPin = False,
) -> None:
    """Add a person; the PIN is made and shown once."""
    if new_badge(badge) is None or not is_name(name):
        stop(word("people.no_name"), 2)
    pin = _pin(own=own)

    async def work(conn: Conn) -> Person:
        store_id = await store_of(conn, store, merchant)
        return await acting.add_person(conn, by(), store_id, (badge, name, role), hash_secret(pin))

    person = decide(work)
    typer.echo(word("people.added", name=person.name, code=badge_code(person.badge)))
    _show(pin, own=own)


@app.command("reset-pin")
def reset_pin(badge: Badge, own: OwnPin = False) -> None:
    """Give a person a new PIN, shown once; open sessions end."""
    pin = _pin(own=own)
    person = decide(lambda conn: _change(conn, badge, Change(pin_hash=hash_secret(pin))))
    typer.echo(word("people.new_pin", name=person.name))
    _show(pin, own=own)


@app.command()
def deactivate(badge: Badge) -> None:
    """Send a person away: signed out at once, orders in hand given back, shift ended."""
    person = decide(lambda conn: _change(conn, badge, Change(active=False)))
    typer.echo(word("people.sent_away", name=person.name))


@app.command()
def activate(badge: Badge) -> None:
    """Take a person back, with the old PIN."""
    person = decide(lambda conn: _change(conn, badge, Change(active=True)))
    typer.echo(word("people.taken_back", name=person.name))


@app.command("role")
def role_(badge: Badge, role: Role) -> None:
    """Make a person a picker or a supervisor; it counts from the next tap on."""
    person = decide(lambda conn: _change(conn, badge, Change(role=role)))
    typer.echo(f"{person.name}: {word(f'role.{person.role}')}")


async def _change(conn: Conn, badge: str, change: Change) -> Person:
    person = await staff.person_by_badge(conn, badge_of(badge))
    if person is None:
        raise Refused(Code.PERSON_NOT_FOUND)
    return await acting.change_person(conn, by(), person.id, change)


def _pin(*, own: bool) -> str:
    """Never an argument: those can be read by every user of the machine."""
    if not own:
        return new_pin(secrets.randbelow)
    if sys.stdin.isatty():
        pin = str(typer.prompt(word("people.pin"), hide_input=True, confirmation_prompt=True))
    else:
        pin = sys.stdin.readline().strip()
    if not LEAST_PIN <= len(pin) <= 50:
        stop(word("people.pin_short"), 2)
    return pin


def _show(pin: str, *, own: bool) -> None:
    if not own:
        typer.echo(word("people.pin_is", pin=pin))
