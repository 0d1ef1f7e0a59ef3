"""A whole file, read: rows ready to be written, and what the catalogue must be asked about them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Final

import msgspec

from app.domain.assortment import Entry, Problem
from app.imports.formats import Reading, rows

#: Rows of one statement.
BATCH: Final = 5_000
#: Problems told one by one; further ones are only counted.
_TOLD: Final = 500


@dataclass(slots=True)
class Told:
    """Problems found so far: listed up to a limit, then only counted."""

    problems: tuple[Problem, ...] = ()
    untold: int = 0
    refused: int = 0

    def note(self, problem: Problem) -> None:
        """Take in one more."""
        self.refused += problem.refused
        if len(self.problems) < _TOLD:
            self.problems += (problem,)
        else:
            self.untold += 1

    def copy(self) -> Told:
        """The same, to go on from."""
        return replace(self)


@dataclass(slots=True)
class Digest:
    """`batches`: rows as JSON objects, because a hundred thousand Python ones would be most of the
    memory. `codes`: row and SKU of each barcode, without leading zeros. Only known goods may be
    `nameless` (by row) or `untaxed`."""

    batches: list[list[msgspec.Raw]] = field(default_factory=list)
    skus: set[str] = field(default_factory=set)
    good: int = 0
    codes: dict[str, tuple[int, str]] = field(default_factory=dict)
    nameless: dict[str, int] = field(default_factory=dict)
    untaxed: set[str] = field(default_factory=set)
    only_changes: bool = False
    told: Told = field(default_factory=Told)


def digest(raw: bytes, how: Reading) -> Digest:
    """Read a file; ImportRefused when it is none of ours. Takes seconds: not for an event loop."""
    found = Digest()
    parsed = rows(raw, how)
    encoded = (_row(entry) for entry in _entries(parsed, found))
    while chunk := list(islice(encoded, BATCH)):
        found.batches.append(chunk)
    found.skus, found.only_changes = parsed.skus, parsed.only_changes
    return found


def _entries(parsed: Iterable[Entry | Problem], found: Digest) -> Iterator[Entry]:
    for each in parsed:
        if isinstance(each, Problem):
            found.told.note(each)
            continue
        sku = each.goods.sku
        found.good += 1
        found.codes.update({code.lstrip("0"): (each.row, sku) for code in each.goods.barcodes})
        if not each.goods.name:
            found.nameless[sku] = each.row
        if "vat" not in each.given or each.goods.vat == "unknown":
            found.untaxed.add(sku)
        yield each


def _row(entry: Entry) -> msgspec.Raw:
    """The fields the file speaks of, and their names in `given`."""
    values = {name: getattr(entry.goods, name) for name in entry.given}
    return msgspec.Raw(msgspec.json.encode({**values, "given": list(entry.given)}))
