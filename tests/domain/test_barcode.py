"""What a scanned code says: goods, in-store labels, messages, marks, bags, places, people."""

from datetime import date

import pytest
from biip.upc import Upc
from hypothesis import assume, example, given
from hypothesis import strategies as st

from app.domain.barcode import (
    BAG_PREFIX,
    GS,
    Kind,
    Scanned,
    check_digit,
    misread,
    must_read,
    read,
)
from app.domain.gs1 import SUBSTITUTES, gtins
from app.domain.label import Labelled, read_label
from app.domain.refusals import Code, Refused
from app.domain.shop import LABELS, Label

GTIN = "4690003009016"
MARK = f"010{GTIN}215abcdeF{GS}93x7z="


def closed(body: str) -> str:
    return body + str(check_digit(body))


@pytest.mark.parametrize(
    "code",
    ["2112345015002", "2101234012345", "2200456008751", "2000001003565", "2500010000017",
     "4600000000008", "96385074", "036000291452", "10614141000415"],
)  # fmt: skip
def test_the_check_digit_of_a_right_code_is_its_last(code):
    assert check_digit(code[:-1]) == int(code[-1])


@pytest.mark.parametrize(
    ("raw", "gtin"),
    [
        ("4600000000008", "4600000000008"),
        (" 4600000000008\r\n", "4600000000008"),
        ("04600000000008", "4600000000008"),
        ("036000291452", "36000291452"),
        ("96385074", "96385074"),
        ("10614141000415", "10614141000415"),
        ("]E04600000000008", "4600000000008"),
        ("]E496385074", "96385074"),
        ("]E3460000000000812345", "4600000000008"),
        ("]I110614141000415", "10614141000415"),
    ],
)
def test_goods_are_read_with_or_without_leading_zeros_and_symbology(raw, gtin):
    assert read(raw) == Scanned(gtin=gtin)


@pytest.mark.parametrize(
    ("short", "long"),
    [("04252614", "042100005264"), ("01234565", "012345000065"), ("01234531", "012300000451")],
)
def test_a_upc_e_is_short_for_a_upc_a(short, long):
    found = read(short)
    assert long.lstrip("0") in (found.gtin, found.also)
    assert long in found.spellings()


@given(st.from_regex(r"[01][0-9]{6}", fullmatch=True))
def test_a_upc_e_is_what_another_reader_makes_of_it(seven):
    long = Upc.parse(seven).as_upc_a()
    assume(long.strip("0"))
    assert long.lstrip("0") in gtins(seven + long[-1])


def test_eight_digits_may_be_two_codes_at_once():
    twice = [found for n in range(10**6) if len(found := gtins(f"0{n:06d}5")) == 2]
    assert twice
    short, long = twice[0]
    assert read(short.zfill(8)) == Scanned(gtin=short, also=long)


def test_a_catalogue_may_write_a_gtin_with_any_number_of_zeros():
    spelled = read("036000291452").spellings()
    assert set(spelled) >= {"36000291452", "036000291452", "0036000291452", "00036000291452"}
    assert Scanned(plu="1").spellings() == []


@pytest.mark.parametrize(
    "raw",
    ["", " ", "x", "(", "460000000000", "4600000000009", "21123450150021", "46000000000081",
     "4600000000008x", "४६०००००००००८", "01046900030090", "010469000300901793x7z", "\x00" * 13,
     "0" * 300, "0" * 8, "0" * 13, "https://example.test/4600000000008", f"010{GTIN[:-1]}1211ab",
     "01" + "0" * 14 + "21ab", "B-", "L-", "BADGE-", "]C1", "]d2" + GS, "2112345015003", "(01)",
     "(01)04690003009015(21)a", "3103001425", "]C13103001425"],
)  # fmt: skip
def test_what_is_no_code_of_ours_is_not_guessed_at(raw):
    assert read(raw) is None


@pytest.mark.parametrize(
    ("raw", "is_misread"),
    [("4600000000009", True), ("2112345015003", True), ("]E04600000000009", True),
     ("4600000000008", False), ("12345", False), ("nonsense", False), ("9" * 20, False)],
)  # fmt: skip
def test_a_wrong_check_digit_is_told_from_a_strange_text(raw, is_misread):
    assert misread(raw) is is_misread


