"""Settlements for programs: a report as it was taken, and where it differs from our documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import msgspec

from app.domain.settlement import Book, Difference, Finding, Flaw, Settlement
from app.render.language import say


class SettlementView(msgspec.Struct, rename={"from_": "from"}):
    """One report. Sums in kopecks; `returned` is below zero; `fee`: what the marketplace keeps;
    `payout`: what it owes. `blocking`: differences nobody can accept."""

    id: str
    account: str
    merchant: str
    kind: Book
    number: str
    from_: str
    until: str
    name: str
    sha256: str
    imported_by: str
    imported_at: str
    rows: int
    sold: int
    returned: int
    fee: int
    payout: int
    matched: int
    differing: int
    blocking: int
    accepted_by: str | None
    accepted_why: str | None
    document: str | None


class DifferenceView(msgspec.Struct):
    """One order, or one of its goods; quantities in thousandths of a piece, or grams."""

    finding: Finding
    message: str
    order_ref: str
    order: str
    sku: str
    name: str
    theirs: int
    ours: int
    their_milli: int | None
    our_milli: int | None


class SettlementStory(msgspec.Struct):
    """One report with its differences, the first of them; `more`: how many are not listed."""

    settlement: SettlementView
    differences: list[DifferenceView]
    more: int


class SettlementList(msgspec.Struct):
    """Reports, the latest first."""

    settlements: list[SettlementView]


class FlawView(msgspec.Struct):
    """A row that cannot be understood."""

    row: int
    message: str


def settlement_view(report: Settlement) -> SettlementView:
    """A report as it was taken."""
    return SettlementView(
        id=str(report.id), account=report.account, merchant=report.merchant, kind=report.kind,
        number=report.number, from_=report.first.isoformat(), until=report.last.isoformat(),
        name=report.name, sha256=report.sha256, imported_by=report.imported_by,
        imported_at=report.imported_at.isoformat(), rows=report.rows, sold=report.sold,
        returned=report.returned, fee=report.fee, payout=report.payout, matched=report.matched,
        differing=report.differing, blocking=report.blocking, accepted_by=report.accepted_by,
        accepted_why=report.accepted_why, document=report.document,
    )  # fmt: skip


def story_view(
    report: Settlement, differences: Sequence[Difference], language: str, most: int
) -> SettlementStory:
    """A report with at most so many of its differences."""
    shown = [_difference(each, language) for each in differences[:most]]
    return SettlementStory(settlement_view(report), shown, max(0, len(differences) - most))


def _difference(each: Difference, language: str) -> DifferenceView:
    values = asdict(each)
    values["order"] = values.pop("order_number")
    return DifferenceView(message=say(language, f"books.finding.{each.finding}"), **values)


def flaw_views(flaws: Sequence[Flaw], language: str) -> list[FlawView]:
    """Rows that cannot be understood, in words."""
    return [FlawView(flaw.row, say(language, flaw.text, **flaw.values)) for flaw in flaws]
