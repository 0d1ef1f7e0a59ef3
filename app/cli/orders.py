"""orderhub orders: find an order, and see all that happened to it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import typer
from rich.table import Column, Table

from app.actions.show import show as show_order
from app.cli.session import console, print_json, stop, with_connection
from app.db import orders
from app.db.conn import Conn
from app.domain.money import roubles
from app.domain.order import OrderState

#: The details of a timeline entry in the order a person reads them.
_RANK: Final = {
    name: rank
    for rank, name in enumerate(
        ("event", "verb", "kind", "rule", "from", "to", "attempt", "outcome", "status", "ms")
    )
}

app = typer.Typer(help="Find orders, and see all that happened to one.", no_args_is_help=True)


@app.command("list")
def list_(
    state: Annotated[OrderState | None, typer.Option(help="Only orders in this state")] = None,
    store: Annotated[str | None, typer.Option(help="Only this store's orders")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 30,
    json: Annotated[bool, typer.Option("--json", help="For programs")] = False,
) -> None:
    """List the newest orders."""
    rows = with_connection(lambda conn: orders.browse(conn, limit, state, store))
    if json:
        print_json([dict(row) for row in rows])
        return
    number = Column("number", no_wrap=True)
    table = Table(number, "state", "store", "account", "due", "ordered", "picked")
    for row in rows:
        picked = "" if row["final_total"] is None else roubles(row["final_total"])
        table.add_row(
            row["number"],
            row["state"],
            row["store"],
            row["account"],
            _time(row["due_at"]),
            roubles(row["requested_total"]),
            picked,
        )
    console.print(table if rows else "No orders yet.")


@app.command()
def show(
    number: Annotated[str, typer.Argument(help="Our number, the marketplace's, or the id")],
    json: Annotated[bool, typer.Option("--json", help="For programs")] = False,
) -> None:
    """Show one order: state, lines, totals, timeline, messages, documents."""
    order = with_connection(lambda conn: _find(conn, number))
    if order is None:
        stop(f"There is no order {number}.")
    if json:
        print_json(order)
        return
    _print(order)


async def _find(conn: Conn, number: str) -> dict[str, Any] | None:
    id_ = await orders.find_id(conn, number.replace("\x00", ""))
    return None if id_ is None else await show_order(conn, id_)


def _print(order: dict[str, Any]) -> None:
    totals = order["totals"]
    final = "not final" if totals["final"] is None else roubles(totals["final"])
    beside = ("discount", "delivery_fee", "paid")
    said = [f"{name.replace('_', ' ')} {roubles(totals[name])}" for name in beside if totals[name]]
    sums = ", ".join([f"ordered {roubles(totals['requested'])}", f"picked {final}", *said])
    console.print(
        f"{order['number']}  {order['state']}  {order['store']} · {order['account']}"
        f"  due {_time(order['due_at'])}  {sums}",
        highlight=False,
        soft_wrap=True,
    )
    console.print(_lines(order["lines"]))
    console.print(_timeline(order["timeline"]))
    for document in order["documents"]:
        console.print(
            f"document {document['number']} of {document['date']}: {document['total']}"
            f" (VAT {document['vat_total']})",
            highlight=False,
        )


def _lines(lines: list[dict[str, Any]]) -> Table:
    table = Table("#", "sku", "name", "ordered", "picked", "state", "total")
    for line in lines:
        table.add_row(
            str(line["position"]),
            line["sku"],
            line["name"],
            _quantity(line["requested_pieces"], line["requested_grams"]),
            _quantity(line["picked_pieces"], line["picked_grams"]),
            line["state"] + (f" ({line['reason']})" if line["reason"] else ""),
            roubles(line["total"]),
        )
    return table


def _timeline(rows: list[dict[str, Any]]) -> Table:
    table = Table("time", "what", "who", "details")
    for row in rows:
        details = ", ".join(f"{key} {value}" for key, value in _in_order(row["detail"]))
        table.add_row(f"{row['at']:%m-%d %H:%M:%S}", row["kind"], row["actor"], details)
    return table


def _in_order(detail: dict[str, Any]) -> list[tuple[str, Any]]:
    """What happened first, then from where to where, then the rest; ids are for programs."""
    shown = {k: v for k, v in detail.items() if k not in ("id", "operation", "line_id")}
    return sorted(shown.items(), key=lambda pair: _RANK.get(pair[0], 99))


def _quantity(pieces: int | None, grams: int | None) -> str:
    if grams is not None:
        return f"{grams} g"
    return "" if pieces is None else f"{pieces} pcs"


def _time(moment: datetime) -> str:
    return f"{moment.astimezone():%m-%d %H:%M}"