@pytest.mark.parametrize("raw", ["4600000000009", "nonsense", "B-1", "BADGE-1001"])
def test_who_needs_a_code_of_goods_is_refused_without_one(raw):
    with pytest.raises(Refused) as refused:
        must_read(raw)
    assert refused.value.code is Code.INVALID_BARCODE
    assert must_read("96385074").gtin == "96385074"


# In-store labels.


@pytest.mark.parametrize(
    ("raw", "plu", "grams"),
    [("2112345015002", "12345", 1500), ("2101234012345", "01234", 1234),
     ("]E02112345015002", "12345", 1500)],
)  # fmt: skip
def test_an_in_store_label_says_what_and_how_much(raw, plu, grams):
    assert read(raw) == Scanned(plu=plu, grams=grams, gtin=raw[-13:])


@pytest.mark.parametrize("raw", ["2200456008751", "2000001003565", "2500010000017"])
def test_prefixes_the_shop_does_not_name_are_goods_like_any_other(raw):
    assert read(raw) == Scanned(gtin=raw)


SHOP = (
    Label("21", (2, 7), (7, 12)),
    Label("22", (2, 7), (7, 12)),
    Label("23", (2, 7), (7, 12), "price"),
    Label("24", (2, 7), (7, 12), "price", multiplier=100),
    Label("25", (2, 7), (7, 12), "count", divisor=1000),
    Label("02", (7, 12), (2, 7)),
    Label("26", (0, 7), (7, 12), multiplier=10),
    Label("27", (2, 8), (8, 18), "weight", 1000, 18, check_digit=False),
    Label("2", (1, 7), (7, 12), "count"),
)


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        ("2200456008751", Labelled("00456", grams=875)),
        (closed("230012312345"), Labelled("00123", kopecks=12345)),
        (closed("240012300129"), Labelled("00123", kopecks=12900)),
        (closed("250001003000"), Labelled("00010", pieces=3)),
        (closed("020120001234"), Labelled("01234", grams=1200)),
        (closed("261234500120"), Labelled("2612345", grams=1200)),
        ("271234560001500499", Labelled("123456", grams=1500)),
        (closed("281234500007"), Labelled("812345", pieces=7)),
        (closed("211234500000"), Labelled("12345")),
        (closed("250001000000"), Labelled("00010")),
        ("2112345015003", None),
        ("4600000000008", None),
        ("271234560001500", None),
    ],
)
def test_a_shop_s_own_table_says_how_its_labels_are_read(raw, found):
    assert read_label(raw, SHOP) == found


def test_the_first_row_that_fits_wins():
    rows = (Label("211", (3, 7), (7, 12), "count"), *LABELS)
    assert read("2112345015002", rows).pieces == 1500
    assert read("2112345015002", rows[::-1]).grams == 1500
    assert read("2101234012345", rows).grams == 1234


@pytest.mark.parametrize(
    "row",
    [Label("", (2, 7), (7, 12)), Label("21", (7, 2), (7, 12)), Label("21", (-5, 7), (7, 12)),
     Label("21", (2, 7), (7, 99)), Label("21", (2, 7), (7, 13)), Label("21", (2, 7), (7, 7)),
     Label("21", (2, 7), (7, 12), divisor=0), Label("21", (2, 7), (7, 12), divisor=-1),
     Label("21", (2, 7), (7, 12), multiplier=0), Label("2x", (2, 7), (7, 12)),
     Label("21", (2, 7), (7, 12), length=0), Label("21", (2, 7), (7, 12), length=-3)],
)  # fmt: skip
def test_a_row_that_makes_no_sense_reads_nothing_and_hides_nothing(row):
    assert read("2112345015002", (row,)) == Scanned(gtin="2112345015002")
    assert read("2112345015002", (row, *LABELS)).grams == 1500


