"""orderhub people history: who administered whom."""

from __future__ import annotations

from typing import Annotated, Any, Final

import typer
from rich import box
from rich.table import Table

from app.cli.people import Json, word
from app.cli.session import console, print_json, with_connection
from app.db import staff
from app.db.conn import Conn
from app.domain.badge import badge_of

_MOST: Final = 10_000


def history(
    badge: Annotated[str | None, typer.Argument(help="Only what this person did or met")] = None,
    limit: Annotated[int, typer.Option(min=1, max=_MOST, help="How many, from the newest")] = 100,
    json: Json = False,
) -> None:
    """List what was done with people and handhelds, and by whom; the newest first."""

    async def read(conn: Conn) -> list[dict[str, Any]]:
        whose = None if badge is None else badge_of(badge)
        return [dict(row) for row in await staff.history(conn, whose, limit)]

    rows = with_connection(read)
    if json:
        print_json(rows)
        return
    heads = ("history.at", "history.actor", "history.act", "history.whom", "people.store")
    table = Table(*map(word, heads), box=box.SIMPLE)
    for row in rows:
        table.add_row(
            f"{row['at'].astimezone():%Y-%m-%d %H:%M}",
            row["actor"],
            _act(row["act"], row["detail"]),
            f"{row['badge']} {row['whom']}".strip(),
            row["store"],
        )
    console.print(table if rows else word("history.none"))


def _act(act: str, detail: str) -> str:
    said = word(f"history.{act}")
    if not detail:
        return said
    return f"{said}: {word(f'role.{detail}') if act == 'role' else detail}"
