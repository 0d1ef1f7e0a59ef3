"""Goods as a chain's own files describe them, and what may be wrong with such a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal

from app.errors import HubError


@dataclass(frozen=True, slots=True)
class GoodsRow:
    """One article of an import; the same names are the columns of files and the keys of JSON.

    `price` is in kopecks per piece or per `unit_grams`. Price, zone, aisle, shelf and available
    belong to a store, the rest to the chain. `substitutes` are SKUs, the best one first.
    """

    sku: str
    name: str = ""
    unit: Literal["piece", "weight"] = "piece"
    unit_grams: int | None = None
    barcodes: tuple[str, ...] = ()
    plu: str | None = None
    vat: Literal["standard", "reduced", "zero", "none", "five", "seven", "unknown"] = "unknown"
    marked: bool = False
    category: str = ""
    temperature: Literal["ambient", "chilled", "frozen", "non_food"] = "ambient"
    min_age: int | None = None
    restriction: Literal["none", "blocked", "pickup_only"] = "none"
    photo_url: str | None = None
    price: int | None = None
    zone: str = ""
    aisle: str = ""
    shelf: str = ""
    available: bool = True
    substitutes: tuple[str, ...] = ()


class Flaw(StrEnum):
    """What may be wrong: the name is for programs, the sentence is looked up by language."""

    SKU_MISSING = "The row has no SKU"
    SKU_TWICE = "SKU %(value)s stands in the file twice; the first row counts"
    NAME_MISSING = "New goods need a name"
    TEXT_TOO_LONG = "%(field)s is longer than %(most)s characters"
    PRICE_IMPOSSIBLE = "%(value)s is not a price in roubles"
    PRICE_NEGATIVE = "The price %(value)s is negative"
    VAT_UNKNOWN = (
        "The VAT rate %(value)s is not known: "
        "use standard, reduced, five, seven, zero or none (22 %%, 10 %%, 5 %%, 7 %%, 0 %%, no VAT)"
    )
    UNIT_UNKNOWN = "The unit %(value)s is not known: use piece, kg, 100 g or g"
    CHOICE_UNKNOWN = "%(field)s cannot be %(value)s: use one of %(allowed)s"
    NUMBER_IMPOSSIBLE = "%(field)s cannot be %(value)s: a whole number from %(least)s to %(most)s"
    FLAG_UNKNOWN = "%(field)s cannot be %(value)s: use yes or no"
    BARCODE_WRONG = "%(value)s is not a barcode, or its check digit is wrong; taken without it"
    BARCODE_TAKEN = "Barcode %(value)s belongs to SKU %(other)s already; taken without it"
    PHOTO_WRONG = "%(value)s is not a photo address; taken without it"
    SUBSTITUTE_ITSELF = "An item cannot be its own substitute; taken without it"
    SHAPE_WRONG = "This is not a description of goods: %(value)s"
    VAT_MISSING = (
        "New goods have no VAT rate: orders with them get no sales document until it is known"
    )
    COLUMN_UNKNOWN = "The column %(value)s is not known and was left out"
    PRICE_TYPE_CHOSEN = "Several kinds of prices are given; %(value)s was used"
    ONLY_CHANGES = "The file says that it holds only changes: nothing was deactivated"
    NOTHING_TO_KEEP = "No row of the file can be used: nothing was deactivated"


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong with one row (`row` as its file counts), or with the whole file (None)."""

    flaw: Flaw
    row: int | None = None
    sku: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    refused: bool = False  #: the row was left out; otherwise it went in without what was wrong


@dataclass(frozen=True, slots=True)
class Entry:
    """A row that can be used; `given` are the fields its file speaks of, the others stay."""

    row: int
    goods: GoodsRow
    given: frozenset[str]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of a file; with `applied` false nothing was written."""

    new: int
    changed: int
    same: int
    refused: int
    deactivated: int
    applied: bool
    problems: tuple[Problem, ...]
    untold: int  #: problems beyond those listed


class ImportRefused(HubError):
    """Nothing of the import can be done."""

    reason = "import"

    def __init__(self, text: str, **values: object) -> None:
        """`text` is one of those below, with its values: a caller may look up its translation."""
        super().__init__(text % values if values else text)
        self.text = text
        self.values = values


EMPTY: Final = "The file is empty"
NO_SKU_COLUMN: Final = "No column is called sku or артикул: the first row must hold the headers"
FORMAT_UNKNOWN: Final = "The format cannot be told from the file; say csv, xlsx, json or commerceml"
TOO_LARGE: Final = "The file is too large: %(most)s MB unpacked at most"
TOO_MANY_ROWS: Final = "The file has more than %(most)s rows: import it in parts"
BROKEN: Final = "The file is not in the %(format)s format, or it is damaged: %(detail)s"
STORE_UNKNOWN: Final = "No store is called %(value)s"
MERCHANT_UNKNOWN: Final = "No merchant is called %(value)s"
SAY_WHICH: Final = "There are several merchants: say which one, or name a store of one of them"
#: Every text of an import that is refused as a whole.
FAILURES: Final = (
    EMPTY, NO_SKU_COLUMN, FORMAT_UNKNOWN, TOO_LARGE, TOO_MANY_ROWS, BROKEN, STORE_UNKNOWN,
    MERCHANT_UNKNOWN, SAY_WHICH,
)  # fmt: skip
