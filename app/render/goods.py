"""Imports and unknown goods as the API and the command line tell them."""

from __future__ import annotations

from datetime import datetime

import msgspec

from app.domain.assortment import Problem, Report
from app.render.language import say


class ProblemView(msgspec.Struct):
    """Something wrong with one row, or (`row` null) with the whole file; `refused`: the row was
    left out, else it went in without what was wrong."""

    row: int | None
    sku: str
    code: str
    message: str
    refused: bool


class ImportReport(msgspec.Struct):
    """What became of a file. `applied` false: it was a dry run, or strict, and nothing was written.
    `untold`: problems beyond those listed."""

    new: int
    changed: int
    same: int
    refused: int
    deactivated: int
    applied: bool
    problems: list[ProblemView]
    untold: int


class UnmappedView(msgspec.Struct):
    """An ordered article that the catalogue does not know, on the latest orders of one store."""

    sku: str
    name: str
    seen: int
    store: str
    last_order: str
    last_at: datetime


class UnmappedList(msgspec.Struct):
    """The most wanted first."""

    goods: list[UnmappedView]


def report_view(report: Report, language: str) -> ImportReport:
    """A report with its problems as sentences."""
    return ImportReport(
        new=report.new,
        changed=report.changed,
        same=report.same,
        refused=report.refused,
        deactivated=report.deactivated,
        applied=report.applied,
        problems=[_problem(each, language) for each in report.problems],
        untold=report.untold,
    )


def _problem(problem: Problem, language: str) -> ProblemView:
    values = dict(problem.values)
    if "field" in values:
        values["field"] = say(language, f"column.{values['field']}")
    return ProblemView(
        row=problem.row,
        sku=problem.sku,
        code=problem.flaw.name,
        message=say(language, problem.flaw.value, **values),
        refused=problem.refused,
    )
