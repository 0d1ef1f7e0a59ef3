"""What is wrong with a row is told with its number, and the good rows go in; hostile files end."""

from __future__ import annotations

import io
import re
import struct
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.domain.assortment import FAILURES, Flaw, ImportRefused
from app.imports.columns import FIELDS, aliases, field_of
from app.imports.digest import digest
from app.imports.formats import Format, Reading
from app.render.language import LANGUAGES, say
from tests.imports import write
from tests.imports.write import document, read, zipped

GOOD = "4690001002019"


def table(*rows: str) -> bytes:
    return "\n".join(("sku;name;barcode;vat;price;unit;min_age;temperature;marked", *rows)).encode()


ROWS = [
    (";Bread", Flaw.SKU_MISSING, True),
    ("1;Bread;4690001002018", Flaw.BARCODE_WRONG, False),
    ("1;Bread;hello", Flaw.BARCODE_WRONG, False),
    ("1;Bread;;20.5%", Flaw.VAT_UNKNOWN, True),
    ("1;Bread;;10;-1", Flaw.PRICE_NEGATIVE, True),
    ("1;Bread;;10;1.005", Flaw.PRICE_IMPOSSIBLE, True),
    ("1;Bread;;10;NaN", Flaw.PRICE_IMPOSSIBLE, True),
    ("1;Bread;;10;1e9", Flaw.PRICE_IMPOSSIBLE, True),
    ("1;Bread;;10;99999999999999", Flaw.PRICE_IMPOSSIBLE, True),
    ("1;Bread;;10;1;barrel", Flaw.UNIT_UNKNOWN, True),
    ("1;Bread;;10;1;;25", Flaw.NUMBER_IMPOSSIBLE, True),
    ("1;Bread;;10;1;;;lukewarm", Flaw.CHOICE_UNKNOWN, True),
    ("1;Bread;;10;1;;;;perhaps", Flaw.FLAG_UNKNOWN, True),
    ("1;" + "x" * 501, Flaw.TEXT_TOO_LONG, True),
    ("x" * 101 + ";Bread", Flaw.TEXT_TOO_LONG, True),
]


@pytest.mark.parametrize(("row", "flaw", "refused"), ROWS)
def test_a_flaw_is_told_with_its_row_and_the_others_go_in(row, flaw, refused):
    goods, (problem,) = read(table("0;Milk", row, "2;Tea"), format=Format.CSV)
    assert (problem.flaw, problem.row, problem.refused) == (flaw, 3, refused)
    assert [each.sku for each in goods] == (["0", "2"] if refused else ["0", "1", "2"])


def test_a_second_row_of_the_same_sku_is_refused_and_the_first_counts():
    goods, (problem,) = read(table("1;Bread", "1;Loaf"))
    assert [each.name for each in goods] == ["Bread"]
    assert (problem.flaw, problem.row) == (Flaw.SKU_TWICE, 3)


def test_a_barcode_belongs_to_the_first_goods_that_have_it_however_it_is_written():
    goods, (problem,) = read(table(f"1;Bread;{GOOD}", f"2;Loaf;0{GOOD}"))
    assert [each.barcodes for each in goods] == [(GOOD,), ()]
    assert (problem.flaw, problem.sku, problem.values["other"]) == (Flaw.BARCODE_TAKEN, "2", "1")


def test_a_row_number_is_the_line_it_begins_on_also_after_a_name_of_two_lines():
    _, (problem,) = read(table('1;"Bread\nwhite"', "2;Loaf;1"))
    assert problem.row == 4


def test_goods_are_no_substitute_for_themselves_and_a_photo_has_an_address():
    raw = b"sku,name,substitutes,photo\n1,Bread,1 2,C:\\photo.jpg"
    (bread,), problems = read(raw)
    assert (bread.substitutes, bread.photo_url) == (("2",), None)
    assert {each.flaw for each in problems} == {Flaw.SUBSTITUTE_ITSELF, Flaw.PHOTO_WRONG}


