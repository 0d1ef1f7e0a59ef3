"""orderhub documents return, correct, show: what comes after a sale."""

from __future__ import annotations

import getpass
import re
from collections.abc import Callable, Coroutine
from datetime import datetime
from typing import Annotated, Any, Final, TypeVar

import typer

from app.actions import after_sale
from app.actions.after_sale import Changed, Said
from app.actions.sale_ledger import find, show_sale
from app.cli.session import print_json, settings, stop, with_connection
from app.db import health
from app.db.conn import Conn
from app.domain.after_sale import Sold
from app.domain.after_sale_events import Wish
from app.domain.money import parse_roubles, roubles
from app.domain.refusals import Refused
from app.identifiers import new_id
from app.render.document_json import kilograms
from app.render.language import say

T = TypeVar("T")
Order = Annotated[
    str, typer.Argument(metavar="ORDER", help="Our number, the marketplace's, or the id")
]
Reason = Annotated[str, typer.Option(help="Why: the document says it")]
At = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"], help="When it happened; now"),
]
Marks = Annotated[
    list[str] | None,
    typer.Option("--mark", metavar="SKU=CODE", help="A unit that is not sold any more; repeat"),
]
Key = Annotated[
    str | None, typer.Option(help="A name for this change: said twice, it is made once")
]
#: 3, 333g, 0.333kg; nothing: as it is.
_QUANTITY: Final = re.compile(
    r"(?P<pieces>\d{1,7})?|(?P<grams>\d{1,7})g|(?P<kilograms>\d{1,4}(?:\.\d{1,3})?)kg", re.ASCII
)


def return_(
    order: Order,
    line: Annotated[
        list[str], typer.Option(metavar="SKU=QUANTITY", help="Pieces, 333g or 0.333kg; repeat")
    ],
    reason: Reason,
    mark: Marks = None,
    *,
    at: At = None,
    key: Key = None,
) -> None:
    """Take goods back that were sold: the next hourly run makes the return document."""
    wishes = [_wish(text, mark or [], priced=False) for text in line]
    _change(order, lambda conn, id_, said: after_sale.give_back(conn, id_, wishes, said),
            (reason, at, key))  # fmt: skip


def correct(
    order: Order,
    line: Annotated[
        list[str],
        typer.Option(
            metavar="SKU=QUANTITY[:PRICE]",
            help="How much was sold in truth, for which price in roubles; `SKU=:49.90`: only the"
            " price; repeat",
        ),
    ],
    reason: Reason,
    mark: Marks = None,
    *,
    at: At = None,
    key: Key = None,
) -> None:
    """Correct what was sold: the next hourly run makes the correction document."""
    wishes = [_wish(text, mark or [], priced=True) for text in line]
    _change(order, lambda conn, id_, said: after_sale.correct(conn, id_, wishes, said),
            (reason, at, key))  # fmt: skip


def show(order: Order) -> None:
    """Show what an order was sold for, as JSON: documents, what is sold now, what waits."""

    async def read(conn: Conn) -> object:
        return await show_sale(conn, await find(conn, order))

    print_json(_refusing(lambda: with_connection(read)))


def _wish(text: str, marks: list[str], *, priced: bool) -> Wish:
    sku, is_line, amount = text.rpartition("=")
    amount, has_price, price = amount.partition(":")
    found = _QUANTITY.fullmatch(amount)
    if not is_line or not sku or found is None or (has_price and not priced):
        stop(f"{text!r} is no line: SKU=QUANTITY{'[:PRICE]' if priced else ''}", 2)
    return Wish(
        sku,
        pieces=int(found["pieces"]) if found["pieces"] else None,
        grams=_grams(found),
        price=_price(price) if has_price else None,
        marks=tuple(mark.partition("=")[2] for mark in marks if mark.partition("=")[0] == sku),
    )


def _grams(found: re.Match[str]) -> int | None:
    if found["grams"]:
        return int(found["grams"])
    whole, _, part = (found["kilograms"] or "").partition(".")
    return int(whole) * 1000 + int(part.ljust(3, "0")) if whole else None


def _price(text: str) -> int:
    try:
        return parse_roubles(text)
    except ValueError as error:
        stop(f"{error}", 2)


def _change(
    order: str,
    do: Callable[..., Coroutine[Any, Any, Changed]],
    how: tuple[str, datetime | None, str | None],
) -> None:
    reason, at, key = how

    async def change(conn: Conn) -> Changed:
        who = getpass.getuser()
        said = Said(
            by=who, source=f"cli:{key or new_id()}", reason=reason, now=await health.clock(conn),
            trace_id=new_id().hex, at=at.astimezone() if at else None,
        )  # fmt: skip
        async with conn.transaction():
            return await do(conn, await find(conn, order), said)

    changed = _refusing(lambda: with_connection(change))
    typer.echo(f"{changed.order}: {changed.change.kind} {changed.change.id}")
    for line in changed.lines:
        typer.echo(f"  {line.sku} {line.name}: {_left(line)}")


def _left(line: Sold) -> str:
    amount = str(line.pieces) if line.grams is None else f"{kilograms(line.grams)} kg"
    return f"{amount} left for {roubles(line.total)}"


def _refusing(work: Callable[[], T]) -> T:
    """A refusal is a sentence in the hub's language, with what can be done about it."""
    try:
        return work()
    except Refused as refusal:
        details = ", ".join(f"{name}: {value}" for name, value in refusal.details.items())
        sentence = say(settings().language, refusal.code)
        stop(f"{sentence} ({details})" if details else sentence)
