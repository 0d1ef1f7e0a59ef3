"""A sales document as JSON: roubles in decimal strings, weights in kilograms with three places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.barcode import GS
from app.domain.money import roubles


def document_json(head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One document; VAT is contained in the totals."""
    return {
        "kind": head["kind"],
        "number": head["number"],
        "date": head["issued_on"].isoformat(),
        "merchant": head["merchant"],
        "store": {"code": head["store"], "name": head["store_name"]},
        "account": head["account"],
        "order": {"number": head["order_number"], "external_id": head["external_id"]},
        "currency": head["currency"],
        "total": roubles(head["total"]),
        "vat_total": roubles(head["vat_total"]),
        "lines": [_line(line) for line in lines],
    }


def _line(line: Mapping[str, Any]) -> dict[str, Any]:
    weighed = line["grams"] is not None
    return {
        "position": line["position"],
        "sku": line["sku"],
        "name": line["name"],
        "unit": "kg" if weighed else "pcs",
        "quantity": f"{line['grams'] // 1000}.{line['grams'] % 1000:03d}"
        if weighed
        else str(line["pieces"]),
        "price": roubles(line["price"]),
        "total": roubles(line["total"]),
        "vat": {
            "code": line["vat_code"],
            "percent": line["vat_percent"],
            "amount": roubles(line["vat"]),
        },
        "marks": [mark.split(GS)[0] for mark in line["marks"]],
    }
