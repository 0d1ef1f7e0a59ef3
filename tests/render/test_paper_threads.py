"""Pages are drawn in threads, so that the event loop serves others meanwhile."""

import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from app.render.label_print import label_png
from app.render.paper import Paper, Style
from app.render.picking_print import picking_list_pdf
from tests.render.paper_samples import LABEL, SHEET, rows


def test_lists_and_labels_made_at_once_are_as_those_made_alone():
    sheets = [replace(SHEET, order_number=f"H{n}", rows=rows(10 + n)) for n in range(12)]
    labels = [replace(LABEL, order_number=f"H{n}") for n in range(12)]
    with ThreadPoolExecutor(4) as pool:
        together = [*pool.map(picking_list_pdf, sheets), *pool.map(label_png, labels)]
    assert together == [*map(picking_list_pdf, sheets), *map(label_png, labels)]


@pytest.fixture
def threads_in_turn() -> Iterator[None]:
    """Threads take turns within single functions, as they do on a busy machine now and then."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def _lettered(letters: str) -> bytes:
    paper = Paper((100, 100), 1, "", "")
    paper.text((10, 10), letters, Style())
    return paper.finish()


@pytest.mark.usefixtures("threads_in_turn")
def test_letters_embedded_by_documents_at_once_are_those_embedded_alone():
    accented = "ЙйЁёЇїÀÉÎÕÜàéîõüŠšŽž№"
    texts = [accented[n:] + accented[:n] for n in range(len(accented))] * 4
    with ThreadPoolExecutor(4) as pool:
        assert [*pool.map(_lettered, texts)] == [*map(_lettered, texts)]
