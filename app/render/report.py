"""The report of orders for people, for Excel and for programs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

import msgspec

from app.domain.money import roubles
from app.domain.report import FIGURES, By, Kind, Report, Row
from app.render.language import say
from app.render.separated import csv_bytes, decimal, text

_NBSP: Final = "\u00a0"


class ReportRow(msgspec.Struct):
    """One row. Times in seconds, sums in kopecks, shares in percent; null: too few cases to say.
    `cancels`: how many orders were called off, by "who:why"."""

    label: str
    name: str
    orders: int
    delivered: int
    delivered_total: int
    cancelled: int
    cancelled_by_store: int
    cancelled_by_store_percent: float | None
    start_p50: int | None
    start_p95: int | None
    picked: int
    pick_p50: int | None
    pick_p95: int | None
    line_seconds: int | None
    lines: int
    pieces: int
    found: int
    found_percent: float | None
    filled_percent: float | None
    short: int
    short_percent: float | None
    replaced: int
    replaced_percent: float | None
    dropped: int
    dropped_percent: float | None
    proposed: int
    approved: int
    rejected: int
    approved_percent: float | None
    ready: int
    on_time_percent: float | None
    late_longest: int
    late_seconds: int
    handed_over: int
    courier_wait: int | None
    cancels: dict[str, int]


class OrderReport(msgspec.Struct, rename={"from_": "from"}):
    """Orders of some days, both included, each store's own; rows by `by`, and all together."""

    from_: str
    until: str
    by: By
    rows: list[ReportRow]
    total: ReportRow


def report_view(report: Report) -> OrderReport:
    """For programs."""
    ask = report.ask
    return OrderReport(
        ask.first.isoformat(),
        ask.last.isoformat(),
        ask.by,
        [_row_view(row) for row in report.rows],
        _row_view(report.total),
    )


def _row_view(row: Row) -> ReportRow:
    figures: Mapping[str, Any] = row.figures
    return ReportRow(label=row.label, name=row.name, cancels=dict(row.cancels), **figures)


def report_csv(report: Report, language: str) -> bytes:
    """For Excel as it is set up where this language is spoken: semicolons and decimal commas in
    Russian; UTF-8 with its mark. Times in seconds, sums in roubles; nothing where too few cases
    are. No text is a formula."""
    labels = [say(language, f"report.by.{report.ask.by}"), say(language, "report.name")]
    heads = [say(language, f"report.long.{name}") for name in FIGURES]
    rows = [[*labels, *heads, say(language, "report.cancels")]]
    total = Row(say(language, "report.total"), "", report.total.figures, report.total.cancels)
    for row in (*report.rows, total):
        figures = [
            _plain(figure.kind, row.figures[name], language) for name, figure in FIGURES.items()
        ]
        rows.append([text(row.label), text(row.name), *figures, text(_causes(row, language))])
    return csv_bytes(rows, language)


def _plain(kind: Kind, value: float | None, language: str) -> str:
    if value is None:
        return ""
    return decimal(roubles(int(value)) if kind is Kind.MONEY else str(value), language)


def _causes(row: Row, language: str) -> str:
    """Who called orders off, why, and how often: in words where there are some."""
    said = []
    for cause, times in row.cancels.items():
        who, _, why = cause.partition(":")
        known = say(language, f"reason.{why}")
        words = why if known.startswith("reason.") else known
        said.append(f"{say(language, f'report.who.{who}')}: {words or '—'} ({times})")
    return "; ".join(said)


def table_heads(by: By, language: str) -> list[str]:
    """Heads of a person's table; short ones, of several lines."""
    names = [f"report.by.{by}"] + ([] if by is not By.STORE else ["report.name"])
    names += [f"report.{name}" for name, figure in FIGURES.items() if figure.table]
    return [say(language, name) for name in names]


def table_rows(report: Report, language: str) -> list[list[str]]:
    """Its rows, the total last."""
    named = report.ask.by is By.STORE
    total = Row(say(language, "report.total"), "", report.total.figures)
    return [
        [row.label, *([row.name] if named else []), *_cells(row, language)]
        for row in (*report.rows, total)
    ]


def _cells(row: Row, language: str) -> list[str]:
    return [
        _WRITTEN[figure.kind](value, language)
        if (value := row.figures[name]) is not None
        else say(language, "report.unknown")
        for name, figure in FIGURES.items()
        if figure.table
    ]


def _count(value: float, language: str) -> str:
    return f"{value:,.0f}".replace(",", _NBSP if language == "ru" else ",")


def _percent(value: float, language: str) -> str:
    return f"{value:.1f}".replace(".", "," if language == "ru" else ".")


def _clock(value: float, _language: str) -> str:
    """Minutes and seconds, hours before them when there are any; nothing is a dash."""
    minutes, seconds = divmod(int(value), 60)
    hours, minutes = divmod(minutes, 60)
    if not value:
        return "—"
    return f"{hours}:{minutes:02d}:{seconds:02d}" if hours else f"{minutes}:{seconds:02d}"


def _roubles(value: float, language: str) -> str:
    return _count(value / 100, language)


_WRITTEN: Final[Mapping[Kind, Callable[[float, str], str]]] = {
    Kind.COUNT: _count,
    Kind.PERCENT: _percent,
    Kind.SECONDS: _clock,
    Kind.MONEY: _roubles,
}
