"""CommerceML: valid by its schema, and what a loader of our own reads is what was written."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from uuid import uuid5

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.domain.document import Kind
from app.domain.marks import identity
from app.domain.money import roubles
from app.domain.party import Party
from app.render.commerceml import commerceml
from app.render.elements import held
from tests.render.documents import (
    ENTREPRENEUR,
    SALE,
    SPACE,
    THOUSAND,
    documents,
    line,
    text,
)
from tests.render.documents import document as document_of
from tests.render.exchange_golden import FOLDER, made
from tests.render.read_commerceml import load, valid

OPERATIONS = {
    Kind.SALE: "Отпуск товара", Kind.RETURN: "Возврат товара", Kind.CORRECTION: "Прочие",
}  # fmt: skip


def money(kopecks: int) -> Decimal:
    return Decimal(kopecks) / 100


def amount(pieces: int, grams: int | None) -> Decimal:
    return Decimal(pieces) if grams is None else Decimal(grams) / 1000


def test_the_file_is_the_one_that_was_looked_at():
    assert made()["commerceml.xml"] == (FOLDER / "commerceml.xml").read_bytes()


def test_the_language_changes_nothing_and_the_clock_neither():
    assert commerceml([SALE], "ru") == commerceml([SALE], "en") == commerceml([SALE], "ru")


@given(st.lists(documents(), max_size=4, unique_by=lambda each: each.id))
def test_a_loader_reads_the_figures_that_were_written(given_):
    for loaded, said in zip(load(valid(commerceml(given_, "ru"))), given_, strict=True):
        assert (loaded.id, loaded.number) == (str(said.id), held(said.number))
        assert (loaded.date, loaded.operation) == (said.issued_on, OPERATIONS[said.kind])
        assert loaded.currency == said.currency
        assert len(loaded.goods) == len(said.lines)
        CHECKS[said.kind](loaded, said)


def as_signed(sign, loaded, said):
    """A sale, or with its sign turned what came back."""
    assert loaded.sum == sign * money(said.total)
    assert sum(loaded.vat.values()) == sign * money(said.vat_total)
    for goods, sold in zip(loaded.goods, said.lines, strict=True):
        assert goods.quantity == sign * amount(sold.pieces, sold.grams)
        assert goods.sum == sign * money(sold.total)
        assert goods.vat == sign * money(sold.vat)
        assert goods.discount == max(Decimal(), sign * money(sold.discount))
        same_goods(goods, sold)


def as_corrected(loaded, said):
    """What is sold after it less what was sold before it is the difference that it says."""
    assert Decimal(loaded.said("СуммаИзменения")) == money(said.total)
    assert Decimal(loaded.said("СуммаНДСИзменения")) == money(said.vat_total)
    for goods, sold in zip(loaded.goods, said.lines, strict=True):
        was = sold.before
        assert goods.before("Количество") == amount(was.pieces, was.grams)
        assert goods.quantity - goods.before("Количество") == amount(sold.pieces, sold.grams)
        assert goods.before("Сумма") == money(was.total)
        assert goods.sum - goods.before("Сумма") == money(sold.total)
        assert goods.vat - goods.before("СуммаНДС") == money(sold.vat)
        same_goods(goods, sold)


def same_goods(goods, sold):
    assert goods.article == held(sold.sku)
    assert goods.name == held(sold.name)
    assert goods.barcode == (sold.barcode or "")
    assert goods.unit == ("796" if sold.grams is None else "166")
    assert goods.vat_rate == ("Без НДС" if sold.vat_percent is None else str(sold.vat_percent))
    marks = "КодыМаркировкиСняты" if sold.before else "КодыМаркировки"
    assert goods.requisites.get(marks, []) == [identity(code) for code in sold.marks]
    assert "\x1d" not in str(goods)
    assert goods.requisites["ТипНоменклатуры"] == ["Товар" if sold.kind == "goods" else "Услуга"]
    same_price(goods, sold)


def same_price(goods, sold):
    """For a piece or a kilogram; when that is not whole kopecks it is near, and the price that was
    is said with its weight."""
    if sold.grams is None:
        assert goods.price == money(sold.price)
    elif "ЦенаЗаВес" not in goods.requisites:
        assert goods.price * sold.unit_grams == money(sold.price) * 1000
    else:
        assert abs(goods.price * sold.unit_grams - money(sold.price) * 1000) <= (
            Decimal("0.005") * sold.unit_grams
        )
        assert goods.requisites["ЦенаЗаВес"] == [roubles(sold.price)]
        assert Decimal(goods.requisites["ВесЦены"][0]) * 1000 == sold.unit_grams


CHECKS = {
    Kind.SALE: lambda loaded, said: as_signed(1, loaded, said),
    Kind.RETURN: lambda loaded, said: as_signed(-1, loaded, said),
    Kind.CORRECTION: as_corrected,
}


@given(documents(Kind.SALE, Kind.CORRECTION))
def test_price_times_quantity_less_the_discount_of_the_order_is_the_sum(said):
    (loaded,) = load(commerceml([said], "ru"))
    for goods in loaded.goods:
        dearer = goods.sum > goods.counted  # a marketplace may round up as it likes
        if "ЦенаЗаВес" not in goods.requisites and not dearer:
            assert goods.counted == goods.sum


@given(documents())
def test_both_sides_the_shop_and_the_order_are_named(said):
    (loaded,) = load(valid(commerceml([said], "ru")))
    seller, buyer = loaded.sides["Продавец"], loaded.sides["Покупатель"]
    assert (seller.name, seller.inn) == (held(said.seller.legal_name), said.seller.inn)
    assert (seller.kpp, seller.address) == (said.seller.kpp, held(said.seller.address))
    assert (buyer.name, buyer.inn) == (held(said.buyer.legal_name), said.buyer.inn)
    assert loaded.warehouse == held(said.store_name)
    assert loaded.said("Номер заказа") == held(said.order_number)
    assert loaded.said("Номер заказа на площадке") == held(said.order_external_id)
    assert loaded.said("Площадка") == said.account
    assert loaded.said("Основание") == (str(said.base.id) if said.base else "")


@given(documents(named=False))
def test_what_nobody_said_of_a_party_is_left_out_and_the_file_is_valid(said):
    (loaded,) = load(valid(commerceml([said], "ru")))
    if said.buyer == Party():
        assert loaded.sides["Покупатель"].name == said.account
    if said.seller == Party():
        assert loaded.sides["Продавец"].name == held(said.merchant)


@given(text | st.text(min_size=1))
def test_any_text_at_all_is_a_name_in_a_valid_file(name):
    said = replace(SALE, lines=(replace(SALE.lines[0], name=name, sku=name),))
    (loaded,) = load(valid(commerceml([said], "ru")))
    assert set(loaded.goods[0].name) <= set(name) | {" ", "\ufffd"}
    if all(0x20 <= ord(c) <= 0xD7FF or 0xE000 <= ord(c) <= 0xFFFD or ord(c) > 0xFFFF for c in name):
        assert loaded.goods[0].name == loaded.goods[0].article == name


def test_planes_of_unicode_come_back_as_they_went_and_what_xml_cannot_hold_is_seen():
    name = "Чай\u00a0«𝔄» 🫖 ☕\ufe0f\u200d 茶 \x00\x07\ufffe\ud800 &<>\"'"
    said = replace(SALE, lines=(replace(SALE.lines[0], name=name),))
    (loaded,) = load(valid(commerceml([said], "ru")))
    assert (
        loaded.goods[0].name == "Чай\u00a0«𝔄» 🫖 ☕\ufe0f\u200d 茶 \ufffd\ufffd\ufffd\ufffd &<>\"'"
    )


def test_a_thousand_lines_and_many_documents_are_one_valid_file():
    many = [replace(SALE, id=uuid5(SPACE, f"many {n}")) for n in range(50)]
    loaded = load(valid(commerceml([THOUSAND, *many], "ru")))
    assert [len(each.goods) for each in loaded] == [1000] + [6] * 50
    assert loaded[0].sum == money(THOUSAND.total)


def test_no_documents_are_a_valid_file_too():
    assert load(valid(commerceml([], "ru"))) == []


def test_a_sale_of_which_nothing_was_left_has_no_goods():
    (loaded,) = load(valid(commerceml([replace(SALE, lines=(), total=0, vat_total=0)], "ru")))
    assert (loaded.sum, loaded.goods, loaded.vat) == (Decimal(), [], {})


def test_the_hour_is_the_stores_and_the_day_the_documents():
    moment = datetime.fromisoformat("2026-03-14T22:30:00+00:00")  # half past eight in Vladivostok
    there = replace(SALE, occurred_at=moment, timezone="Asia/Vladivostok")
    days = {date(2026, 3, 14): "23:59:59", date(2026, 3, 15): "08:30:00",
            date(2026, 3, 16): "00:00:00"}  # fmt: skip
    for day, time_ in days.items():
        (loaded,) = load(commerceml([replace(there, issued_on=day)], "ru"))
        assert (loaded.date, loaded.time.isoformat()) == (day, time_)


def test_goods_for_nothing_are_sold_for_nothing():
    free = line(1, "Пробник", 0, ("standard", 22), pieces=2, list_price=5000)
    (loaded,) = load(valid(commerceml([document_of(Kind.SALE, 9, (free,))], "ru")))
    assert (loaded.goods[0].price, loaded.sum, loaded.discount) == (0, 0, Decimal(100))


def test_a_person_in_business_has_twelve_digits_and_no_kpp():
    (loaded,) = load(valid(commerceml([replace(SALE, seller=ENTREPRENEUR)], "ru")))
    assert (loaded.sides["Продавец"].inn, loaded.sides["Продавец"].kpp) == ("770123456703", "")


@pytest.mark.parametrize("lengths", [(81, 82), (200, 200)])
def test_skus_too_long_for_an_id_stay_different_and_whole_as_article_numbers(lengths):
    skus = ["Я" * lengths[0] + "1", "Я" * lengths[1] + "2"]
    lines = tuple(replace(SALE.lines[0], sku=sku, position=n) for n, sku in enumerate(skus, 1))
    (loaded,) = load(valid(commerceml([document_of(Kind.SALE, 8, lines)], "ru")))
    assert len({goods.id for goods in loaded.goods}) == 2
    assert [goods.article for goods in loaded.goods] == skus
