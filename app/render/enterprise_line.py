"""Lines of a document as EnterpriseData's tables: goods, services, what both were before, marks."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from app.domain.document import Document, DocumentLine, Kind
from app.domain.marks import identity
from app.domain.money import roubles
from app.render.elements import branch, leaf
from app.render.enterprise_keys import goods, goods_data, rate, unit
from app.render.exchange import Figures, before, figures

_Row = Callable[[int, DocumentLine], str]


def sold(document: Document) -> str:
    """Goods and services of a sale, each in its own table."""
    return _tables(document, _sold_goods, _sold_service)


def came_back(document: Document) -> str:
    """Everything of a return: the format has no table of services there."""
    return _table("Товары", document.lines, _returned)


def corrected(document: Document) -> str:
    """Goods and services as they are, and as they were."""
    return _tables(document, _corrected_goods, _corrected_service)


def marks(document: Document) -> str:
    """Identification codes of marked units, without their crypto tail."""
    marked = [(line, code) for line in document.lines for code in line.marks]
    return branch("АкцизныеМарки", *(
        branch(
            "Строка",
            leaf("НомерСтрокиДокумента", str(place)),
            goods_data(line),
            leaf("НомерАкцизнойМарки", identity(code)),
            _line_id(line),
        )
        for place, (line, code) in enumerate(marked, 1)
    ))  # fmt: skip


def _tables(document: Document, of_goods: _Row, of_service: _Row) -> str:
    wares = [line for line in document.lines if line.kind == "goods"]
    services = [line for line in document.lines if line.kind != "goods"]
    tables = _table("Товары", wares, of_goods), _table("Услуги", services, of_service)
    return "\n".join(filter(None, tables))


def _table(name: str, lines: Iterable[DocumentLine], row: _Row) -> str:
    return branch(name, *(row(place, line) for place, line in enumerate(lines, 1)))


def _sold_goods(place: int, line: DocumentLine) -> str:
    told = figures(line, Kind.SALE)
    return branch(
        "Строка",
        leaf("НомерСтрокиДокумента", str(place)),
        goods_data(line),
        unit(told.unit),
        *_sums(told),
        rate("СтавкаНДС", line.vat_percent),
        leaf("СуммаНДС", roubles(told.vat)),
        leaf("СуммаСкидки", roubles(told.off_price) if told.off_price else ""),
        leaf("СуммаСУчетомСкидки", roubles(told.total) if told.off_price else ""),
        _line_id(line),
    )


def _sold_service(place: int, line: DocumentLine) -> str:
    told = figures(line, Kind.SALE)
    return branch(
        "Строка",
        leaf("НомерСтрокиДокумента", str(place)),
        goods(line),
        *_sums(told),
        rate("СтавкаНДС", line.vat_percent),
        leaf("СуммаНДС", roubles(told.vat)),
        leaf("Содержание", line.name),
        leaf("ТипУслуги", "Собственные"),
        _line_id(line),
    )


def _returned(place: int, line: DocumentLine) -> str:
    told = figures(line, Kind.RETURN)
    return branch(
        "Строка",
        leaf("НомерСтрокиДокумента", str(place)),
        goods_data(line),
        unit(told.unit),
        *_sums(told),
        rate("СтавкаНДС", line.vat_percent),
        leaf("СуммаНДС", roubles(told.vat)),
        _line_id(line),
    )


def _sums(told: Figures) -> tuple[str, ...]:
    return (
        leaf("Количество", told.quantity),
        leaf("Сумма", roubles(told.total)),
        leaf("Цена", roubles(told.price_each)),
    )


def _corrected_goods(place: int, line: DocumentLine) -> str:
    now, was = figures(line, Kind.CORRECTION), before(line)
    return branch(
        "Строка",
        leaf("НомерСтрокиДокумента", str(place)),
        goods_data(line),
        leaf("Количество", now.quantity),
        leaf("КоличествоДоИзменения", was.quantity),
        leaf("КоличествоДоКорректировки", was.quantity),
        *_changed(now, was, line.vat_percent),
        leaf("СуммаНДСДоКорректировки", roubles(was.vat)),
        leaf("СуммаНДСДоИзменения", roubles(was.vat)),
        leaf("ЕстьВДокументеПоступленияРеализации", "true"),
        _line_id(line),
        unit(now.unit),
    )


def _corrected_service(place: int, line: DocumentLine) -> str:
    now, was = figures(line, Kind.CORRECTION), before(line)
    return branch(
        "Строка",
        leaf("НомерСтрокиДокумента", str(place)),
        goods(line),
        leaf("Количество", now.quantity),
        leaf("КоличествоДоКорректировки", was.quantity),
        leaf("КоличествоДоИзменения", was.quantity),
        *_changed(now, was, line.vat_percent),
        leaf("СуммаНДСДоИзменения", roubles(was.vat)),
        leaf("СуммаНДСДоКорректировки", roubles(was.vat)),
        leaf("Содержание", line.name),
        leaf("СодержаниеДоИзменения", line.name),
        leaf("ЕстьВДокументеПоступленияРеализации", "true"),
        leaf("ТипУслуги", "Собственные"),
        _line_id(line),
    )


def _changed(now: Figures, was: Figures, percent: int | None) -> tuple[str, ...]:
    """Sums, prices and rates: the parts that goods and services have in one order."""
    return (
        leaf("Сумма", roubles(now.total)),
        leaf("СуммаДоИзменения", roubles(was.total)),
        leaf("СуммаДоКорректировки", roubles(was.total)),
        leaf("Цена", roubles(now.price_each)),
        leaf("ЦенаДоИзменения", roubles(was.price_each)),
        leaf("ЦенаДоКорректировки", roubles(was.price_each)),
        rate("СтавкаНДС", percent),
        rate("СтавкаНДСДоИзменения", percent),
        leaf("СуммаНДС", roubles(now.vat)),
    )


def _line_id(line: DocumentLine) -> str:
    return leaf("ИдентификаторСтроки", str(line.line_id) if line.line_id else "")
