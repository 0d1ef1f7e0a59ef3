"""orderhub telegram: who may press and ask, which chats the bot speaks in, and what was done."""

from __future__ import annotations

import secrets
from enum import StrEnum
from typing import Annotated, Any

import typer
from rich import box
from rich.table import Table

from app.cli.people import Json, Merchant, by, decide, is_name, store_of, word
from app.cli.session import console, print_json, stop, with_connection
from app.cli.telegram_chats import NUMBERS, chats, test
from app.cli.telegram_chats import app as chat_app
from app.db import clients, telegram_people
from app.db.conn import Conn
from app.db.telegram_people import CODE_MINUTES, Invitation
from app.db.telegram_updates import digest
from app.domain.link_code import new_code, shown

app = typer.Typer(help="Telegram: people, chats, and what they did.", no_args_is_help=True)
app.add_typer(chat_app, name="chat")
app.command("chats")(chats)
app.command("test", context_settings=NUMBERS)(test)


class Part(StrEnum):
    """What a person is to the chain."""

    DUTY = "duty"
    SUPERVISOR = "supervisor"


@app.command()
def link(
    name: Annotated[str, typer.Option(help="As colleagues know the person")],
    role: Annotated[Part, typer.Option()] = Part.DUTY,
    store: Annotated[str | None, typer.Option(help="Only this store's business")] = None,
    merchant: Merchant = None,
) -> None:
    """Make a code that links one person, once, within a quarter of an hour; it is shown once."""
    if not is_name(name):
        stop(word("people.no_name"), 2)
    code = new_code(secrets.randbelow)

    async def work(conn: Conn) -> bool:
        store_id = None if store is None else await store_of(conn, store, merchant)
        owner = await _owner(conn, merchant, store)
        if owner is not None:
            invitation = Invitation(owner, store_id, name.strip(), role)
            await telegram_people.invite(conn, digest(code), invitation, by().name)
        return owner is not None

    if not decide(work):
        stop(word("clients.whose"))
    typer.echo(word("telegram.code", name=name.strip(), code=shown(code), minutes=CODE_MINUTES))


async def _owner(conn: Conn, merchant: str | None, store: str | None) -> Any:
    if store is None:
        return await clients.merchant(conn, merchant)
    return await telegram_people.merchant_of(conn, await store_of(conn, store, merchant))


@app.command()
def people(json: Json = False) -> None:
    """List who may press and ask, those who may no longer last."""
    rows = [dict(row) for row in with_connection(telegram_people.people)]
    if json:
        print_json(rows)
        return
    heads = ("name", "username", "number", "role", "store", "merchant", "since")
    table = Table(*(word(f"telegram.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        gone = row["revoked_at"] is not None
        table.add_row(
            row["name"],
            f"@{row['username']}" if row["username"] else "",
            str(row["user_id"]),
            word("telegram.revoked") if gone else word(f"tg.role.{row['role']}"),
            row["store"] or "",
            row["merchant"],
            f"{row['linked_at']:%d.%m.%Y}",
            style="dim" if gone else None,
        )
    console.print(table if rows else word("telegram.nobody"))


@app.command()
def revoke(
    who: Annotated[str, typer.Argument(help="The person's number, name or @name")],
) -> None:
    """Take a person's link back at once."""
    name = decide(lambda conn: telegram_people.revoke(conn, who.strip()))
    if name is None:
        stop(word("telegram.no_person", who=who))
    typer.echo(word("telegram.gone", name=name))


@app.command(context_settings=NUMBERS)
def audit(
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    person: Annotated[int | None, typer.Option(help="Only this person, by number")] = None,
    chat: Annotated[int | None, typer.Option(help="Only this chat, by number")] = None,
    json: Json = False,
) -> None:
    """Show who pressed and wrote what, and what came of it, the newest first."""
    rows = [
        dict(row)
        for row in with_connection(lambda conn: telegram_people.audit(conn, limit, person, chat))
    ]
    if json:
        print_json(rows)
        return
    heads = ("time", "name", "chat", "kind", "what", "outcome", "times")
    table = Table(*(word(f"telegram.{head}") for head in heads), box=box.SIMPLE)
    for row in rows:
        table.add_row(
            f"{row['at'].astimezone():%d.%m %H:%M:%S}",
            row["name"],
            row["chat"] or str(row["chat_id"]),
            row["kind"],
            row["what"],
            row["outcome"],
            str(row["times"]) if row["times"] > 1 else "",
        )
    console.print(table if rows else word("telegram.no_audit"))
