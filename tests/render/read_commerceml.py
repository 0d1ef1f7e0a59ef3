"""A loader of CommerceML written from the standard alone: it knows nothing of how we write.

Reads the way a 1C loader does: by names of elements, in Decimal, each document by its operation;
and checks what an accountant would: that lines, taxes and totals agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, time
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

from lxml import etree

KOPECK = Decimal("0.01")
SCHEMA = etree.XMLSchema(etree.parse(Path(__file__).parent / "schemas" / "commerceml.xsd"))


@dataclass(frozen=True)
class Goods:
    id: str
    article: str
    barcode: str
    name: str
    unit: str  #: code of ОКЕИ
    quantity: Decimal
    price: Decimal
    sum: Decimal
    vat_rate: str
    vat: Decimal
    in_price: Decimal  #: discount that the price holds already
    off_price: Decimal  #: discount that comes off price times quantity
    requisites: dict[str, list[str]] = field(default_factory=dict)

    @property
    def discount(self) -> Decimal:
        return self.in_price + self.off_price

    @property
    def counted(self) -> Decimal:
        """What price and quantity come to, without what comes off."""
        cost = (self.price * self.quantity).quantize(KOPECK, ROUND_HALF_UP)
        return cost - self.off_price

    def before(self, what: str) -> Decimal:
        """A figure as it was before a correction."""
        return Decimal(self.requisites[f"{what}ДоКорректировки"][0])


@dataclass(frozen=True)
class Side:
    id: str
    name: str
    inn: str
    kpp: str
    address: str


@dataclass(frozen=True)
class Loaded:
    id: str
    number: str
    date: date
    time: time
    operation: str
    currency: str
    sum: Decimal
    sides: dict[str, Side]
    warehouse: str
    comment: str
    vat: dict[str, Decimal]
    discount: Decimal
    goods: list[Goods]
    requisites: dict[str, list[str]]

    def said(self, name: str) -> str:
        """A requisite that has one value; '' when it is not there."""
        return (self.requisites.get(name) or [""])[0]


def valid(raw: bytes) -> bytes:
    """The file, after its schema was asked."""
    SCHEMA.assertValid(etree.fromstring(raw, etree.XMLParser(huge_tree=True)))
    return raw


def load(raw: bytes) -> list[Loaded]:
    """Every document of a file, in its order."""
    parser = etree.XMLParser(huge_tree=True, resolve_entities=False)
    return [_document(node) for node in _all(etree.fromstring(raw, parser), "Документ")]


def _all(node: etree._Element, *path: str) -> list[etree._Element]:
    return node.xpath("/".join(["."] + [f"*[local-name()='{name}']" for name in path]))


def _text(node: etree._Element, *path: str) -> str:
    found = _all(node, *path)
    return (found[0].text or "") if found else ""


def _requisites(node: etree._Element) -> dict[str, list[str]]:
    return {
        _text(each, "Наименование"): [value.text or "" for value in _all(each, "Значение")]
        for each in _all(node, "ЗначенияРеквизитов", "ЗначениеРеквизита")
    }


def _side(node: etree._Element) -> Side:
    return Side(
        _text(node, "Ид"), _text(node, "ОфициальноеНаименование"), _text(node, "ИНН"),
        _text(node, "КПП"), _text(node, "ЮридическийАдрес", "Представление"),
    )  # fmt: skip


def _included(node: etree._Element) -> etree._Element:
    """Taxes and discounts that are not inside the sums would be another sum."""
    assert _text(node, "УчтеноВСумме") == "true"
    return node


def _goods(node: etree._Element) -> Goods:
    (tax,) = map(_included, _all(node, "Налоги", "Налог"))
    (rate,) = _all(node, "СтавкиНалогов", "СтавкаНалога")
    assert _text(tax, "Ставка") == _text(rate, "Ставка")
    off = {
        _text(each, "Наименование"): Decimal(_text(_included(each), "Сумма"))
        for each in _all(node, "Скидки", "Скидка")
    }
    (unit,) = _all(node, "БазоваяЕдиница")
    return Goods(
        id=_text(node, "Ид"), article=_text(node, "Артикул"), barcode=_text(node, "Штрихкод"),
        name=_text(node, "Наименование"), unit=unit.get("Код"),
        quantity=Decimal(_text(node, "Количество")),
        price=Decimal(_text(node, "ЦенаЗаЕдиницу")), sum=Decimal(_text(node, "Сумма")),
        vat_rate=_text(rate, "Ставка"), vat=Decimal(_text(tax, "Сумма")),
        in_price=off.pop("Скидка в цене", Decimal()), off_price=sum(off.values(), Decimal()),
        requisites=_requisites(node),
    )  # fmt: skip


def _document(node: etree._Element) -> Loaded:
    goods = [_goods(each) for each in _all(node, "Товары", "Товар")]
    vat = {
        _text(_included(tax), "Ставка"): Decimal(_text(tax, "Сумма"))
        for tax in _all(node, "Налоги", "Налог")
    }
    discounts = [Decimal(_text(_included(d), "Сумма")) for d in _all(node, "Скидки", "Скидка")]
    loaded = Loaded(
        id=_text(node, "Ид"), number=_text(node, "Номер"),
        date=date.fromisoformat(_text(node, "Дата")), time=time.fromisoformat(_text(node, "Время")),
        operation=_text(node, "ХозОперация"), currency=_text(node, "Валюта"),
        sum=Decimal(_text(node, "Сумма")), comment=_text(node, "Комментарий"),
        sides={_text(s, "Роль"): _side(s) for s in _all(node, "Контрагенты", "Контрагент")},
        warehouse=_text(node, "Склады", "Склад", "Наименование"), vat=vat,
        discount=sum(discounts, Decimal()), goods=goods, requisites=_requisites(node),
    )  # fmt: skip
    _check(loaded)
    return loaded


def _check(loaded: Loaded) -> None:
    assert loaded.sum == sum((each.sum for each in loaded.goods), Decimal())
    assert loaded.discount == sum((each.discount for each in loaded.goods), Decimal())
    for rate, vat in loaded.vat.items():
        assert vat == sum((each.vat for each in loaded.goods if each.vat_rate == rate), Decimal())
    assert {each.vat_rate for each in loaded.goods} == set(loaded.vat)
