"""Headers and words of the files that chains have, in Russian and English: tables only."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import fields
from typing import Final

from app.domain.assortment import GoodsRow

FIELDS: Final = tuple(each.name for each in fields(GoodsRow))

#: Every field is also known by its own name.
_ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "sku": ("артикул", "код", "код товара", "код номенклатуры", "ид", "id", "article", "item code"),
    "name": ("наименование", "название", "товар", "номенклатура", "наименование товара", "title",
             "product", "product name", "полное наименование"),
    "unit": ("единица", "ед", "ед изм", "единица измерения", "базовая единица", "uom", "measure"),
    "unit_grams": ("граммов в единице", "вес единицы", "вес единицы г", "граммов", "grams"),
    "barcodes": ("штрихкод", "штрихкоды", "штрих код", "штрих коды", "шк", "barcode", "ean",
                 "ean13", "ean 13", "gtin"),
    "plu": ("плу", "код весового товара", "код весов", "номер весового товара", "plu code"),
    "vat": ("ндс", "ставка ндс", "ставканалога", "ставка налога", "налог", "vat rate", "tax"),
    "marked": ("маркировка", "маркируемый", "честный знак", "маркированный", "подлежит маркировке",
               "mark", "marking"),
    "category": ("категория", "группа", "группа товаров", "раздел", "отдел", "group"),
    "temperature": ("температура", "температурный режим", "режим хранения", "условия хранения",
                    "storage"),
    "min_age": ("возраст", "минимальный возраст", "возрастное ограничение", "с какого возраста",
                "age", "minimum age"),
    "restriction": ("ограничение", "запрет", "ограничение продажи", "ограничения"),
    "photo_url": ("фото", "картинка", "изображение", "ссылка на фото", "photo", "image",
                  "image url", "picture"),
    "price": ("цена", "цена руб", "розничная цена", "цена продажи", "стоимость", "retail price"),
    "zone": ("зона", "зона сборки", "зал"),
    "aisle": ("ряд", "аллея", "проход", "линия"),
    "shelf": ("полка", "место", "место на полке", "ячейка", "стеллаж", "place", "location"),
    "available": ("наличие", "в наличии", "доступен", "доступность", "in stock", "availability"),
    "substitutes": ("замены", "замена", "аналоги", "аналог", "чем заменить", "substitute",
                    "replacements"),
}  # fmt: skip

VATS: Final[Mapping[str, str]] = {
    **dict.fromkeys(("standard", "22", "20", "18", "0.22", "0.2", "0.20", "основная",
                     "общая", "20/120", "22/122"), "standard"),
    **dict.fromkeys(("reduced", "10", "0.1", "0.10", "пониженная", "льготная", "10/110"),
                    "reduced"),
    **dict.fromkeys(("five", "5", "0.05", "5/105"), "five"),
    **dict.fromkeys(("seven", "7", "0.07", "7/107"), "seven"),
    **dict.fromkeys(("zero", "0", "нулевая"), "zero"),
    **dict.fromkeys(("none", "без ндс", "без налога", "не облагается", "нет", "no vat", "exempt",
                     "without vat", "-"), "none"),
    **dict.fromkeys(("unknown", "неизвестна", "не указана"), "unknown"),
}  # fmt: skip

#: What a unit is sold by, and grams for those sold by weight; numbers are codes of ОКЕИ.
UNITS: Final[Mapping[str, tuple[str, int | None]]] = {
    **dict.fromkeys(("piece", "шт", "штука", "штук", "штуки", "796", "pcs", "pc", "pieces", "each",
                     "ea", "уп", "упак", "упаковка", "778", "пач", "пачка", "728", "бут", "бутылка",
                     "868", "бан", "банка", "кор", "коробка", "пак", "пакет", "набор", "компл",
                     "комплект", "рул", "рулон", "pack", "л", "112", "пар", "пара"),
                    ("piece", None)),
    **dict.fromkeys(("weight", "кг", "килограмм", "166", "kg", "1 kg", "1 кг", "kilogram"),
                    ("weight", 1000)),
    **dict.fromkeys(("100 g", "100 г", "100г", "100g", "100 гр"), ("weight", 100)),
    **dict.fromkeys(("g", "г", "гр", "грамм", "163", "gram"), ("weight", 1)),
}  # fmt: skip

FLAGS: Final[Mapping[str, bool]] = {
    **dict.fromkeys(("1", "true", "yes", "y", "x", "+", "да", "истина", "д", "есть"), True),
    **dict.fromkeys(("0", "false", "no", "n", "-", "нет", "ложь", "н", ""), False),
}

CHOICES: Final[Mapping[str, Mapping[str, str]]] = {
    "temperature": {
        **dict.fromkeys(("ambient", "", "dry", "сухой", "сухое", "обычный", "обычная",
                         "комнатная", "комнатный"), "ambient"),
        **dict.fromkeys(("chilled", "fridge", "cold", "холод", "охлаждённый", "охлажденный",
                         "охлаждённая", "охлажденная", "холодильник"), "chilled"),
        **dict.fromkeys(("frozen", "заморозка", "замороженный", "замороженная", "морозильник"),
                        "frozen"),
        **dict.fromkeys(("non_food", "non-food", "nonfood", "non food", "непрод",
                         "непродовольственный", "непищевой"), "non_food"),
    },
    "restriction": {
        **dict.fromkeys(("none", "", "нет", "без ограничений"), "none"),
        **dict.fromkeys(("blocked", "запрещено", "запрещён", "запрещен", "нельзя", "только в зале"),
                        "blocked"),
        **dict.fromkeys(("pickup_only", "pickup only", "pickup", "самовывоз", "только самовывоз"),
                        "pickup_only"),
    },
}  # fmt: skip

_ODD: Final = re.compile(r"[\W_]+")


def simple(header: str) -> str:
    """A header without case, punctuation and ё, so that spelling decides nothing."""
    return _ODD.sub(" ", header.casefold().replace("ё", "е")).strip()


_BY_HEADER: Final[Mapping[str, str]] = {
    **{simple(alias): field for field, aliases in _ALIASES.items() for alias in aliases},
    **{simple(field): field for field in FIELDS},
}


def field_of(header: str) -> str | None:
    """The field a column is for; None when nobody knows it."""
    return _BY_HEADER.get(simple(header))


def aliases() -> Mapping[str, tuple[str, ...]]:
    """Every field with the other headers it is known by, for the documentation's test."""
    return {field: _ALIASES.get(field, ()) for field in FIELDS}
