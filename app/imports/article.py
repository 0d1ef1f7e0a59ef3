"""One article or offer of CommerceML as words for our fields."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from app.imports.columns import FIELDS, UNITS, field_of
from app.imports.markup import Node
from app.imports.rows import Record

#: What a requisite or property may say; the rest has its own element.
_FREE: Final = frozenset(FIELDS) - {"sku", "name", "barcodes", "unit", "price", "vat"}


class Words:
    """What classifiers call their groups, properties and values."""

    def __init__(self) -> None:
        self._groups: dict[str, str] = {}
        self._properties: dict[str, str] = {}
        self._values: dict[str, str] = {}

    def learn(self, classifier: Node) -> None:
        """Take in one classifier; only properties that are fields of ours are kept."""
        for groups in classifier.all("Группы"):
            self._learn_groups(groups)
        for properties in classifier.all("Свойства"):
            for each in properties.children:
                name = field_of(each.say("Наименование"))
                if name in _FREE:
                    self._properties[each.say("Ид")] = name
                    variants = each.find("ВариантыЗначений")
                    for value in variants.children if variants else ():
                        self._values[value.say("ИдЗначения")] = value.say("Значение")

    def _learn_groups(self, groups: Node) -> None:
        for group in groups.all("Группа"):
            self._groups[group.say("Ид")] = group.say("Наименование")
            for inner in group.all("Группы"):
                self._learn_groups(inner)

    def category(self, article: Node) -> str:
        """The name of the article's first group."""
        return self._groups.get(article.say("Группы", "Ид"), "")

    def properties(self, article: Node) -> Iterator[tuple[str, str]]:
        """Our fields that the article's properties speak of."""
        for each in _inside(article, "ЗначенияСвойств"):
            name = self._properties.get(each.say("Ид"))
            if name is not None:
                value = each.say("Значение")
                yield name, self._values.get(value, value)


def of_article(article: Node, sku: str, words: Words, offer: Mapping[str, str]) -> Record:
    """A record of one article, its number being the line in its document."""
    id_, number = article.say("Ид"), article.say("Артикул")
    cells = {**_named(article), **dict(words.properties(article)), **_given(article)}
    if category := words.category(article):
        cells["category"] = category
    for name, value in offer.items():
        cells.setdefault(name, value)
    cells["sku"] = number if sku == "article" else id_
    cells.pop("article", None)
    if article.attributes.get("Статус") == "Удален":
        cells["available"] = "0"
    return Record(article.line, cells)


def of_offer(offer: Node, price_type: str) -> dict[str, str]:
    """What an offer says: price, barcodes, whether there is any."""
    cells = _given(offer)
    prices = _inside(offer, "Цены")
    chosen = next((p for p in prices if p.say("ИдТипаЦены") == price_type), None)
    if (price := chosen or next(iter(prices), None)) is not None:
        cells["price"] = price.say("ЦенаЗаЕдиницу").replace("\xa0", "")
    if quantity := offer.say("Количество"):
        cells["available"] = "1" if quantity.strip("0.,") and not quantity.startswith("-") else "0"
    if number := offer.say("Артикул"):
        cells["article"] = number
    return cells


def _given(node: Node) -> dict[str, str]:
    """What both articles and offers have elements for."""
    codes = " ".join(each.text.strip() for each in node.all("Штрихкод"))
    tax = next((each.say("Ставка") for each in _inside(node, "СтавкиНалогов")), "")
    photo = next((t for each in node.all("Картинка") if (t := each.text.strip())), "")
    found = {
        "name": node.say("Наименование"),
        "barcodes": codes,
        "unit": _unit(node.find("БазоваяЕдиница")),
        "vat": tax,
        "photo_url": photo if photo.startswith("http") else "",  # else a file 1C would send too
    }
    return {name: value for name, value in found.items() if value}


def _unit(unit: Node | None) -> str:
    """The unit's code in ОКЕИ, or its name."""
    code = unit.attributes.get("Код", "").strip() if unit else ""
    return code if code in UNITS or unit is None else unit.text.strip() or code


def _named(article: Node) -> dict[str, str]:
    """Our fields that requisites and characteristics speak of by name."""
    named = [*_inside(article, "ЗначенияРеквизитов"), *_inside(article, "ХарактеристикиТовара")]
    pairs = ((field_of(each.say("Наименование")), each.say("Значение")) for each in named)
    return {name: value for name, value in pairs if name in _FREE and value}


def _inside(node: Node, tag: str) -> list[Node]:
    found = node.find(tag)
    return found.children if found else []
