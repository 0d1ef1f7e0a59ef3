"""CommerceML 2.x, as 1C exports it: import.xml, offers.xml, or a zip of them.

The offers are read first and only their prices kept; then each article of the catalogues is a
record with its price. Offers of goods that no catalogue of the file has are records of their own.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import IO, Final, Literal

from app.domain.assortment import BROKEN, EMPTY, Flaw, ImportRefused, Problem
from app.imports.article import Words, of_article, of_offer
from app.imports.markup import Node, walk
from app.imports.packed import opened
from app.imports.rows import Record

Sku = Literal["id", "article"]
_Opener = Callable[[], IO[bytes]]
_Cells = dict[str, str]

_PARTS: Final = frozenset({"Классификатор", "Товар", "ТипыЦен", "Предложение"})
_HEADS: Final = frozenset({"Каталог", "ПакетПредложений", "ИзмененияПакетаПредложений"})
_PACKAGE: Final = _PARTS - {"Товар", "Классификатор"}
_CATALOGUE: Final = frozenset({"Товар", "Классификатор"})
_YES: Final = ("true", "1")


def read(raw: bytes, sku: Sku = "id", price_type: str = "") -> Iterator[Record | Problem]:
    """Records of an export. `sku`: whether our SKU is 1C's id or the article number; `price_type`:
    the kind of price to use, by default the retail one."""
    if not raw.strip():
        raise ImportRefused(EMPTY)
    with _documents(raw) as openers:
        offers = _Offers(price_type)
        for opener in openers:
            yield from offers.learn(opener)
        words, found = Words(), False
        for opener in openers:
            with opener() as source:
                for node in walk(source, _CATALOGUE):
                    if node.tag == "Классификатор":
                        words.learn(node)
                        continue
                    found = True
                    yield of_article(node, sku, words, offers.take(node.say("Ид")))
        yield from offers.rest(sku)
        if not found and not offers.seen:
            raise ImportRefused(BROKEN, format="CommerceML", detail="no goods and no offers")


class _Offers:
    """Prices by the id of their goods; one offer at a time is held, and few words of each."""

    def __init__(self, price_type: str) -> None:
        self._wanted = price_type.casefold()
        self._type = ""
        self._kept: dict[str, tuple[int, _Cells]] = {}
        self.seen = False

    def learn(self, opener: _Opener) -> Iterator[Problem]:
        """Take in the offers of one document; yields what should be known about it."""
        with opener() as source:
            for node in walk(source, _PACKAGE, _HEADS):
                if node.tag in _HEADS:
                    if _is_partial(node):
                        yield Problem(Flaw.ONLY_CHANGES)
                elif node.tag == "ТипыЦен":
                    yield from self._choose(node)
                else:
                    self.seen = True
                    base = node.say("Ид").partition("#")[0]  # after it: a variant of the goods
                    line, before = self._kept.get(base, (node.line, {}))
                    self._kept[base] = (line, {**of_offer(node, self._type), **before})

    def take(self, id_: str) -> _Cells:
        """What the offers say of an article; it is not said again."""
        return self._kept.pop(id_, (0, {}))[1]

    def rest(self, sku: Sku) -> Iterator[Record]:
        """Records of offers whose goods no catalogue of the file had."""
        for id_, (line, cells) in self._kept.items():
            code = id_ if sku == "id" else cells.get("article", "")
            yield Record(line, {**cells, "sku": code})

    def _choose(self, types: Node) -> Iterator[Problem]:
        names = {each.say("Ид"): each.say("Наименование") for each in types.all("ТипЦены")}
        looked_for = (self._wanted,) if self._wanted else ("рознич", "retail")
        fits = [id_ for id_, name in names.items() if any(w in name.casefold() for w in looked_for)]
        if self._wanted and not fits:
            detail = f"no kind of price {self._wanted!r} among {', '.join(names.values())}"[:300]
            raise ImportRefused(BROKEN, format="CommerceML", detail=detail)
        before, self._type = self._type, next(iter([*fits, *names]), "")
        if len(names) > 1 and not self._wanted and self._type != before:
            yield Problem(Flaw.PRICE_TYPE_CHOSEN, values={"value": f"«{names[self._type]}»"})


def _is_partial(head: Node) -> bool:
    changes = head.attributes.get("СодержитТолькоИзменения", "").casefold() in _YES
    return changes or head.tag.startswith("Изменения")


@contextmanager
def _documents(raw: bytes) -> Iterator[Sequence[_Opener]]:
    """The XML documents of the file, each as often as it is opened."""
    if not raw.startswith(b"PK"):
        yield (lambda: io.BytesIO(raw),)
        return
    with opened(raw, "CommerceML") as archive:
        names = sorted(name for name in archive.namelist() if name.casefold().endswith(".xml"))
        yield [lambda name=name: archive.open(name) for name in names]  # type: ignore[misc]
