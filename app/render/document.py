"""A sales document as JSON: roubles in decimal strings, weights in kilograms with three places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.domain.barcode import GS
from app.domain.money import roubles


def document_json(head: Mapping[str, Any], lines: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """One document; VAT is contained in the totals. `price_for`: the quantity a price is for."""
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
        "quantity": kilograms(line["grams"]) if weighed else str(line["pieces"]),
        "price": roubles(line["price"]),
        "price_for": kilograms(line["unit_grams"]) if weighed else "1",
        "total": roubles(line["total"]),
        "vat": {
            "code": line["vat_code"],
            "percent": line["vat_percent"],
            "amount": roubles(line["vat"]),
        },
        "marks": [mark.split(GS)[0] for mark in line["marks"]],
    }


def kilograms(grams: int) -> str:
    """Kilograms with three places, exactly."""
    return f"{grams // 1000}.{grams % 1000:03d}"
