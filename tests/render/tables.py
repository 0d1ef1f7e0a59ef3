"""Tables for tests of reports: one to look at, and a strategy for all there can be."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from app.render.table import Column, Group, Kind, Sheet
from tests.render.documents import names

_COLUMNS = (
    Column("Дата", Kind.DATE),
    Column("Номер"),
    Column("Покупатель", width=30),
    Column("Строк", Kind.COUNT, total=True),
    Column("Вес, кг", Kind.KILOGRAMS, total=True),
    Column("Доля", Kind.PERCENT),
    Column("Сумма", Kind.MONEY, total=True),
)
REPORT = [
    Sheet(
        "Реестр", "Реестр документов", _COLUMNS,
        [
            ("2026-11-01", "СМ26-000001", "ООО «Площадка»", 3, 1234, 50, 123456),
            ("2026-11-01", "СМ26-000002", '=HYPERLINK("x")', 1, None, 12.5, 100),
            ("2026-11-02", "СМВ26-000001", "-1+1", 1, -234, 37.5, -50),
        ],
        subtitle=("1 — 2 ноября 2026 г.",),
        totals=(None, None, None, None, None, 100, None),
        groups=(Group("ООО «Чайный гость»", 0), Group("@ИП Образцов", 2)),
        group_head="Продавец",
        footnotes=("Возвраты со знаком минус.",),
    ),
    Sheet("Реестр", "Пустая таблица", (Column("Что"), Column("Сколько", Kind.COUNT)), []),
]  # fmt: skip

_VALUES: dict[Kind, st.SearchStrategy[Any]] = {
    Kind.TEXT: st.just("") | names | st.sampled_from(["=1+1", "+7 000", "-", "@a", "00042"]),
    Kind.COUNT: st.integers(-(10**9), 10**9),
    Kind.MONEY: st.integers(-(10**13), 10**13),
    Kind.PERCENT: st.integers(-1000, 1000).map(lambda tenths: tenths / 10),
    Kind.DATE: st.dates().map(lambda day: day.isoformat()),
    Kind.KILOGRAMS: st.integers(-(10**9), 10**9),
}
_SUMMED = {Kind.COUNT, Kind.MONEY, Kind.KILOGRAMS}


@st.composite
def sheets(draw: st.DrawFn, most: int = 40) -> Sheet:
    """A table of any columns; what is not known in it is None."""
    kinds = draw(st.lists(st.sampled_from(Kind), min_size=1, max_size=9))
    columns = tuple(
        Column(draw(names), kind, draw(st.integers(0, 70)), kind in _SUMMED and draw(st.booleans()))
        for kind in kinds
    )
    cells = [st.none() | _VALUES[kind] for kind in kinds]
    rows = draw(st.lists(st.tuples(*cells), max_size=most))
    firsts = draw(st.sets(st.integers(1, max(1, len(rows) - 1)), max_size=3)) | {0}
    groups = ()
    if rows and draw(st.booleans()):
        starts = sorted(first for first in firsts if first < len(rows))
        groups = tuple(Group(draw(names), first) for first in starts)
    return Sheet(
        draw(names), draw(names), columns, rows, tuple(draw(st.lists(names, max_size=2))),
        groups=groups, group_head=draw(names), footnotes=tuple(draw(st.lists(names, max_size=2))),
    )  # fmt: skip
