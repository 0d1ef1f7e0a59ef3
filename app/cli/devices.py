"""orderhub devices: handhelds that stores admit."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import typer
from rich import box
from rich.table import Table

from app.actions import staff as acting
from app.actions.staff import NewDevice
from app.cli.people import Json, Merchant, StoreCode, by, decide, is_name, store_of, word
from app.cli.session import console, print_json, stop, with_connection
from app.db import staff
from app.db.conn import Conn

app = typer.Typer(help="Registered handhelds of all stores.", no_args_is_help=True)


@app.command("list")
def list_(
    store: Annotated[str | None, typer.Option(help="Only this store's handhelds")] = None,
    merchant: Merchant = None,
    json: Json = False,
) -> None:
    """List handhelds, the revoked ones last."""

    async def read(conn: Conn) -> list[dict[str, Any]]:
        only = None if store is None else await store_of(conn, store, merchant)
        return [dict(row) for row in await staff.devices(conn, only)]

    rows = with_connection(read)
    if json:
        print_json(rows)
        return
    heads = ("name", "store", "version", "seen", "by", "state", "id")
    table = Table(*(word(f"devices.{head}") for head in heads), box=box.SIMPLE)
    table.columns[-1].no_wrap = True
    for row in rows:
        table.add_row(
            row["name"],
            row["store"],
            row["client_version"],
            _time(row["seen_at"]),
            row["registered_by"],
            word("devices.revoked" if row["revoked_at"] else "devices.admitted"),
            str(row["id"]),
            style="dim" if row["revoked_at"] else None,
        )
    console.print(table if rows else word("devices.none"))


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="As written on it")],
    store: StoreCode,
    merchant: Merchant = None,
) -> None:
    """Admit a handheld; its secret is made and shown once."""
    if not is_name(name):
        stop(word("devices.no_name"), 2)

    async def work(conn: Conn) -> NewDevice:
        store_id = await store_of(conn, store, merchant)
        return await acting.register_device(conn, by(), store_id, name.strip())

    device = decide(work)
    typer.echo(word("devices.added", name=name.strip(), id=device.id))
    typer.echo(word("devices.code_is", code=device.code))


@app.command()
def revoke(id_: Annotated[UUID, typer.Argument(metavar="ID", help="From the list")]) -> None:
    """Send a handheld away: its sessions end at once."""
    decide(lambda conn: acting.revoke_device(conn, by(), id_))
    typer.echo(word("devices.gone"))


def _time(moment: datetime | None) -> str:
    return f"{moment.astimezone():%Y-%m-%d %H:%M}" if moment else ""
