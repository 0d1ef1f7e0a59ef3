"""What a document comes to: its totals, VAT by rate, and the sum in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from app.domain.document import Document, DocumentLine, Kind
from app.render.columns import Field
from app.render.document_rows import TURNED, counted, rate
from app.render.figures import money
from app.render.language import say
from app.render.words import sum_in_words

#: Currencies as papers write them after a sum; others by their code.
_SIGNS: Final = {"RUB": {"ru": "руб.", "en": "RUB"}}
_NBSP: Final = "\u00a0"


def total_rows(document: Document, columns: Sequence[str], language: str) -> list[tuple[str, ...]]:
    """Rows under the lines: one, or for a correction what grew, what shrank and both together."""
    if document.kind is not Kind.CORRECTION:
        return [_total_row(document.lines, "total", document, columns, language)]
    grown = [line for line in document.lines if line.total > 0]
    shrunk = [line for line in document.lines if line.total < 0]
    named = (("grown", grown), ("shrunk", shrunk), ("total", document.lines))
    return [_total_row(lines, word, document, columns, language) for word, lines in named]


def _total_row(
    lines: Iterable[DocumentLine], word: str, document: Document, columns: Sequence[str],
    language: str,
) -> tuple[str, ...]:  # fmt: skip
    last = [counted(line, document)[-1] for line in lines]
    total, vat = sum(each.total for each in last), sum(each.vat for each in last)
    sums = {"net": total - vat, "vat": vat, "total": total}
    if document.kind is not Kind.CORRECTION:
        sums["off"] = sum(each.off for each in last)
    texts = {column: money(kopecks, language) for column, kopecks in sums.items()}
    named = "change" if "change" in columns else "name"
    texts[named] = say(language, f"document.total.{word}")
    return tuple(texts.get(column, "") for column in columns)


def vat_fields(language: str) -> list[Field]:
    """Heads of the table of rates."""
    heads = ("rate", "net", "vat", "total")
    return [Field(say(language, f"document.column.{head}"), figures=True) for head in heads]


def vat_rows(document: Document, language: str) -> list[tuple[str, ...]]:
    """Each rate with what is sold by it: without VAT, the VAT, all."""
    sign = -1 if document.kind in TURNED else 1
    return [
        (
            rate(part.percent, language),
            money(sign * (part.total - part.vat), language),
            "—" if part.percent is None else money(sign * part.vat, language),
            money(sign * part.total, language),
        )
        for part in document.vat_parts()
    ]


def due(document: Document) -> int:
    """Kopecks that are paid, or given back, in the end: of a commission report what is left of the
    sales without the fee (a line's, or `detail.fee`)."""
    if document.kind is Kind.COMMISSION:
        return _sold(document) - fee(document)
    return -document.total if document.kind in TURNED else document.total


def fee(document: Document) -> int:
    """What the agent keeps, kopecks: lines of a fee, and what the report says of one."""
    said = document.detail.get("fee", 0)
    lines = sum(line.total for line in document.lines if line.kind == "fee")
    return abs(lines) + (said if isinstance(said, int) else 0)


def _sold(document: Document) -> int:
    return sum(line.total for line in document.lines if line.kind != "fee")


def summing(document: Document, language: str) -> list[tuple[str, str]]:
    """What is said under the table, labels and sums; the last is what is due."""
    said = []
    if document.kind is Kind.COMMISSION:
        said = [("sold", _sold(document)), ("fee", -fee(document))]
    turned = due(document) < 0
    word = f"{document.kind.value}{'_down' if turned else ''}"
    said.append((f"due.{word}", abs(due(document))))
    return [
        (say(language, f"document.{name}"), priced(kopecks, document, language))
        for name, kopecks in said
    ]


def priced(kopecks: int, document: Document, language: str) -> str:
    """A sum with its currency."""
    sign = _SIGNS.get(document.currency, {}).get(language, document.currency)
    return money(kopecks, language) + _NBSP + sign


def in_words(document: Document, language: str) -> str:
    """What is due, in words."""
    return sum_in_words(abs(due(document)), document.currency, language)
