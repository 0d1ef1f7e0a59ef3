"""Writes the same goods in every format, as other programs would."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import asdict
from xml.sax.saxutils import escape

import openpyxl

from app.domain.assortment import Entry, GoodsRow, Problem
from app.imports.columns import FIELDS
from app.imports.formats import Reading, rows


def read(raw: bytes, **how) -> tuple[list[GoodsRow], list[Problem]]:
    """All rows and all problems of a file."""
    found = list(rows(raw, Reading(**how)))
    goods = [each.goods for each in found if isinstance(each, Entry)]
    return goods, [each for each in found if isinstance(each, Problem)]


def words(row: GoodsRow) -> list[str]:
    """One row of a table: prices in roubles, flags as yes and no, lists with spaces."""
    return [word(name, getattr(row, name)) for name in FIELDS]


def word(name: str, value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, tuple):
        return " ".join(value)
    return f"{value // 100}.{value % 100:02d}" if name == "price" else str(value)


def as_csv(goods: list[GoodsRow], *, encoding: str = "utf-8", delimiter: str = ",") -> bytes:
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows([FIELDS, *map(words, goods)])
    return text.getvalue().encode(encoding)


def as_xlsx(goods: list[GoodsRow]) -> bytes:
    book = openpyxl.Workbook()
    for at, row in enumerate((FIELDS, *map(words, goods)), 1):
        for column, text in enumerate(row, 1):
            cell = book.active.cell(at, column)
            cell.value = text
            cell.data_type = "s"  # "=1" is a shelf here, no formula
    book.create_sheet("Notes").append(["nothing", "of", "interest"])
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def as_json(goods: list[GoodsRow]) -> bytes:
    return json.dumps([asdict(row) for row in goods], ensure_ascii=False).encode()


def element(name: str, text: str, **attributes: str) -> str:
    said = "".join(f' {key}="{escape(value)}"' for key, value in attributes.items())
    return f"<{name}{said}>{escape(text)}</{name}>"


def document(*parts: str) -> bytes:
    root = "КоммерческаяИнформация"
    return f'<?xml version="1.0" encoding="UTF-8"?><{root}>{"".join(parts)}</{root}>'.encode()


def as_commerceml(goods: list[GoodsRow]) -> bytes:
    """A zip of a catalogue and its offers."""
    articles = "".join(map(article, goods))
    catalogue = f"<Каталог><Товары>{articles}</Товары></Каталог>"
    offers = "".join(map(offer, goods))
    package = f"<ПакетПредложений><Предложения>{offers}</Предложения></ПакетПредложений>"
    return zipped({"webdata/import0_1.xml": document(catalogue),
                   "webdata/offers0_1.xml": document(package)})  # fmt: skip


def zipped(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def article(row: GoodsRow) -> str:
    unit = {None: ("796", "шт"), 1000: ("166", "кг"), 1: ("163", "г")}
    code, name = unit.get(row.unit_grams, ("", f"{row.unit_grams} г"))
    special = ("plu", "marked", "category", "temperature", "min_age", "restriction", "zone",
               "aisle", "shelf", "available", "substitutes", "photo_url")  # fmt: skip
    said = [(field, word(field, getattr(row, field))) for field in special]
    requisites = "".join(
        f"<ЗначениеРеквизита>{element('Наименование', field)}{element('Значение', value)}"
        "</ЗначениеРеквизита>"
        for field, value in said
    )
    tax = {"standard": "22", "reduced": "10", "zero": "0", "five": "5/105",
           "seven": "7%", "none": "Без налога"}[row.vat]  # fmt: skip
    return (
        f"<Товар>{element('Ид', row.sku)}"
        + "".join(element("Штрихкод", code) for code in row.barcodes)
        + element("Наименование", row.name)
        + element("БазоваяЕдиница", name, Код=code)
        + f"<СтавкиНалогов><СтавкаНалога>{element('Ставка', tax)}</СтавкаНалога></СтавкиНалогов>"
        + f"<ЗначенияРеквизитов>{requisites}</ЗначенияРеквизитов></Товар>"
    )


def offer(row: GoodsRow) -> str:
    if row.price is None:
        return ""
    price = element("ЦенаЗаЕдиницу", word("price", row.price))
    return f"<Предложение>{element('Ид', row.sku)}<Цены><Цена>{price}</Цена></Цены></Предложение>"
