"""Rows of УПД 5.03: units, prices without VAT, rates, what goods are, names of any characters."""

import pytest

from app.domain.document import Kind
from app.render.upd import upd, upd_dop
from tests.render.documents import SALE, document, line
from tests.render.upd_checks import read


def rows(file):
    return read(file).findall(".//СведТов")


def test_all_rates_have_their_words():
    rates = [(22, "22%"), (20, "20%"), (18, "18%"), (10, "10%"), (7, "7%"), (5, "5%"), (0, "0%"),
             (None, "без НДС")]  # fmt: skip
    lines = [line(n, "Чай", 10000, ("any", percent)) for n, (percent, _) in enumerate(rates, 1)]
    found = rows(upd([document(Kind.SALE, 1, tuple(lines))], "ru"))
    assert [row.get("НалСт") for row in found] == [word for _, word in rates]
    vat = [row.find("СумНал")[0] for row in found]
    assert [each.text for each in vat[-2:]] == ["0.00", "без НДС"]


def test_weights_are_kilograms_and_prices_are_for_one():
    cheese = line(1, "Сыр", 8999, ("reduced", 10), grams=357, unit_grams=100)
    (row,) = rows(upd([document(Kind.SALE, 1, (cheese,))], "ru"))
    assert (row.get("ОКЕИ_Тов"), row.get("НаимЕдИзм"), row.get("КолТов")) == ("166", "кг", "0.357")
    assert row.get("ЦенаТов") == "818.06722689076"
    assert (row.get("СтТовБезНДС"), row.get("СтТовУчНал")) == ("292.05", "321.26")


def test_what_is_given_away_has_no_price_of_zero_in_an_invoice():
    gift = document(Kind.SALE, 1, (line(1, "Пакет", 0, ("standard", 22), pieces=2),))
    (row,) = rows(upd([gift], "ru"))
    assert not {"ОКЕИ_Тов", "КолТов", "ЦенаТов"} & set(row.attrib)
    assert row.find("ИнфПолФХЖ2").attrib == {"Идентиф": "Количество", "Значен": "2 шт"}
    (row,) = rows(upd_dop([gift], "ru"))
    assert (row.get("КолТов"), row.get("ЦенаТов")) == ("2", "0.00")


def test_delivery_is_a_service():
    row = rows(upd([SALE], "ru"))[-1]
    assert (row.get("НаимТов"), row.find("ДопСведТов").get("ПрТовРаб")) == ("Доставка", "3")
    alone = document(Kind.SALE, 1, (line(1, "Доставка", 100, ("standard", 22), kind="delivery"),))
    root = read(upd([alone], "ru"))
    assert root.find(".//СвПер").get("СодОпер") == "Услуги оказаны"
    assert root.find(".//ГрузОт") is None


@pytest.mark.parametrize(
    ("barcode", "gtin"),
    [
        ("4600000000015", "04600000000015"),
        ("46000000", None),  # the check digit is wrong
        ("40170725", "00000040170725"),
        ("2112345000008", None),  # a label of this shop
        ("20000011", None),
        ("0200000000004", None),
        ("٤٦٠٠٠٠٠٠٠٠٠١٥", None),
        ("", None),
    ],
)
def test_a_gtin_is_everybodys_number_or_none(barcode, gtin):
    tea = document(Kind.SALE, 1, (line(1, "Чай", 100, ("standard", 22), barcode=barcode),))
    (row,) = rows(upd([tea], "ru"))
    assert row.find("ДопСведТов").get("ГТИН") == gtin


def test_numbers_of_goods_are_whole_or_not_there():
    lines = tuple(
        line(n, "Чай", 100, ("standard", 22), sku="9" * size) for n, size in ((1, 50), (2, 51),
                                                                              (3, 101))
    )  # fmt: skip
    found = [
        row.find("ДопСведТов").attrib for row in rows(upd([document(Kind.SALE, 1, lines)], "ru"))
    ]
    assert [("АртикулТов" in each, "КодТов" in each) for each in found] == [
        (True, True), (False, True), (False, False)
    ]  # fmt: skip


def test_a_name_may_be_of_any_characters_and_is_cut_where_it_must_be():
    wild = "\u0414\u0438\u0438\u0306\n\t<&>\"' 🫘 𝔄 \x07\ufeff\u200d\ufffe\U0010ffff é"
    names = (wild, "Ж" * 2500, "\x00\x1f\u200b")
    lines = tuple(line(n, name, 100, ("standard", 22)) for n, name in enumerate(names, 1))
    file = upd([document(Kind.SALE, 1, lines)], "ru")
    found = [row.get("НаимТов") for row in rows(file)]
    assert found[0] == "Дий <&>\"' 🫘 𝔄 é"
    assert found[1] == "Ж" * 1999 + "…"
    assert found[2] == lines[2].sku
    assert b"&#129752;" in file
    file.decode("cp1251")
