"""EnterpriseData: valid by its schema, and what a reader finds in it is what was written."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from uuid import UUID, uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from app.domain.document import Document, Kind
from app.domain.marks import identity
from app.domain.party import Party
from app.errors import Unprintable
from app.render.elements import held
from app.render.enterprise import enterprise
from tests.render.documents import (
    CORRECTION,
    ENTREPRENEUR,
    RETURN,
    SALE,
    SPACE,
    THOUSAND,
    document,
    documents,
    line,
    text,
)
from tests.render.exchange_golden import FOLDER, made
from tests.render.read_enterprise import figure, read, rows, said

ELEMENTS = {
    Kind.SALE: "Документ.РеализацияТоваровУслуг",
    Kind.RETURN: "Документ.ВозвратТоваровОтПокупателя",
    Kind.CORRECTION: "Документ.КорректировкаРеализацииТоваров",
}


def lines_with_rows(node: etree._Element, of: Document):
    """Each line with the row that tells it; services have their own table, but not in returns."""
    apart = of.kind is not Kind.RETURN
    goods = [each for each in of.lines if each.kind == "goods" or not apart]
    services = [each for each in of.lines if each.kind != "goods" and apart]
    pairs = zip(goods, rows(node, "Товары"), strict=True)
    return [*pairs, *zip(services, rows(node, "Услуги"), strict=True)]


def money(kopecks: int) -> Decimal:
    return Decimal(kopecks) / 100


def amount(pieces: int, grams: int | None) -> Decimal:
    return Decimal(pieces) if grams is None else Decimal(grams) / 1000


def test_the_file_is_the_one_that_was_looked_at():
    assert made()["enterprise.xml"] == (FOLDER / "enterprise.xml").read_bytes()


@given(st.lists(documents(), max_size=3))
def test_a_message_has_every_document_with_its_figures(given_):
    for node, one in zip(read(enterprise(given_, "ru")), given_, strict=True):
        assert etree.QName(node).localname == ELEMENTS[one.kind]
        assert UUID(said(node, "КлючевыеСвойства", "Ссылка")) == one.id
        assert said(node, "КлючевыеСвойства", "Номер") == held(one.number)
        assert said(node, "КлючевыеСвойства", "Дата").startswith(one.issued_on.isoformat())
        for sold, row in lines_with_rows(node, one):
            CHECKS[one.kind](sold, row)
        assert figure(node, "Сумма") == sum(
            (figure(row, "Сумма") for _, row in lines_with_rows(node, one)), Decimal()
        )


def as_signed(sign, sold, row):
    assert figure(row, "Количество") == sign * amount(sold.pieces, sold.grams)
    assert figure(row, "Сумма") == sign * money(sold.total)
    assert figure(row, "СуммаНДС") == sign * money(sold.vat)
    same_rate(sold, row)


def as_corrected(sold, row):
    was = sold.before
    for word in ("Изменения", "Корректировки"):
        assert figure(row, f"КоличествоДо{word}") == amount(was.pieces, was.grams)
        assert figure(row, f"СуммаДо{word}") == money(was.total)
        assert figure(row, f"СуммаНДСДо{word}") == money(was.vat)
    assert figure(row, "Количество") - figure(row, "КоличествоДоИзменения") == amount(
        sold.pieces, sold.grams
    )
    assert figure(row, "Сумма") - figure(row, "СуммаДоИзменения") == money(sold.total)
    assert figure(row, "СуммаНДС") - figure(row, "СуммаНДСДоИзменения") == money(sold.vat)
    same_rate(sold, row)


def same_rate(sold, row):
    assert figure(row, "СтавкаНДС", "Ставка") == (sold.vat_percent or 0)
    free = said(row, "СтавкаНДС", "НеОблагается") == "true"
    assert free is (sold.vat_percent is None)
    assert (said(row, "СтавкаНДС", "ВидСтавки") == "БезНДС") is free


CHECKS = {
    Kind.SALE: lambda sold, row: as_signed(1, sold, row),
    Kind.RETURN: lambda sold, row: as_signed(-1, sold, row),
    Kind.CORRECTION: as_corrected,
}


@given(documents(Kind.SALE, Kind.RETURN))
def test_marks_are_told_without_their_crypto_tail(one):
    (node,) = read(enterprise([one], "ru"))
    told = [said(row, "НомерАкцизнойМарки") for row in rows(node, "АкцизныеМарки")]
    assert told == [identity(code) for sold in one.lines for code in sold.marks]


@given(documents(Kind.SALE))
def test_a_price_times_its_quantity_less_the_discount_is_the_sum(one):
    (node,) = read(enterprise([one], "ru"))
    for sold, row in lines_with_rows(node, one):
        off = Decimal(said(row, "СуммаСкидки") or 0)
        assert off <= money(sold.discount)
        if sold.grams is None and sold.kind == "goods" and sold.total <= sold.price * sold.pieces:
            assert figure(row, "Цена") * sold.pieces - off == figure(row, "Сумма")
        if off:
            assert figure(row, "СуммаСУчетомСкидки") == figure(row, "Сумма")


def test_a_later_document_names_the_sale_it_is_about():
    for one in (RETURN, CORRECTION):
        (node,) = read(enterprise([one], "ru"))
        key = ("ДокументРеализации", "РеализацияТоваровУслугСсылка")
        assert UUID(said(node, *key, "Ссылка")) == SALE.id
        assert said(node, *key, "Номер") == SALE.number


@pytest.mark.parametrize(
    ("party", "missing"),
    [
        (Party(), ("buyer.legal_name", "buyer.inn")),
        (Party(legal_name=" ", inn="7709876545"), ("buyer.legal_name",)),
        (Party(legal_name="ООО", inn="77098765"), ("buyer.inn",)),
        (Party(legal_name="ООО", inn="77098765٤٥"), ("buyer.inn",)),
    ],
)
def test_nothing_is_written_while_a_side_has_no_name_or_no_inn(party, missing):
    with pytest.raises(Unprintable) as refused:
        enterprise([SALE, replace(RETURN, buyer=party), replace(SALE, buyer=party)], "ru")
    assert (refused.value.problem, refused.value.missing) == ("requisites", missing)


def test_both_sides_may_be_what_is_wrong():
    with pytest.raises(Unprintable) as refused:
        enterprise([replace(SALE, seller=Party(), buyer=Party())], "ru")
    assert refused.value.missing == (
        "seller.legal_name", "seller.inn", "buyer.legal_name", "buyer.inn",
    )  # fmt: skip


def test_a_key_of_the_erp_that_is_a_reference_is_one_and_any_other_is_not():
    key = uuid5(SPACE, "1C")
    (node,) = read(enterprise([replace(SALE, buyer=replace(SALE.buyer, key=str(key)))], "ru"))
    assert UUID(said(node, "Контрагент", "Ссылка")) == key
    assert said(node, "КлючевыеСвойства", "Организация", "Ссылка") == ""


def test_a_person_in_business_is_a_person():
    (node,) = read(enterprise([replace(SALE, seller=ENTREPRENEUR)], "ru"))
    key = ("КлючевыеСвойства", "Организация")
    assert said(node, *key, "ЮридическоеФизическоеЛицо") == "ФизическоеЛицо"
    assert said(node, *key, "КПП") == ""


@pytest.mark.parametrize(
    ("date", "told"), [("2025-11-01", "2025-11-01"), ("01.11.2025", "2025-11-01"), ("ноябрь", "")]
)
def test_the_date_of_a_contract_is_told_when_it_is_a_date(date, told):
    buyer = replace(SALE.buyer, contract_date=date)
    (node,) = read(enterprise([replace(SALE, buyer=buyer)], "ru"))
    assert said(node, "ДанныеВзаиморасчетов", "Договор", "Дата") == told


def test_sales_without_vat_are_not_taxed():
    free = document(Kind.SALE, 9, (line(1, "Мёд", 45000, ("none", None)),))
    (node,) = read(enterprise([free], "ru"))
    assert said(node, "Налогообложение") == "ПродажаНеОблагаетсяНДС"


@given(text | st.text(min_size=1))
def test_any_text_at_all_is_a_name_in_a_valid_message(name):
    one = replace(SALE, lines=(replace(SALE.lines[0], name=name, sku=name),))
    (node,) = read(enterprise([one], "ru"))
    assert held(name) == said(
        rows(node, "Товары")[0], "ДанныеНоменклатуры", "Номенклатура", "Артикул"
    )


def test_a_thousand_lines_nothing_at_all_and_an_empty_sale_are_valid_messages():
    empty = replace(SALE, lines=(), total=0, vat_total=0)
    big, none = read(enterprise([THOUSAND, empty], "ru"))
    assert (len(rows(big, "Товары")), figure(big, "Сумма")) == (1000, money(THOUSAND.total))
    assert (rows(none, "Товары"), figure(none, "Сумма")) == ([], 0)
    assert read(enterprise([], "ru")) == []
