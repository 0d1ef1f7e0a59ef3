"""Tables of reports as values: what stands in them, and nothing of how CSV, XLSX or PDF look."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise
from typing import TypeAlias


class Kind(StrEnum):
    """What a column holds."""

    TEXT = "text"
    COUNT = "count"  #: whole numbers
    MONEY = "money"  #: kopecks, shown in roubles
    PERCENT = "percent"  #: 12.5 is 12.5 %
    DATE = "date"  #: ISO 8601 text, "2026-11-22"; "" is nothing, as None is
    KILOGRAMS = "kilograms"  #: grams, shown in kilograms with three places


#: What a cell holds, None for nothing; see Kind for the units.
Value: TypeAlias = str | int | float | None
Row: TypeAlias = tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `width`: about how many characters it wants, 0 for what its kind usually takes
    (texts share what is left on paper in the proportion of their widths). `total`: its sum stands
    in the row of totals and under every group; only for counts, money and kilograms."""

    head: str
    kind: Kind = Kind.TEXT
    width: int = 0
    total: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Rows that belong together: from number `first` (the first of all is 0) up to the next group.
    Groups stand in the order of their rows, the first at 0; they are not empty."""

    title: str
    first: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table. Texts are in the reader's language already. `name`: of the tab in a workbook,
    short. `subtitle`: lines under the title (period, stores, whose). `totals`: one value for each
    column where a sum says nothing (a share of all, say); None takes the sum of a column with
    `total`. `group_head`: what groups are ("Store"), the head of the column that holds their titles
    in CSV and XLSX, where rows stay a plain table to be sorted and filtered."""

    name: str
    title: str
    columns: tuple[Column, ...]
    rows: Sequence[Row]
    subtitle: tuple[str, ...] = ()
    totals: Row | None = None
    groups: tuple[Group, ...] = ()
    group_head: str = ""
    footnotes: tuple[str, ...] = ()

    def summed(self) -> bool:
        """Whether there is a row of totals."""
        return self.totals is not None or any(column.total for column in self.columns)

    def all_together(self) -> Row:
        """The row of totals; None where there is nothing to say."""
        given = self.totals or (None,) * len(self.columns)
        sums = self.sums(self.rows)
        return tuple(add if said is None else said for said, add in zip(given, sums, strict=True))

    def sums(self, rows: Iterable[Row]) -> Row:
        """Sums of these rows in the columns that have one; None in the others."""
        summed = [index for index, column in enumerate(self.columns) if column.total]
        sums = [0] * len(summed)
        for row in rows:
            for place, index in enumerate(summed):
                sums[place] += int(row[index] or 0)
        found: dict[int, int] = dict(zip(summed, sums, strict=True))
        return tuple(found.get(index) for index in range(len(self.columns)))

    def label_at(self, totals: Row) -> int | None:
        """The column where this row of totals says that it is one; None when all have figures."""
        free = (
            index
            for index, column in enumerate(self.columns)
            if column.kind in (Kind.TEXT, Kind.DATE) and totals[index] is None
        )
        return next(free, None)

    def parts(self) -> list[tuple[str, Sequence[Row]]]:
        """Groups with their rows; one without a title when there are none."""
        if not self.groups:
            return [("", self.rows)]
        ends = [*(group.first for group in self.groups), len(self.rows)]
        spans = zip(self.groups, pairwise(ends), strict=True)
        return [(group.title, self.rows[first:end]) for group, (first, end) in spans]


#: A report: `table.csv`, `table.xlsx` and `table.pdf` of render.press are made from it.
Report: TypeAlias = list[Sheet]
