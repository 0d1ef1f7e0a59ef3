"""orderhub keys: the master keys that secrets are sealed with, by their ids."""

from __future__ import annotations

from collections import Counter
from typing import Final

import typer
from rich import box
from rich.table import Table

from app.cli.people import Json
from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import keys
from app.db.sealing import Seal
from app.errors import SettingsInvalid

app = typer.Typer(help="Master keys: which seals what, and one in place of another.",
                  no_args_is_help=True)  # fmt: skip
_ROLES: Final = {True: "seals and opens", False: "opens"}


def seal_of_settings() -> Seal:
    """The master keys of this machine; SettingsInvalid when none is set."""
    key = settings().master_key
    if key is None:
        raise SettingsInvalid("HUB_MASTER_KEY must be set for this command")
    return Seal(key)


@app.command()
def show(json: Json = False) -> None:
    """Show the ids of the master keys and how many secrets hang on each; never a key."""
    seal = seal_of_settings()
    found = with_connection(lambda conn: keys.count(conn, seal))
    total = sum(found.values(), Counter[str]())
    if json:
        print_json([_plain(id_, found) for id_ in (*seal.ids, keys.NOBODY)])
        return
    table = Table("key", "what it does", "secrets", *keys.PLACES, box=box.SIMPLE)
    for id_ in seal.ids:
        counts = (str(total[id_]), *(str(found[place][id_]) for place in keys.PLACES))
        table.add_row(id_, _ROLES[id_ == seal.ids[0]], *counts)
    console.print(table, highlight=False)
    for id_ in seal.ids[1:]:
        if not total[id_]:
            typer.echo(f"Nothing hangs on {id_}: it can be taken out of HUB_MASTER_KEY.")
    if total[keys.NOBODY]:
        stop(f"{total[keys.NOBODY]} secrets are opened by none of these keys.")


@app.command()
def rotate() -> None:
    """Seal every secret with the first key of HUB_MASTER_KEY; may be stopped and begun again."""
    seal = seal_of_settings()
    done = with_connection(lambda conn: keys.reseal(conn, seal))
    typer.echo(f"{done.done} secrets sealed with {seal.ids[0]}.")
    if done.lost:
        stop(f"{done.lost} secrets are opened by none of these keys: they were left as they are.")


def _plain(id_: str, found: dict[str, Counter[str]]) -> dict[str, object]:
    return {"key": id_ or None, **{place: found[place][id_] for place in keys.PLACES}}