@st.composite
def rows(draw):
    """A row of the table as the database lets it be."""
    prefix = draw(st.from_regex(r"[0-9]{1,4}", fullmatch=True))
    proven = draw(st.booleans())
    item, value = draw(st.integers(1, 9)), draw(st.integers(1, 9))
    spare = draw(st.integers(0, 3))
    length = max(8, len(prefix) + item + value + spare + proven)
    first = len(prefix) + draw(st.integers(0, spare))
    spans = [(first, first + item), (first + item, first + item + value)]
    if draw(st.booleans()):
        spans = [(first + value, first + value + item), (first, first + value)]
    kind = draw(st.sampled_from(["weight", "price", "count"]))
    return Label(prefix, *spans, kind, draw(st.sampled_from([1, 10, 1000])), length, proven,
                 draw(st.sampled_from([1, 10, 100])))  # fmt: skip


def printed(row: Label, item: int, value: int) -> str:
    """The label a scale prints by a row."""
    body = list(row.prefix.ljust(row.length - row.check_digit, "0"))
    for (start, end), number in ((row.item, item), (row.value_at, value)):
        body[start:end] = f"{number:0{end - start}d}"
    text = "".join(body)
    return closed(text) if row.check_digit else text


@given(st.data(), rows())
def test_what_a_scale_prints_by_the_table_is_read_back(data, row):
    wide = {span: 10 ** (span[1] - span[0]) - 1 for span in (row.item, row.value_at)}
    item = data.draw(st.integers(0, wide[row.item]))
    value = data.draw(st.integers(0, wide[row.value_at]))
    found = read(printed(row, item, value), (row,))
    assert int(found.plu) == item
    assert len(found.plu) == row.item[1] - row.item[0]
    amount = {"weight": found.grams, "price": found.kopecks, "count": found.pieces}.pop(row.value)
    exact = value * row.multiplier / row.divisor
    assert abs((amount or 0) - exact) <= 0.5
    assert [found.grams, found.kopecks, found.pieces].count(None) >= 2


# GS1 messages and product marks.


@pytest.mark.parametrize(
    ("raw", "found"),
    [
        (f"010{GTIN}3103001425", Scanned(gtin=GTIN, grams=1425)),
        (f"]C1010{GTIN}3103001425", Scanned(gtin=GTIN, grams=1425)),
        (f"]C1010{GTIN}310300142510ABC", Scanned(gtin=GTIN, grams=1425)),
        (f"010{GTIN}3102000142", Scanned(gtin=GTIN, grams=1420)),
        (f"010{GTIN}3100000002", Scanned(gtin=GTIN, grams=2000)),
        (f"010{GTIN}3105012345", Scanned(gtin=GTIN, grams=123)),
        (f"010{GTIN}3202000100", Scanned(gtin=GTIN, grams=454)),
        (f"010{GTIN}392212345", Scanned(gtin=GTIN, kopecks=12345)),
        (f"010{GTIN}392012", Scanned(gtin=GTIN, kopecks=1200)),
        (f"010{GTIN}393264312345", Scanned(gtin=GTIN, kopecks=12345)),
        (f"010{GTIN}393297812345", Scanned(gtin=GTIN)),
        (f"010{GTIN}3012", Scanned(gtin=GTIN, pieces=12)),
        (f"020{GTIN}3724", Scanned(gtin=GTIN, pieces=24)),
        (f"010{GTIN}17261231", Scanned(gtin=GTIN, expires=date(2026, 12, 31))),
        (f"010{GTIN}17260200", Scanned(gtin=GTIN, expires=date(2026, 2, 28))),
        (f"010{GTIN}17260230", Scanned(gtin=GTIN)),
        (f"010{GTIN}10LOT{GS}3103001425", Scanned(gtin=GTIN, grams=1425)),
        (f"010{GTIN}3103000000", Scanned(gtin=GTIN)),
        (f"(01)0{GTIN}(3103)001425(10)ABC", Scanned(gtin=GTIN, grams=1425)),
        (f"]e0010{GTIN}3103001425", Scanned(gtin=GTIN, grams=1425)),
    ],
)
def test_a_message_says_what_how_much_and_until_when(raw, found):
    assert read(raw) == found


