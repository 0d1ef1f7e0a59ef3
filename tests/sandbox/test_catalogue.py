"""The demo assortment: right barcodes, no code twice, every kind of goods."""

from __future__ import annotations

from random import Random

import pytest

from app.sandbox import demo, shelves
from app.sandbox.barcodes import GS, marking_code, weight_label, with_check_digit
from app.sandbox.catalogue import ORDERED, PRODUCTS
from app.sandbox.kuper.positions import basket
from tests.conftest import CREDENTIALS

FROZEN = "100211"


def valid(ean: str) -> bool:
    digits = [int(sign) for sign in ean]
    return len(ean) == 13 and (sum(digits[0::2]) + 3 * sum(digits[1::2])) % 10 == 0


@pytest.mark.parametrize(
    ("plu", "grams", "label"),
    [("12345", 1500, "2112345015002"), ("01234", 1234, "2101234012345")],
)
def test_weight_labels_are_what_scales_print(plu: str, grams: int, label: str):
    assert weight_label(plu, grams) == label
    assert valid(label)


@pytest.mark.parametrize("grams", [0, -1, 100_000])
def test_a_label_cannot_say_every_weight(grams: int):
    with pytest.raises(ValueError, match="grams"):
        weight_label("12345", grams)


def test_only_twelve_digits_get_a_check_digit():
    with pytest.raises(ValueError, match="12 digits"):
        with_check_digit("46900010020x")


def test_every_barcode_is_valid_and_used_once():
    codes = [code for product in PRODUCTS for code in product.barcodes]
    assert all(valid(code) for code in codes)
    plus = [product.plu for product in PRODUCTS if product.plu]
    assert len(set(codes)) == len(codes)
    assert len(set(plus)) == len(plus)
    assert len({product.sku for product in PRODUCTS}) == len(PRODUCTS)


def test_goods_by_weight_have_a_unit_and_a_plu_and_pieces_have_barcodes():
    for product in PRODUCTS:
        weighed = product.kind == "weight"
        assert (product.unit_grams in (100, 1000)) is weighed
        assert bool(product.plu) is weighed
        assert bool(product.portion_grams) is weighed
        assert bool(product.barcodes) is not weighed
        assert product.price > 0


def test_the_demo_s_catalogue_knows_all_that_may_be_sold_and_at_which_rate():
    """Else the document of an order would be held back."""
    known = {row["sku"]: row["vat"] for row in demo.description(CREDENTIALS)["products"]}
    others = {sku for skus in shelves.SUBSTITUTES.values() for sku in skus}
    assert {product.sku for product in ORDERED} | others <= known.keys()
    assert set(known.values()) <= {"standard", "reduced", "none"}


def test_every_kind_of_goods_is_there():
    assert len(PRODUCTS) >= 60
    assert {product.vat for product in PRODUCTS} == {"standard", "reduced", "none"}
    assert {product.unit_grams for product in PRODUCTS} == {None, 100, 1000}
    assert any(product.prepacked for product in PRODUCTS)
    assert any(product.marked for product in PRODUCTS)


def test_every_article_stands_in_an_aisle_on_the_way_and_no_two_on_one_place():
    assert shelves.STANDS.keys() == {product.sku for product in PRODUCTS}
    assert {stand.aisle for stand in shelves.STANDS.values()} == set(shelves.AISLES)
    places = [(stand.aisle, stand.shelf) for stand in shelves.STANDS.values()]
    assert len(set(places)) == len(places)
    kept = {stand.temperature for stand in shelves.STANDS.values()}
    assert kept == {"ambient", "chilled", "frozen", "non_food"}
    assert shelves.STANDS[FROZEN].aisle == shelves.AISLES[-1]


def test_what_may_not_be_delivered_is_ordered_by_nobody_by_chance():
    blocked = {product.sku for product in PRODUCTS if product.blocked}
    assert len(blocked) == 2
    assert all(product.min_age == 18 for product in PRODUCTS if product.blocked)
    assert any(product.min_age for product in ORDERED)
    rng = Random(1)
    seen = {row["id"] for _ in range(300) for row in basket(rng, 0.1)}
    assert seen == {product.sku for product in ORDERED}


def test_a_marking_code_has_its_three_blocks_and_its_separator():
    code = marking_code("4690001004017", Random(1))
    identity, tail = code.split(GS)
    assert identity.startswith("0104690001004017" + "21")
    assert len(identity) == 31
    assert tail.startswith("93")
    assert len(tail) == 6
    assert code != marking_code("4690001004017", Random(2))
