"""Documents on paper and in workbooks as readers of ours see them, kept beside the tests as text;
run as a program it writes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import openpyxl
import pypdf

from app.domain.party import Party
from app.render.document_pdf import document_pdf
from app.render.document_xlsx import document_xlsx
from app.render.table_csv import table_csv
from app.render.table_pdf import table_pdf
from app.render.table_xlsx import table_xlsx
from tests.render.documents import COMMISSION, CORRECTION, RETURN, SALE, given_back
from tests.render.tables import REPORT

FOLDER = Path(__file__).parent / "golden"
#: As the hub issues it: a part came back, and the fee stands in the marketplace's report.
REPORTED = replace(
    COMMISSION,
    lines=(*COMMISSION.lines[:2], replace(given_back(COMMISSION.lines[0], 2), position=3)),
    total=COMMISSION.lines[0].total + COMMISSION.lines[1].total - 2 * 8990,
    vat_total=COMMISSION.lines[0].vat + COMMISSION.lines[1].vat - 1635,
    detail={"settlement": "ОК-2026-03", "first": "2026-03-01", "last": "2026-03-31",
            "fee": 250000, "payout": 2024813},
)  # fmt: skip
#: Nobody is known, and nothing was sold.
BARE = replace(
    SALE, seller=Party(), buyer=Party(), warehouse=Party(), lines=(), total=0, vat_total=0
)
SHOWN = {
    "sale": SALE, "return": RETURN, "correction": CORRECTION, "commission": REPORTED, "bare": BARE,
}  # fmt: skip


def layout(pdf: bytes) -> str:
    """Words where they stand on their pages."""
    pages = pypdf.PdfReader(BytesIO(pdf), strict=True).pages
    texts = (page.extract_text(extraction_mode="layout") for page in pages)
    trimmed = ("\n".join(line.rstrip() for line in text.splitlines()) for text in texts)
    return "\n\f\n".join(re.sub(r"\n{3,}", "\n\n", text) for text in trimmed)


def cells(book: bytes) -> Iterator[str]:
    """Every cell that holds something, with how it is shown."""
    for sheet in openpyxl.load_workbook(BytesIO(book)):
        yield f"[{sheet.title}] {sheet.dimensions}, {sheet.freeze_panes}, {sheet.auto_filter.ref}"
        for row in sheet.iter_rows():
            for cell in row:
                if cell.value is not None:
                    yield f"{cell.coordinate}\t{cell.number_format}\t{cell.value!r}"


def made() -> dict[str, str]:
    """Every text by its name."""
    papers = {f"{name}.ru.txt": layout(document_pdf([it], "ru")) for name, it in SHOWN.items()}
    return {
        **papers,
        "sale.en.txt": layout(document_pdf([SALE], "en")),
        "correction.en.txt": layout(document_pdf([CORRECTION], "en")),
        "register.txt": "\n".join(cells(document_xlsx([SALE, RETURN, CORRECTION], "ru"))),
        "report.ru.txt": layout(table_pdf(REPORT, "ru")),
        "report.ru.csv.txt": table_csv(REPORT, "ru").decode("utf-8-sig").replace("\r\n", "\n"),
        "report.en.csv.txt": table_csv(REPORT, "en").decode("utf-8-sig").replace("\r\n", "\n"),
        "report.xlsx.txt": "\n".join(cells(table_xlsx(REPORT, "en"))),
    }


if __name__ == "__main__":
    FOLDER.joinpath("paper").mkdir(exist_ok=True)
    for name, text in made().items():
        FOLDER.joinpath("paper", name).write_text(text.rstrip("\n") + "\n")