@pytest.mark.parametrize("prefix", ["", "]d2", GS, "]d2" + GS, "]C1", "]Q3", "]d1", " "])
def test_a_mark_keeps_its_separators_and_names_its_goods(prefix):
    assert read(prefix + MARK) == Scanned(gtin=GTIN, mark=MARK)


@pytest.mark.parametrize("stand_in", SUBSTITUTES)
def test_a_separator_that_came_as_something_else_is_a_separator_again(stand_in):
    assert read(MARK.replace(GS, stand_in)) == Scanned(gtin=GTIN, mark=MARK)
    assert read(stand_in + MARK + stand_in) == Scanned(gtin=GTIN, mark=MARK)


def test_a_mark_of_dairy_by_weight_says_its_grams_too():
    raw = f"010{GTIN}215abcdeF{GS}3103001425{GS}93x7z="
    assert read(raw) == Scanned(gtin=GTIN, grams=1425, mark=raw)


def test_a_long_mark_without_its_separators_still_names_its_goods():
    lost = f"010{GTIN}21" + "a" * 13 + "91EE06" + "92" + "b" * 44
    assert read(lost) == Scanned(gtin=GTIN, mark=lost)


def test_a_mark_typed_with_brackets_is_the_mark():
    assert read(f"(01)0{GTIN}(21)5abcdeF(93)x7z=") == Scanned(gtin=GTIN, mark=MARK)


# What is printed by the hub itself.


@pytest.mark.parametrize(
    ("raw", "kind", "code"),
    [
        ("B-0A1B2C3D-1", Kind.BAG, "B-0A1B2C3D-1"),
        (" B-0A1B2C3D-1\r\n", Kind.BAG, "B-0A1B2C3D-1"),
        ("И-0Ф1И2С3В-1", Kind.BAG, "B-0A1B2C3D-1"),
        ("и-0ф1и2с3в-1", Kind.BAG, "B-0A1B2C3D-1"),
        ("L-A12", Kind.PLACE, "L-A12"),
        ("Д-Ф12", Kind.PLACE, "L-A12"),
        ("BADGE-1001", Kind.PERSON, "1001"),
        ("ИФВПУ-1001", Kind.PERSON, "1001"),
    ],
)
def test_bags_places_and_badges_have_prefixes_of_their_own(raw, kind, code):
    assert read(raw) == Scanned(kind, code=code)


def test_bags_begin_with_what_their_labels_begin_with():
    assert BAG_PREFIX == "B-"


# Whatever comes.

JUNK = st.text(max_size=60)
NEARLY = st.from_regex(r"[0-9\x1d()\]~{}|A-Za-z]{1,60}", fullmatch=True)
ELEMENTS = st.lists(
    st.tuples(
        st.sampled_from(["00", "01", f"010{GTIN}", "02", "17", "21", "30", "3103", "3109", "320",
                         "3922", "3932", "37", "91", "92", "93", "8008", "]C1", "(01)", "~"]),
        st.text("0123456789ab\x1d(²४", max_size=20),
    ).map("".join),
    max_size=4,
).map("".join)  # fmt: skip
#: Half of them begin as goods do, or none would come past the GTIN.
MESSAGES = st.tuples(st.sampled_from(["", f"010{GTIN}"]), ELEMENTS).map("".join)


@given(JUNK | NEARLY | MESSAGES, st.lists(rows(), max_size=3))
@example("]", [])
@example("]C1" + "9" * 250, [])
@example(f"010{GTIN}30", [])
@example(f"010{GTIN}3000000000", [])
def test_any_text_at_all_is_read_or_not_but_never_breaks(raw, labels):
    found = read(raw, (*labels, *LABELS))
    misread(raw, labels)
    if found is not None:
        assert found.gtin or found.plu or found.code
        assert all(
            amount is None or amount > 0 for amount in (found.grams, found.kopecks, found.pieces)
        )


@given(st.integers(0, 10**12 - 1))
def test_one_wrong_digit_is_always_noticed(number):
    body = f"{number:012d}"
    right = check_digit(body)
    assert all(read(f"{body}{digit}") is None for digit in range(10) if digit != right)
