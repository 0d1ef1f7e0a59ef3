"""The forms in which documents leave the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from app.domain.document import RECEIPTS, SOLD, Kind


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `extension` with its dot; `kinds`: what can be said in it; `many`: whether one file
    may hold several documents; `named`: what its files are called is prescribed (see upd_file)."""

    name: str
    media_type: str
    extension: str
    kinds: frozenset[Kind]
    many: bool
    named: bool = False


_EVERY: Final = frozenset(Kind)
_TRADE: Final = SOLD | {Kind.COMMISSION}
_XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_ALL: Final = (
    Form("json", "application/json", ".json", _EVERY, many=True),
    Form("commerceml", "application/xml", ".xml", SOLD, many=True),
    Form("enterprise", "application/xml", ".xml", SOLD, many=True),
    Form("upd", "application/xml", ".xml", frozenset({Kind.SALE}), many=False, named=True),
    Form("upd_dop", "application/xml", ".xml", frozenset({Kind.SALE}), many=False, named=True),
    Form("xlsx", _XLSX, ".xlsx", _TRADE, many=True),
    Form("pdf", "application/pdf", ".pdf", _TRADE, many=False),
    Form("receipt", "application/json", ".json", RECEIPTS, many=False),
)
#: All forms by name.
FORMS: Final[Mapping[str, Form]] = {form.name: form for form in _ALL}
