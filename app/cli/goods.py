"""orderhub import, orderhub goods: files into the catalogue, and goods that it does not know."""

from __future__ import annotations

from typing import Annotated

import typer
from rich import box
from rich.table import Table

from app.actions.import_goods import Wish, import_goods
from app.cli.session import console, print_json, settings, stop, with_connection
from app.db import catalogue
from app.domain.assortment import ImportRefused, Report
from app.imports.digest import digest
from app.imports.formats import Format, Reading
from app.render.goods import report_view
from app.render.language import say

app = typer.Typer(help="The catalogue.", no_args_is_help=True)
Json = Annotated[bool, typer.Option("--json", help="For programs")]
Store = Annotated[str | None, typer.Option(help="Prices and places are for this store")]
Merchant = Annotated[str | None, typer.Option(help="Whose goods, if there are several")]
Shape = Annotated[Format | None, typer.Option("--format", help="Unset: told from the file")]
Missing = Annotated[
    bool, typer.Option("--deactivate-missing", help="What the file does not name is not sold")
]
Article = Annotated[bool, typer.Option("--article", help="CommerceML: our SKU is Артикул, not Ид")]
PriceType = Annotated[str, typer.Option(help="CommerceML: the kind of price, a part of its name")]
#: Problems shown to a person; --json has them all.
_SHOWN = 40


def import_(  # noqa: PLR0913  (each is an option)
    file: Annotated[typer.FileBinaryRead, typer.Argument(help="See docs/catalogue.md")],
    *,
    store: Store = None,
    merchant: Merchant = None,
    format_: Shape = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count and tell")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="All rows or none")] = False,
    deactivate_missing: Missing = False,
    article: Article = False,
    price_type: PriceType = "",
    json: Json = False,
) -> None:
    """Take goods from a file into the catalogue; saying it twice is saying it once."""
    language = settings().language
    reading = Reading(format_, "article" if article else "id", price_type)
    wish = Wish(store, merchant, dry_run, strict, deactivate_missing)
    try:
        found = digest(file.read(), reading)
        report = with_connection(lambda conn: import_goods(conn, found, wish))
    except ImportRefused as refusal:
        stop(say(language, refusal.text, **refusal.values))
    if json:
        print_json(report_view(report, language))
    else:
        _print(report, language, strict=strict)
    raise typer.Exit(1 if strict and report.refused else 0)


@app.command()
def unmapped(
    store: Annotated[str | None, typer.Option(help="Only this store's orders")] = None,
    limit: Annotated[int, typer.Option(min=1, max=10_000)] = 50,
    json: Json = False,
) -> None:
    """Show ordered goods that the catalogue does not know, the most wanted first."""
    rows = with_connection(lambda conn: catalogue.unmapped(conn, store, limit))
    if json:
        print_json([dict(row) for row in rows])
        return
    language = settings().language
    heads = ("import.sku", "unmapped.name", "unmapped.seen", "unmapped.store",
             "unmapped.last_order", "unmapped.last_at")  # fmt: skip
    table = Table(*(say(language, head) for head in heads), box=box.SIMPLE)
    table.columns[2].justify = "right"
    for row in rows:
        seen, last_at = str(row["seen"]), f"{row['last_at'].astimezone():%m-%d %H:%M}"
        table.add_row(row["sku"], row["name"], seen, row["store"], row["last_order"], last_at)
    console.print(table if rows else say(language, "unmapped.none"), highlight=False)


def _print(report: Report, language: str, *, strict: bool) -> None:
    view = report_view(report, language)
    if view.problems:
        heads = ("import.row", "import.sku", "import.problem", "")
        table = Table(*(say(language, head) if head else "" for head in heads), box=box.SIMPLE)
        table.columns[0].justify = "right"
        for each in view.problems[:_SHOWN]:
            row = "" if each.row is None else str(each.row)
            left_out = say(language, "import.left_out") if each.refused else ""
            table.add_row(row, each.sku, each.message, left_out)
        console.print(table)
        if (rest := len(view.problems) - _SHOWN + view.untold) > 0:
            console.print(say(language, "and %(count)s more problems", count=rest))
    names = ("new", "changed", "same", "refused", "deactivated")
    said = (f"{say(language, f'import.{name}')} {getattr(view, name)}" for name in names)
    console.print(" · ".join(said), highlight=False)
    if not report.applied:
        reason = "import.strict" if strict and report.refused else "import.not_applied"
        console.print(say(language, reason))