def test_a_column_nobody_knows_is_told_and_left_out():
    (bread,), (problem,) = read(b"sku,name,colour\n1,Bread,brown")
    assert bread.name == "Bread"
    assert (problem.flaw, problem.values["value"]) == (Flaw.COLUMN_UNKNOWN, "colour")


@pytest.mark.parametrize(
    ("item", "row"),
    [("5", 1), ("null", 1), ('{"sku": "1", "colour": "x"}', 1), ('{"sku": ["1"]}', 1),
     ('{"sku": "1", "price": 1.5}', 1), ('{"sku": "1", "barcodes": {"a": 1}}', 1),
     ("1" + "0" * 5000, 1)],
)  # fmt: skip
def test_json_of_another_shape_is_a_problem_of_its_item(item, row):
    goods, (problem,) = read(f'[{item}, {{"sku": "2", "name": "Tea"}}]'.encode())
    assert [each.sku for each in goods] == ["2"]
    assert (problem.row, problem.refused) == (row, True)


BOMB = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
OUTSIDE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
ROOT = "<КоммерческаяИнформация><Каталог><Товары><Товар><Ид>&b;</Ид></Товар></Товары></Каталог>"


def lying_zip() -> bytes:
    """Members that claim to unpack to more than any assortment needs."""
    raw = bytearray(zipped({"import.xml": b" " * 100}))
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = struct.pack("<I", 0xF0000000)
    return bytes(raw)


def workbook(sheet: str, strings: str = "") -> bytes:
    """A workbook of parts as they are."""
    spreadsheet = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    relations = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    return zipped({
        "xl/workbook.xml": f'<workbook {spreadsheet} xmlns:r="{relations}"><sheets>'
        '<sheet name="1" r:id="a"/></sheets></workbook>'.encode(),
        "xl/_rels/workbook.xml.rels": b'<Relationships><Relationship Id="a" '
        b'Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": sheet.encode(),
        "xl/sharedStrings.xml": f"<sst>{strings}</sst>".encode(),
    })  # fmt: skip


