"""Rows of words to rows of goods: what is wrong is told with its row, what is good goes on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from app.domain.assortment import TOO_MANY_ROWS, Entry, Flaw, GoodsRow, ImportRefused, Problem
from app.imports import cells
from app.imports.cells import CONVERT, Flawed

#: A file with more rows is no shop's assortment.
MOST_ROWS: Final = 500_000
#: An empty cell of these says nothing; of any other field it says "none".
_NEVER_EMPTY: Final = frozenset({"name", "vat", "unit"})


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a file: its number there, and the words for each field it speaks of; `lists`
    holds those of formats that have lists."""

    row: int
    cells: Mapping[str, str]
    lists: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Rows:
    """Converts records one by one and remembers what must not come twice."""

    def __init__(self, records: Iterable[Record | Problem]) -> None:
        self._records = records
        self._owners: dict[str, str] = {}
        self.skus: set[str] = set()  #: every SKU seen so far, also of rows that were refused
        self.only_changes = False  #: the file says that what it does not name stays as it is

    def __iter__(self) -> Iterator[Entry | Problem]:
        """Entries and problems in the order of the file; ImportRefused when it breaks off."""
        count = 0
        for record in self._records:
            if isinstance(record, Record):
                count += 1
                yield from self._row(record)
            elif record.flaw is Flaw.ONLY_CHANGES:  # of interest to those who want to deactivate
                self.only_changes = True
            else:
                yield record
            if count > MOST_ROWS:
                raise ImportRefused(TOO_MANY_ROWS, most=MOST_ROWS)

    def _row(self, record: Record) -> Iterator[Entry | Problem]:
        sku = ""
        mended: list[Flawed] = []
        try:
            sku = cells.text(record.cells.get("sku", ""), "sku")
            self._once(sku)
            fields = {**_plain(record), **_unit(record), **self._lists(record, sku, mended)}
        except Flawed as flawed:
            yield Problem(flawed.flaw, record.row, sku, flawed.values, refused=True)
            return
        for each in mended:
            yield Problem(each.flaw, record.row, sku, each.values)
        yield Entry(record.row, GoodsRow(**fields), frozenset(fields))

    def _once(self, sku: str) -> None:
        if not sku:
            raise Flawed(Flaw.SKU_MISSING)
        if sku in self.skus:
            raise Flawed(Flaw.SKU_TWICE, value=sku)
        self.skus.add(sku)

    def _lists(self, record: Record, sku: str, mended: list[Flawed]) -> dict[str, Any]:
        """What a row can do without: a wrong part is left out and told in `mended`."""
        found: dict[str, Any] = {}
        if (codes := _words(record, "barcodes")) is not None:
            found["barcodes"] = self._barcodes(codes, sku, mended)
        if (others := _words(record, "substitutes")) is not None:
            found["substitutes"] = tuple(other for other in others if other != sku)
            if sku in others:
                mended.append(Flawed(Flaw.SUBSTITUTE_ITSELF))
        if "photo_url" in record.cells:
            found["photo_url"] = None
            try:
                found["photo_url"] = cells.photo(record.cells["photo_url"])
            except Flawed as flawed:
                mended.append(flawed)
        return found

    def _barcodes(self, codes: tuple[str, ...], sku: str, mended: list[Flawed]) -> tuple[str, ...]:
        good = []
        for code in codes:
            if not cells.is_barcode(code):
                mended.append(Flawed(Flaw.BARCODE_WRONG, value=code[:40]))
                continue
            # The same goods may be written as UPC, EAN-13 or GTIN-14.
            owner = self._owners.setdefault(code.lstrip("0"), sku)
            if owner != sku:
                mended.append(Flawed(Flaw.BARCODE_TAKEN, value=code, other=owner))
                continue
            good.append(code)
        return tuple(good)


def _plain(record: Record) -> dict[str, Any]:
    """The fields of one cell and one value each."""
    return {
        name: CONVERT[name](raw, name)
        for name, raw in record.cells.items()
        if name in CONVERT and (raw.strip() or name not in _NEVER_EMPTY)
    }


def _unit(record: Record) -> dict[str, Any]:
    """Piece or weight; a weight without its own grams is sold by the unit's."""
    raw = record.cells.get("unit", "")
    if not raw.strip():
        return {}
    kind, grams = cells.unit(raw)
    own = cells.number(record.cells.get("unit_grams", ""), "unit_grams")
    return {"unit": kind, "unit_grams": own or grams}


def _words(record: Record, name: str) -> tuple[str, ...] | None:
    if name in record.lists:
        return tuple(dict.fromkeys(word for part in record.lists[name] for word in part.split()))
    return cells.words(record.cells[name]) if name in record.cells else None
