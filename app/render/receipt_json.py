"""The data of one fiscal receipt as JSON, for whatever drives a merchant's cash registers. Values
are those of ФФД 1.2; the number of each field's tag stands beside it in the schema:
schemas/receipt.schema.json.

`settlement` 1054: 1 money is taken, 2 it is given back. `tax_system` 1055. `method` 1214: 1 paid
in full before the goods are handed over, 4 paid in full. `subject` 1212: 1 goods, 4 a service, 33
marked goods with their code. `measure` 2108: 0 pieces, 11 kilograms. `vat.code` 1199; a prepayment
has calculated rates such as 22/122. `industry` 1260: what the marking system answered before the
sale (ПП РФ 1944)."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

import msgspec

from app.domain.document import RECEIPTS, Document
from app.domain.money import roubles
from app.domain.receipt import Row, rows
from app.errors import Unprintable
from app.render.document_json import kilograms

#: Tag 1199 by percent: of a sale, and of a prepayment (calculated).
_VAT: Final[Mapping[int | None, tuple[int, int]]] = {
    None: (6, 6), 0: (5, 5), 5: (7, 9), 7: (8, 10), 10: (2, 4), 20: (1, 3), 22: (11, 12),
}  # fmt: skip
#: Tag 1055.
_TAX_SYSTEMS: Final = {
    "osn": 1, "usn_income": 2, "usn_income_outcome": 4, "esn": 16, "patent": 32,
}  # fmt: skip
_SETTLEMENTS: Final = {"income": 1, "income_return": 2}
_METHODS: Final = {"full_prepayment": 1, "full_payment": 4}
_GOODS, _SERVICE, _MARKED = 1, 4, 33
_PIECES, _KILOGRAMS = 0, 11
#: The act that asks for the marking system's answer in a receipt: тег 1262, 1263, 1264.
_ACT: Final = {"federal_body": "030", "date": "21.11.2023", "number": "1944"}


def receipt_json(documents: Sequence[Document], _language: str) -> bytes:
    """The receipt of one document of money; what is no receipt is Unprintable."""
    (document,) = documents
    if document.kind not in RECEIPTS:
        raise Unprintable("kind", document.kind)
    _mind_requisites(document)
    return msgspec.json.format(msgspec.json.encode(receipt(document)), indent=2)


def receipt(document: Document) -> dict[str, Any]:
    """What the schema describes."""
    detail = document.detail
    prepaid = detail["method"] == "full_prepayment"
    items = [row for line in document.lines for row in rows(line)]
    return {
        "ffd": "1.2",
        "id": str(document.id),
        "number": document.number,
        "date_time": _local(document),
        "settlement": _SETTLEMENTS[detail["settlement"]],
        "tax_system": _TAX_SYSTEMS[detail["tax_system"]],
        "seller": {
            "name": document.seller.legal_name,
            "inn": document.seller.inn,
            "address": document.warehouse.address or document.seller.address,
        },
        "order": {"number": document.order_number, "external_id": document.order_external_id},
        "base": document.base.number if document.base else None,
        "items": [_item(row, document, prepaid=prepaid) for row in items],
        "total": roubles(abs(document.total)),
        "payments": {name: roubles(sum_) for name, sum_ in sorted(detail["payments"].items())},
        "vat": _vat_totals(items, prepaid=prepaid),
    }


def _mind_requisites(document: Document) -> None:
    named = {"legal_name": document.seller.legal_name, "inn": document.seller.inn}
    missing = [f"seller.{name}" for name, value in named.items() if not value]
    if missing:
        raise Unprintable("requisites", *missing)
    unknown = {line.vat_percent for line in document.lines} - set(_VAT)
    if unknown:
        raise Unprintable("vat", *(f"{percent}%" for percent in sorted(map(str, unknown))))


def _local(document: Document) -> str:
    at: datetime = document.occurred_at or document.created_at.astimezone(UTC)
    return at.astimezone(ZoneInfo(document.timezone)).isoformat(timespec="seconds")


def _item(row: Row, document: Document, *, prepaid: bool) -> dict[str, Any]:
    weighed = row.grams is not None
    item: dict[str, Any] = {
        "name": row.name[:128],
        "price": roubles(row.price),
        "quantity": kilograms(row.grams or 0) if weighed else f"{row.pieces}.000",
        "measure": _KILOGRAMS if weighed else _PIECES,
        "total": roubles(row.total),
        "vat": _vat(row.vat_percent, row.vat, prepaid=prepaid),
        "method": _METHODS[document.detail["method"]],
        "subject": _subject(row),
    }
    return item | _marking(row, document.detail.get("marks") or {})


def _subject(row: Row) -> int:
    if row.kind == "delivery":
        return _SERVICE
    return _GOODS if row.mark is None else _MARKED


def _marking(row: Row, checks: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """The full code, whose GS is no text that JSON should carry, and what was answered on it."""
    if row.mark is None:
        return {}
    found = checks.get(row.mark, {})
    marking: dict[str, Any] = {"mark": b64encode(row.mark.encode()).decode()}
    part = found.get("part") or 1000
    if part != 1000:
        marking["mark_part"] = {"numerator": part, "denominator": 1000}
    if found.get("check_id"):
        asked = datetime.fromisoformat(found["checked_at"])
        value = f"UUID={found['check_id']}&Time={int(asked.timestamp() * 1000)}"
        marking["industry"] = {**_ACT, "value": value}
    return marking


def _vat(percent: int | None, vat: int, *, prepaid: bool) -> dict[str, Any]:
    return {
        "code": _VAT[percent][prepaid],
        "name": _rate_name(percent, prepaid=prepaid),
        "amount": roubles(vat),
    }


def _rate_name(percent: int | None, *, prepaid: bool) -> str:
    if percent is None:
        return "без НДС"
    return f"{percent}/{100 + percent}" if prepaid and percent else f"{percent}%"


def _vat_totals(items: Sequence[Row], *, prepaid: bool) -> list[dict[str, Any]]:
    """By rate, the order of their codes; `total` is what has that rate."""
    rates = {row.vat_percent for row in items}
    return [
        _vat(percent, sum(row.vat for row in items if row.vat_percent == percent), prepaid=prepaid)
        | {"total": roubles(sum(row.total for row in items if row.vat_percent == percent))}
        for percent in sorted(rates, key=lambda percent: _VAT[percent])
    ]