HOSTILE = {
    "nothing": b"",
    "only spaces": b" \n\t ",
    "no sku column": b"name,price\nBread,1",
    "a picture": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "half of a zip": write.as_commerceml([])[:60],
    "a zip of nothing": zipped({}),
    "a zip of text": zipped({"readme.txt": b"hello"}),
    "a zip that says it is huge": lying_zip(),
    "entities": (BOMB + ROOT).encode(),
    "a file from outside": (OUTSIDE + ROOT).encode(),
    "xml that stops": b"<a><b>",
    "xml of something else": b"<?xml version='1.0'?><html><body/></html>",
    "deep xml": b"<a>" * 5000,
    "an unknown encoding": b"<?xml version='1.0' encoding='klingon'?><a/>",
    "half of json": b'[{"sku": "1"',
    "json of something else": b'{"goods": []}',
    "deep json": b"[" * 100_000,
    "half of a letter in json": b'[{"sku": "\\ud800"}]',
    "windows-1251 that is none": b"sku,name\n1,\x98\xff",
    "a cell of a megabyte": b'sku,name\n1,"' + b"x" * 1_000_000 + b'"',
    "a workbook of nothing": zipped({"xl/workbook.xml": b""}),
    "a workbook without sheets": zipped({"xl/workbook.xml": b"<workbook/>",
                                         "xl/_rels/workbook.xml.rels": b"<a/>"}),
    "a workbook that leads elsewhere": zipped({
        "xl/workbook.xml": b'<workbook xmlns:r="x"><sheet r:id="a"/></workbook>',
        "xl/_rels/workbook.xml.rels": b'<r><Relationship Id="a" Target="../../etc/passwd"/></r>',
    }),
    "an empty workbook": workbook("<worksheet><sheetData/></worksheet>"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_file_is_one_sentence(name):
    with pytest.raises(ImportRefused) as refusal:
        digest(HOSTILE[name], Reading())
    assert refusal.value.text in FAILURES
    assert "\n" not in str(refusal.value)


def test_a_workbook_that_claims_a_cell_far_away_costs_nothing():
    cells = '<c r="A1" t="inlineStr"><is><t>sku</t></is></c><c r="XFD1" t="str"><v>name</v></c>'
    far = '<row r="1048576"><c r="A1048576" t="inlineStr"><is><t>1</t></is></c></row>'
    goods, problems = read(workbook(f"<sheetData><row r='1'>{cells}</row>{far}</sheetData>"))
    assert [each.sku for each in goods] == ["1"]
    assert problems == []


@pytest.mark.parametrize("index", ["7", "-1", "", "x", "99999999999999999999", "٣"])
def test_a_string_that_is_not_there_is_an_empty_cell(index):
    headers = '<row><c t="s"><v>0</v></c><c t="s"><v>1</v></c></row>'
    row = f'{headers}<row><c t="s"><v>{index}</v></c></row>'
    strings = "<si><t>sku</t></si><si><r><t>na</t></r><r><t>me</t></r><rPh><t>x</t></rPh></si>"
    goods, problems = read(workbook(f"<sheetData>{row}</sheetData>", strings))
    assert (goods, problems) == ([], [])


def test_an_encrypted_or_odd_archive_is_refused():
    file = io.BytesIO(zipped({"import.xml": document("")}))
    raw = bytearray(file.getvalue())
    raw[raw.rindex(b"PK\x01\x02") + 8] |= 1  # says it is encrypted
    with pytest.raises(ImportRefused):
        digest(bytes(raw), Reading())
    with zipfile.ZipFile(io.BytesIO(), "w"), pytest.raises(ImportRefused):
        digest(b"PK\x03\x04" + b"\0" * 100, Reading())


def ending(raw: bytes, format_: Format | None = None) -> str:
    """How reading ends; any other error fails the test."""
    try:
        digest(raw, Reading(format=format_))
    except ImportRefused as refusal:
        return refusal.text
    return "rows"


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=300), st.sampled_from([None, *Format]))
def test_any_bytes_end_as_rows_or_as_one_sentence(raw, format_):
    assert ending(raw, format_) in ("rows", *FAILURES)


#: Written once: a workbook holds the time it was made.
ARCHIVES = [write.as_commerceml([]), write.as_xlsx([])]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_a_damaged_archive_ends_as_rows_or_as_one_sentence(data):
    raw = bytearray(data.draw(st.sampled_from(ARCHIVES)))
    for _ in range(data.draw(st.integers(1, 5))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    assert ending(bytes(raw)) in ("rows", *FAILURES)


def test_a_flood_of_problems_is_counted_and_not_listed():
    found = digest(table(*(";x" for _ in range(2000))), Reading())
    assert (len(found.told.problems), found.told.untold, found.told.refused) == (500, 1500, 2000)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("text", [*Flaw, *FAILURES])
def test_every_sentence_is_there_in_both_languages(language, text):
    assert say("ru", text) != text
    assert say(language, text)


def test_no_header_means_two_columns():
    for field, others in aliases().items():
        assert all(field_of(header) == field for header in (field, *others, field.upper()))


@pytest.mark.parametrize("name", ["catalogue.md", "catalogue.ru.md"])
def test_the_documents_name_every_column_by_names_that_are_known(name):
    rows = re.findall(r"^\| `(\w+)` \| ([^|]*) \|", Path("docs", name).read_text(), re.MULTILINE)
    known = {field: others.split(", ") for field, others in rows}
    assert list(known) == list(FIELDS)
    said = [(field, other) for field, others in known.items() for other in others]
    assert all(field_of(other) == field for field, other in said if other[0].isupper())
