"""orderhub documents held, waive: delivered orders whose document waits, and letting one pass."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer
from rich import box
from rich.table import Table

from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import orders, sales
from app.db.conn import Conn
from app.render.language import say
from app.render.papers import held as in_words


def held(
    store: Annotated[str | None, typer.Option(help="Only this store's orders")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    *,
    json: Annotated[bool, typer.Option("--json", help="For programs")] = False,
) -> None:
    """Delivered orders whose document waits, and why; the longest first."""
    code = store.replace("\x00", "") if store else None
    rows = with_connection(lambda conn: sales.holds(conn, code, limit))
    if json:
        print_json([dict(row) for row in rows])
        return
    language = settings().language
    table = Table(
        *(say(language, f"books.{name}") for name in ("order", "store", "account")),
        say(language, "papers.why"),
        box=box.SIMPLE,
    )
    for row in rows:
        one = in_words(dict(row), sales.WAIVABLE, language)
        why = "\n".join(f"{problem.problem}: {problem.text}" for problem in one.problems)
        table.add_row(one.number, one.store, one.account, why)
    console.print(table if rows else say(language, "papers.nothing held"), highlight=False)


def waive(
    order: Annotated[str, typer.Argument(help="Number of the order")],
    problem: Annotated[str, typer.Argument(help="As `held` names it, before the colon")],
    reason: Annotated[str, typer.Option(help="Why it is none")],
) -> None:
    """Let one problem of a held order pass; the next hourly run makes the document if nothing else
    holds it."""
    if not reason.strip():
        stop("A reason is needed.", 2)
    if problem not in sales.WAIVABLE:
        stop(f"Nobody can let {problem!r} pass: {', '.join(sorted(sales.WAIVABLE))}.", 2)
    who = getpass.getuser()

    async def let(conn: Conn) -> bool | None:
        order_id = await orders.find_id(conn, order.replace("\x00", ""))
        if order_id is None:
            return None
        async with conn.transaction():
            return await sales.waive(conn, order_id, problem, who, reason.strip()[:300])

    done = with_connection(let)
    if done is None:
        stop(f"There is no order {order}.")
    if not done:
        stop(f"No {problem} holds order {order}, or it was let pass already.")
    typer.echo("Let pass.")
