"""Documents as JSON: roubles in decimal strings, weights in kilograms with three places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from app.domain.barcode import GS
from app.domain.document import Document, DocumentLine
from app.domain.money import roubles


def documents_json(documents: Sequence[Document], _language: str) -> bytes:
    """A list of documents."""
    views = [document_json(document) for document in documents]
    return msgspec.json.format(msgspec.json.encode(views), indent=2)


def document_json(document: Document) -> dict[str, Any]:
    """One document; VAT is contained in the totals. `price_for`: the quantity a price is for."""
    return {
        "kind": document.kind,
        "number": document.number,
        "date": document.issued_on.isoformat(),
        "merchant": document.merchant,
        "store": {"code": document.store, "name": document.store_name},
        "account": document.account,
        "order": {"number": document.order_number, "external_id": document.order_external_id},
        "currency": document.currency,
        "total": roubles(document.total),
        "vat_total": roubles(document.vat_total),
        "lines": [_line(line) for line in document.lines],
    }


def _line(line: DocumentLine) -> dict[str, Any]:
    weighed = line.grams is not None
    return {
        "position": line.position,
        "sku": line.sku,
        "name": line.name,
        "unit": "kg" if weighed else "pcs",
        "quantity": kilograms(line.grams or 0) if weighed else str(line.pieces),
        "price": roubles(line.price),
        "price_for": kilograms(line.unit_grams or 0) if weighed else "1",
        "total": roubles(line.total),
        "vat": {
            "code": line.vat_code,
            "percent": line.vat_percent,
            "amount": roubles(line.vat),
        },
        "marks": [mark.split(GS)[0] for mark in line.marks],
    }


def kilograms(grams: int) -> str:
    """Kilograms with three places, exactly."""
    sign, grams = ("-" if grams < 0 else ""), abs(grams)
    return f"{sign}{grams // 1000}.{grams % 1000:03d}"
