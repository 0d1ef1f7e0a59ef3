"""Documents as JSON: roubles in decimal strings, weights in kilograms with three places.

What every field means stands in app/render/schemas/document.schema.json.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from app.domain.document import Document, DocumentLine, Origin, VatPart
from app.domain.marks import identity
from app.domain.money import roubles
from app.domain.party import Party

#: Fields may come to a version; none ever goes or changes its meaning within one.
VERSION: Final = 1


def documents_json(documents: Sequence[Document], _language: str) -> bytes:
    """A list of documents."""
    views = [document_json(document) for document in documents]
    return msgspec.json.format(msgspec.json.encode(views), indent=2)


def document_json(document: Document) -> dict[str, Any]:
    """One document; VAT is contained in the totals. `price_for`: the quantity a price is for."""
    return {
        "version": VERSION,
        "id": str(document.id),
        "kind": document.kind,
        "number": document.number,
        "date": document.issued_on.isoformat(),
        "created_at": _moment(document.created_at),
        "occurred_at": document.occurred_at and _moment(document.occurred_at),
        "nth": document.nth,
        "reason": document.reason,
        "base": document.base and _base(document.base),
        **_sides(document),
        "currency": document.currency,
        "total": roubles(document.total),
        "vat_total": roubles(document.vat_total),
        "vat": [_part(part) for part in document.vat_parts()],
        "lines": [_line(line) for line in document.lines],
        "detail": _detail(document.detail),
    }


def _detail(detail: Mapping[str, Any]) -> dict[str, Any]:
    """A receipt has what was answered on its marks, by their codes."""
    if "marks" not in detail:
        return dict(detail)
    return {**detail, "marks": {identity(code): said for code, said in detail["marks"].items()}}


def _sides(document: Document) -> dict[str, Any]:
    """Who sells to whom, from where, and what was ordered."""
    shop = {
        "code": document.store,
        "name": document.store_name,
        "timezone": document.timezone,
        "warehouse": _party(document.warehouse),
    }
    order = {
        "id": str(document.order_id),
        "number": document.order_number,
        "external_id": document.order_external_id,
        "received_at": document.ordered_at and _moment(document.ordered_at),
    }
    return {
        "merchant": document.merchant,
        "seller": _party(document.seller),
        "buyer": _party(document.buyer),
        "account": document.account,
        "store": shop if document.store else None,
        "order": order if document.order_id else None,
    }


def _base(base: Origin) -> dict[str, Any]:
    return {
        "id": str(base.id),
        "kind": base.kind,
        "number": base.number,
        "date": base.issued_on.isoformat(),
    }


def _party(party: Party) -> dict[str, str]:
    """What is known of it."""
    return {name: value for name, value in asdict(party).items() if value}


def _part(part: VatPart) -> dict[str, Any]:
    return {
        "code": part.code,
        "percent": part.percent,
        "total": roubles(part.total),
        "amount": roubles(part.vat),
    }


def _line(line: DocumentLine) -> dict[str, Any]:
    weighed = line.grams is not None
    return {
        "position": line.position,
        "line_id": line.line_id and str(line.line_id),
        "kind": line.kind,
        "sku": line.sku,
        "barcode": line.barcode,
        "name": line.name,
        "unit": "kg" if weighed else "pcs",
        "quantity": _quantity(line.pieces, line.grams),
        "pieces": line.pieces,
        "price": roubles(line.price),
        "price_for": kilograms(line.unit_grams or 0) if weighed else "1",
        "discount": roubles(line.discount),
        "total": roubles(line.total),
        "vat": {
            "code": line.vat_code,
            "percent": line.vat_percent,
            "amount": roubles(line.vat),
        },
        "marks": [identity(mark) for mark in line.marks],
        "before": _before(line),
    }


def _before(line: DocumentLine) -> dict[str, Any] | None:
    """What a correction found."""
    before = line.before
    if before is None:
        return None
    return {
        "quantity": _quantity(before.pieces, before.grams),
        "pieces": before.pieces,
        "price": roubles(before.price),
        "total": roubles(before.total),
        "vat": roubles(before.vat),
    }


def _quantity(pieces: int, grams: int | None) -> str:
    return str(pieces) if grams is None else kilograms(grams)


def _moment(moment: datetime) -> str:
    """RFC 3339, by Greenwich."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def kilograms(grams: int) -> str:
    """Kilograms with three places, exactly."""
    sign, grams = ("-" if grams < 0 else ""), abs(grams)
    return f"{sign}{grams // 1000}.{grams % 1000:03d}"
