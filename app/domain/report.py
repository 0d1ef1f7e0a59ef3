"""The report of orders: which days, by what, and what each figure is. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from typing import Any, Final, TypeAlias

from app.errors import HubError

#: Days in one report; two years are two reports.
LONGEST: Final = 366
#: Below so many cases a rate or a percentile says nothing, and is not said.
LINES: Final = 50
QUESTIONS: Final = 20
ORDERS: Final = 20
READY: Final = 10
TIMES: Final = 5

Sums: TypeAlias = Mapping[str, Any]


class ReportRefused(HubError):
    """There is no such report; `text` is looked up in the catalogue as `report.<text>`."""

    reason = "report"

    def __init__(self, field: str, text: str, **values: object) -> None:
        """`field`: the parameter at fault."""
        super().__init__(f"{field}: {text}")
        self.field, self.text, self.values = field, text, values


class By(StrEnum):
    """What has a row of its own."""

    HOUR = "hour"
    DAY = "day"
    STORE = "store"
    ACCOUNT = "account"


class Kind(StrEnum):
    """How a figure is written."""

    COUNT = "count"
    PERCENT = "percent"
    SECONDS = "seconds"
    MONEY = "money"  #: kopecks


@dataclass(frozen=True, slots=True)
class Ask:
    """A report that is wanted: days of the stores' own clocks, both included."""

    first: date
    last: date
    by: By = By.DAY
    store: str | None = None
    account: str | None = None

    def days(self) -> list[date]:
        """All of them."""
        return [self.first + timedelta(n) for n in range((self.last - self.first).days + 1)]


@dataclass(frozen=True, slots=True)
class Named:
    """What a row may be of: a store or an account."""

    key: str
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One row: `label` is a moment, a day or a code; figures by the names of FIGURES, None where
    there are too few cases; `cancels` by "who:why"."""

    label: str
    name: str
    figures: Mapping[str, float | None]
    cancels: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Report:
    """Rows and what they come to together."""

    ask: Ask
    rows: tuple[Row, ...]
    total: Row


@dataclass(frozen=True, slots=True)
class Figure:
    """One column: from the sums of many hours; `table`: a person's table has room for it."""

    kind: Kind
    of: Callable[[Sums], float | None]
    table: bool = True


def _sum(name: str) -> Callable[[Sums], float | None]:
    return lambda sums: sums.get(name) or 0


def _share(part: tuple[str, ...], whole: str, least: int) -> Callable[[Sums], float | None]:
    """Percent with one decimal, None below so many cases."""

    def of(sums: Sums) -> float | None:
        cases = sums.get(whole) or 0
        parts = sum(sums.get(name) or 0 for name in part)
        return round(100 * parts / cases, 1) if cases and cases >= least else None

    return of


def _each(part: str, whole: str, least: int) -> Callable[[Sums], float | None]:
    """The average in whole seconds, None below so many cases."""

    def of(sums: Sums) -> float | None:
        cases = sums.get(whole) or 0
        return round((sums.get(part) or 0) / cases) if cases and cases >= least else None

    return of


def _time(name: str, whole: str) -> Callable[[Sums], float | None]:
    return lambda sums: sums.get(name) if (sums.get(whole) or 0) >= TIMES else None


#: The columns in their order; texts of their heads stand in the catalogue as `report.<name>`.
FIGURES: Final[Mapping[str, Figure]] = {
    "orders": Figure(Kind.COUNT, _sum("orders")),
    "delivered": Figure(Kind.COUNT, _sum("delivered")),
    "delivered_total": Figure(Kind.MONEY, _sum("delivered_total")),
    "cancelled": Figure(Kind.COUNT, _sum("cancelled")),
    "cancelled_by_store": Figure(Kind.COUNT, _sum("cancelled_by_store"), table=False),
    "cancelled_by_store_percent": Figure(
        Kind.PERCENT, _share(("cancelled_by_store",), "orders", ORDERS)
    ),
    "start_p50": Figure(Kind.SECONDS, _time("start_p50", "started")),
    "start_p95": Figure(Kind.SECONDS, _time("start_p95", "started"), table=False),
    "picked": Figure(Kind.COUNT, _sum("picked"), table=False),
    "pick_p50": Figure(Kind.SECONDS, _time("pick_p50", "picked")),
    "pick_p95": Figure(Kind.SECONDS, _time("pick_p95", "picked")),
    "line_seconds": Figure(Kind.SECONDS, _each("pick_seconds", "lines", LINES), table=False),
    "lines": Figure(Kind.COUNT, _sum("lines")),
    "pieces": Figure(Kind.COUNT, _sum("pieces"), table=False),
    "found": Figure(Kind.COUNT, _sum("found"), table=False),
    "found_percent": Figure(Kind.PERCENT, _share(("found",), "lines", LINES)),
    "filled_percent": Figure(Kind.PERCENT, _share(("found", "replaced"), "lines", LINES)),
    "short": Figure(Kind.COUNT, _sum("short"), table=False),
    "short_percent": Figure(Kind.PERCENT, _share(("short",), "lines", LINES), table=False),
    "replaced": Figure(Kind.COUNT, _sum("replaced"), table=False),
    "replaced_percent": Figure(Kind.PERCENT, _share(("replaced",), "lines", LINES)),
    "dropped": Figure(Kind.COUNT, _sum("dropped"), table=False),
    "dropped_percent": Figure(Kind.PERCENT, _share(("dropped",), "lines", LINES)),
    "proposed": Figure(Kind.COUNT, _sum("proposed"), table=False),
    "approved": Figure(Kind.COUNT, _sum("approved"), table=False),
    "rejected": Figure(Kind.COUNT, _sum("rejected"), table=False),
    "approved_percent": Figure(Kind.PERCENT, _share(("approved",), "proposed", QUESTIONS)),
    "ready": Figure(Kind.COUNT, _sum("ready"), table=False),
    "on_time_percent": Figure(Kind.PERCENT, _share(("ready_on_time",), "ready", READY)),
    "late_longest": Figure(Kind.SECONDS, _sum("late_seconds_max")),
    "late_seconds": Figure(Kind.SECONDS, _sum("late_seconds"), table=False),
    "handed_over": Figure(Kind.COUNT, _sum("handed_over"), table=False),
    "courier_wait": Figure(Kind.SECONDS, _each("courier_wait_seconds", "courier_waits", TIMES)),
}


def row(label: str, name: str, sums: Sums | None) -> Row:
    """A row from sums; from none: nothing happened."""
    known = sums or {}
    figures = {name: figure.of(known) for name, figure in FIGURES.items()}
    return Row(label, name, figures, dict(sorted((known.get("cancels") or {}).items())))
