"""orderhub documents: what they say of orders; orderhub export: documents as JSON."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Any

import typer

from app.cli.session import print_json, stop, with_connection
from app.db import documents, orders
from app.db.conn import Conn
from app.render.document_json import document_json

app = typer.Typer(help="What documents say of orders, and what changes it.", no_args_is_help=True)
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


def export(
    order: Annotated[str | None, typer.Option(help="Only this order's documents")] = None,
    since: Day = None,
    until: Day = None,
) -> None:
    """Print sales documents as a JSON list: of one order, or of a period (the last week)."""
    if order is not None:
        number = order
        found = with_connection(lambda conn: _of_order(conn, number))
        if found is None:
            stop(f"There is no order {order}.")
        print_json(found)
        return
    last = until.date() if until else datetime.now(UTC).date() + timedelta(days=1)
    first = since.date() if since else last - timedelta(days=8)
    if first > last:
        stop("--since is after --until.", 2)
    print_json(with_connection(lambda conn: _of_period(conn, first, last)))


async def _of_order(conn: Conn, number: str) -> list[dict[str, Any]] | None:
    order_id = await orders.find_id(conn, number.replace("\x00", ""))
    if order_id is None:
        return None
    ids = await documents.of_order(conn, order_id)
    return [document_json(each) for each in await documents.read(conn, ids)]


async def _of_period(conn: Conn, first: date, last: date) -> list[dict[str, Any]]:
    ids = await documents.browse(conn, first, last)
    return [document_json(each) for each in await documents.read(conn, ids)]
