"""The register, the VAT book and a settlement as tables for people, in their language."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import groupby

from app.domain.document import SOLD
from app.domain.document import Kind as Document
from app.domain.register import Entry, Period, VatBy, VatRow, rates
from app.domain.settlement import Difference, Settlement
from app.render.figures import day
from app.render.language import say
from app.render.table import Column, Group, Kind, Row, Sheet


def register_sheet(
    found: Sequence[Entry], period: Period, kinds: Collection[Document], language: str
) -> Sheet:
    """Documents, one a row. Sums stand beneath when they mean something: of what was sold, or of
    one kind."""
    summed = len(kinds) == 1 or set(kinds) <= SOLD
    heads = ("issued_on", "number", "kind", "base", "store", "account", "order")
    texts = [Column(say(language, f"books.{name}"), _TEXTS.get(name, Kind.TEXT)) for name in heads]
    columns = (
        *texts,
        Column(say(language, "books.lines"), Kind.COUNT, total=True),
        Column(say(language, "books.total"), Kind.MONEY, total=summed),
        Column(say(language, "books.vat"), Kind.MONEY, total=summed),
    )
    ordered = sorted(found, key=lambda entry: entry.merchant)
    return Sheet(
        say(language, "books.register_name"),
        say(language, "books.register"),
        columns,
        [_entry(entry, language) for entry in ordered],
        subtitle=_subtitle(period, language),
        groups=_groups([entry.merchant for entry in ordered]),
        group_head=say(language, "books.merchant"),
        footnotes=(say(language, "books.signed"),),
    )


_TEXTS = {"issued_on": Kind.DATE}


def _entry(entry: Entry, language: str) -> Row:
    return (
        entry.issued_on.isoformat(),
        entry.number,
        say(language, f"books.kind.{entry.kind}"),
        entry.base_number,
        entry.store,
        entry.account,
        entry.order_number,
        entry.lines,
        entry.total,
        entry.vat_total,
    )


def vat_sheet(found: Sequence[VatRow], period: Period, by: VatBy, language: str) -> Sheet:
    """What was sold by rate: with VAT, without it, and the VAT, for every rate that occurs."""
    ordered = sorted(found, key=lambda row: row.merchant)
    percents = rates(ordered)
    of_documents = by is VatBy.DOCUMENT
    columns = [Column(say(language, f"books.by.{by}"), Kind.DATE if by is VatBy.DAY else Kind.TEXT)]
    if of_documents:
        columns += [
            Column(say(language, "books.issued_on"), Kind.DATE),
            Column(say(language, "books.kind")),
            Column(say(language, "books.base")),
        ]
    else:
        columns += [Column(say(language, "books.documents"), Kind.COUNT, total=True)]
    columns += [Column(say(language, "books.total"), Kind.MONEY, total=True)]
    for percent in percents:
        columns += [Column(head, Kind.MONEY, total=True) for head in _rate_heads(percent, language)]
    columns += [Column(say(language, "books.vat"), Kind.MONEY, total=True)]
    return Sheet(
        say(language, "books.vat_name"),
        say(language, "books.vat_book"),
        tuple(columns),
        [_vat_row(row, percents, language, of_documents=of_documents) for row in ordered],
        subtitle=_subtitle(period, language),
        groups=_groups([row.merchant for row in ordered]),
        group_head=say(language, "books.merchant"),
        footnotes=(say(language, "books.vat_counts"), say(language, "books.signed")),
    )


def _rate_heads(percent: int | None, language: str) -> list[str]:
    if percent is None:
        return [say(language, "books.without_vat")]
    names = ("books.rate_net", "books.rate_vat")
    return [say(language, name, percent=percent) for name in names]


def _vat_row(
    row: VatRow, percents: Sequence[int | None], language: str, *, of_documents: bool
) -> Row:
    cells: list[str | int | float | None] = [row.key]
    if of_documents:
        issued_on = row.issued_on.isoformat() if row.issued_on else ""
        cells += [issued_on, say(language, f"books.kind.{row.kind}"), row.base_number]
    else:
        cells += [row.documents]
    cells += [row.total]
    for percent in percents:
        part = row.at(percent)
        cells += [part.total] if percent is None else [part.total - part.vat, part.vat]
    return (*cells, row.vat)


def settlement_sheet(report: Settlement, differences: Sequence[Difference], language: str) -> Sheet:
    """What differs between a marketplace's report and our documents."""
    heads = (
        ("finding", Kind.TEXT), ("order", Kind.TEXT), ("their_order", Kind.TEXT),
        ("sku", Kind.TEXT), ("name", Kind.TEXT),
    )  # fmt: skip
    columns = tuple(Column(say(language, f"books.{name}"), kind) for name, kind in heads)
    sums = tuple(
        Column(say(language, f"books.{name}"), Kind.MONEY, total=True)
        for name in ("theirs", "ours", "difference")
    )
    milli = tuple(
        Column(say(language, f"books.{name}"), Kind.KILOGRAMS)
        for name in ("their_quantity", "our_quantity")
    )
    return Sheet(
        say(language, "books.settlement_name"),
        say(language, f"books.settlement.{report.kind}", number=report.number),
        (*columns, *sums, *milli),
        [_difference(each, language) for each in differences],
        subtitle=_about(report, language),
        footnotes=(say(language, "books.quantities"),),
    )


def _difference(each: Difference, language: str) -> Row:
    return (
        say(language, f"books.finding.{each.finding}"),
        each.order_number,
        each.order_ref,
        each.sku,
        each.name,
        each.theirs,
        each.ours,
        each.theirs - each.ours,
        each.their_milli,
        each.our_milli,
    )


def _about(report: Settlement, language: str) -> tuple[str, ...]:
    lines = [
        f"{report.merchant} · {report.account}",
        say(language, "books.days", first=day(report.first, language),
            last=day(report.last, language)),
        say(language, "books.counts", matched=report.matched, differing=report.differing),
    ]  # fmt: skip
    if report.accepted_by:
        lines.append(
            say(language, "books.accepted", by=report.accepted_by, why=report.accepted_why or "")
        )
    if report.document:
        lines.append(say(language, "books.made", number=report.document))
    return tuple(lines)


def _subtitle(period: Period, language: str) -> tuple[str, ...]:
    days = {"first": day(period.first, language), "last": day(period.last, language)}
    lines = [say(language, "books.days", **days)]
    if period.store:
        lines.append(f"{say(language, 'books.store')}: {period.store}")
    if period.account:
        lines.append(f"{say(language, 'books.account')}: {period.account}")
    return tuple(lines)


def _groups(merchants: Sequence[str]) -> tuple[Group, ...]:
    """One for each merchant, when there are several."""
    spans = [(name, len(list(rows))) for name, rows in groupby(merchants)]
    if len(spans) < 2:
        return ()
    firsts = [sum(n for _, n in spans[:i]) for i in range(len(spans))]
    return tuple(Group(name, first) for (name, _), first in zip(spans, firsts, strict=True))
