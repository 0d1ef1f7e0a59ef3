"""Pages are drawn in threads, so that the event loop serves others meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from app.render.label_print import label_png
from app.render.picking_print import picking_list_pdf
from tests.render.paper_samples import LABEL, SHEET, rows


def test_lists_and_labels_made_at_once_are_as_those_made_alone():
    sheets = [replace(SHEET, order_number=f"H{n}", rows=rows(10 + n)) for n in range(12)]
    labels = [replace(LABEL, order_number=f"H{n}") for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        together = [*pool.map(picking_list_pdf, sheets), *pool.map(label_png, labels)]
    assert together == [*map(picking_list_pdf, sheets), *map(label_png, labels)]
