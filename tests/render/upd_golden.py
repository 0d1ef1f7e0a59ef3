"""УПД and JSON to look at, kept beside the tests; run as a program it writes them anew."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from app.render.document_json import documents_json
from app.render.upd import upd, upd_dop
from tests.render.documents import (
    COMMISSION,
    CORRECTION,
    ENTREPRENEUR,
    RETURN,
    SALE,
    document,
    line,
)

FOLDER = Path(__file__).parent / "golden"
#: A sale with everything: late in the evening in Moscow it was the day before in Greenwich.
WHOLE = replace(
    SALE,
    ordered_at=datetime(2026, 3, 13, 22, 30, tzinfo=UTC),
    buyer=replace(SALE.buyer, edo="2BM-7709876545-770901001-201401010000000000001"),
    seller=replace(SALE.seller, edo="2BM-7701234560-770101001-201401010000000000002"),
    lines=(
        *SALE.lines,
        line(7, "Пакет в подарок", 0, ("standard", 22), sku="bag"),
    ),
)
#: A person in business sells without VAT, and nobody is known by more than he must be.
SMALL = document(
    SALE.kind, 44,
    (
        line(1, "Мёд липовый, 500 г", 45000, ("none", None), pieces=2, barcode="4600000000015"),
        line(2, "Яблоки", 8990, ("none", None), grams=1500, unit_grams=1000, off=1),
        line(3, "Пакет в подарок", 0, ("none", None), sku="bag"),
    ),
    seller=replace(ENTREPRENEUR, address=""),
    buyer=replace(SALE.buyer, address="", kpp="", contract="", contract_date=""),
)  # fmt: skip


def made() -> dict[str, bytes]:
    """Every file by its name."""
    return {
        "upd.xml": upd([WHOLE], "ru"),
        "upd_dop.xml": upd_dop([SMALL], "ru"),
        "documents.json": documents_json([WHOLE, RETURN, CORRECTION, COMMISSION], "ru"),
    }


if __name__ == "__main__":
    for name, file in made().items():
        (FOLDER / name).write_bytes(file)
