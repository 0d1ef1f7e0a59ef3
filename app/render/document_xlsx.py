"""A register of documents as a workbook: one tab with a row for each, one with all their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import Final, TypeAlias, overload

from app.domain.document import Before, Document, DocumentLine
from app.domain.marks import identity
from app.render.document_rows import rate
from app.render.document_words import reason
from app.render.figures import kilograms
from app.render.language import say
from app.render.table import Column, Kind, Row, Sheet, Value
from app.render.table_xlsx import workbook

_EMPTY: Final = datetime(1980, 1, 1, tzinfo=UTC)
_Head: TypeAlias = Mapping[str, tuple[Kind, Callable[[Document, str], Value]]]
_Line: TypeAlias = Mapping[str, tuple[Kind, Callable[[DocumentLine, str], Value]]]
#: What is added up; prices are not.
_SUMMED: Final = frozenset({"lines", "pieces", "weight", "discount", "net", "vat", "total"})


def document_xlsx(documents: Sequence[Document], language: str) -> bytes:
    """Documents with the ledger's signs: what was given back is negative, a correction has the
    difference, so that every column adds up to what is sold in the end."""
    notes = (say(language, "register.signs"),)
    heads = Sheet(
        name=say(language, "register.documents"),
        title=say(language, "register.title"),
        columns=_columns(_DOCUMENT, language),
        rows=[_document(document, language) for document in documents],
        footnotes=notes,
    )
    lines = Sheet(
        name=say(language, "register.lines"),
        title=say(language, "register.title_lines"),
        columns=_columns({**_OF, **_LINE}, language),
        rows=_Lines(documents, language),
        footnotes=notes,
    )
    made_at = max((document.created_at for document in documents), default=_EMPTY)
    return workbook([heads, lines], language, made_at.astimezone(UTC))


class _Lines(Sequence[Row]):
    """All lines, each made into a row when it is its turn: they would fill the memory together."""

    def __init__(self, documents: Sequence[Document], language: str) -> None:
        self._documents, self._language = documents, language
        self._count = sum(len(document.lines) for document in documents)

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Row]:
        speak = self._language
        for document in self._documents:
            head = tuple(value(document, speak) for _, value in _OF.values())
            for line in document.lines:
                yield head + tuple(value(line, speak) for _, value in _LINE.values())

    @overload
    def __getitem__(self, at: int) -> Row: ...

    @overload
    def __getitem__(self, at: slice) -> list[Row]: ...

    def __getitem__(self, at: int | slice) -> Row | list[Row]:
        if isinstance(at, slice):
            return list(islice(self, *at.indices(self._count)))
        return next(islice(self, range(self._count)[at], None))


def _columns(columns: Mapping[str, tuple[Kind, object]], language: str) -> tuple[Column, ...]:
    return tuple(
        Column(say(language, f"register.column.{column}"), kind, total=column in _SUMMED)
        for column, (kind, _) in columns.items()
    )


def _document(document: Document, language: str) -> Row:
    return tuple(value(document, language) for _, value in _DOCUMENT.values())


def _day(document: Document, _language: str) -> str:
    return document.issued_on.isoformat()


def _kind(document: Document, language: str) -> str:
    return say(language, f"document.kind.{document.kind}")


def _base_day(document: Document, _language: str) -> str | None:
    return document.base.issued_on.isoformat() if document.base else None


def _unit(line: DocumentLine, language: str) -> str:
    if line.kind != "goods":
        return say(language, "document.unit.service")
    return say(language, f"document.unit.{'piece' if line.grams is None else 'weight'}")


def _name(line: DocumentLine, language: str) -> str:
    return line.name or say(language, f"document.line.{line.kind}")


def _price_for(line: DocumentLine, language: str) -> str:
    """The quantity that has the price."""
    number = "1" if line.grams is None else kilograms(line.unit_grams or 1000, language)
    return f"{number} {_unit(line, language)}"


def _was(line: DocumentLine, part: str) -> int | None:
    before: Before | None = line.before
    return None if before is None else getattr(before, part)


_TEXT, _SUM, _COUNT, _WEIGHT = Kind.TEXT, Kind.MONEY, Kind.COUNT, Kind.KILOGRAMS
#: What names the document of a line.
_OF: Final[_Head] = {
    "number": (_TEXT, lambda it, _: it.number),
    "day": (Kind.DATE, _day),
    "kind": (_TEXT, _kind),
}
_DOCUMENT: Final[_Head] = {
    **_OF,
    "base": (_TEXT, lambda it, _: it.base.number if it.base else None),
    "base_day": (Kind.DATE, _base_day),
    "seller": (_TEXT, lambda it, _: it.seller.legal_name or it.merchant),
    "seller_inn": (_TEXT, lambda it, _: it.seller.inn),
    "buyer": (_TEXT, lambda it, _: it.buyer.legal_name),
    "buyer_inn": (_TEXT, lambda it, _: it.buyer.inn),
    "store": (_TEXT, lambda it, _: it.store),
    "store_name": (_TEXT, lambda it, _: it.store_name),
    "account": (_TEXT, lambda it, _: it.account),
    "order": (_TEXT, lambda it, _: it.order_number),
    "theirs": (_TEXT, lambda it, _: it.order_external_id),
    "reason": (_TEXT, reason),
    "currency": (_TEXT, lambda it, _: it.currency),
    "lines": (_COUNT, lambda it, _: len(it.lines)),
    "net": (_SUM, lambda it, _: it.total - it.vat_total),
    "vat": (_SUM, lambda it, _: it.vat_total),
    "total": (_SUM, lambda it, _: it.total),
}
_LINE: Final[_Line] = {
    "position": (_COUNT, lambda it, _: it.position),
    "sku": (_TEXT, lambda it, _: it.sku),
    "barcode": (_TEXT, lambda it, _: it.barcode),
    "name": (_TEXT, _name),
    "unit": (_TEXT, _unit),
    "pieces": (_COUNT, lambda it, _: it.pieces if it.grams is None else None),
    "weight": (_WEIGHT, lambda it, _: it.grams),
    "price": (_SUM, lambda it, _: it.price),
    "price_for": (_TEXT, _price_for),
    "discount": (_SUM, lambda it, _: it.discount),
    "rate": (_TEXT, lambda it, language: rate(it.vat_percent, language)),
    "net": (_SUM, lambda it, _: it.total - it.vat),
    "vat": (_SUM, lambda it, _: it.vat),
    "total": (_SUM, lambda it, _: it.total),
    "was_pieces": (_COUNT, lambda it, _: _was(it, "pieces") if it.grams is None else None),
    "was_weight": (_WEIGHT, lambda it, _: _was(it, "grams")),
    "was_price": (_SUM, lambda it, _: _was(it, "price")),
    "was_total": (_SUM, lambda it, _: _was(it, "total")),
    "marks": (_TEXT, lambda it, _: " ".join(map(identity, it.marks))),
}
