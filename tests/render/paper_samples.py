"""Orders to print, and readers that know nothing of how they were printed."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from io import BytesIO

import pypdf
import pypdfium2
import zxingcpp
from hypothesis import strategies as st

from app.domain.goods import Place, Temperature
from app.domain.order import Replacement, Unit
from app.render.bag_label import BagLabel
from app.render.picking_list import PickingList, Row

DUE = datetime(2026, 11, 22, 15, 45, tzinfo=UTC)

LABEL = BagLabel(
    code="B-7F3K2A-2",
    order_number="H1042-7381",
    marketplace="СберМаркет",
    store_name="Лента, Ленинский пр-т",
    temperature=Temperature.FROZEN,
    index=2,
    count=3,
    due_at=DUE,
    language="ru",
    timezone="Asia/Yekaterinburg",
    place="A-12",
)

MILK = Row(
    position=1,
    name="Молоко пастеризованное 2,5 %",
    sku="100234",
    unit=Unit.PIECE,
    pieces=2,
    place=Place("Молочное", "1", "A-12", 10),
    barcode="4607053473650",
    temperature=Temperature.CHILLED,
)
BANANAS = Row(
    position=2,
    name="Бананы",
    sku="500001",
    unit=Unit.WEIGHT,
    pieces=5,
    grams=1000,
    unit_grams=1000,
    place=Place("Овощи", "", "", 40),
    plu="00021",
)
BEER = Row(
    position=3,
    name="Пиво светлое 0,45 л",
    sku="900100",
    unit=Unit.PIECE,
    pieces=1,
    barcode="46009333",
    marked=True,
    min_age=18,
)
SHEET = PickingList(
    order_number="H1042-7381",
    store_name="Лента, Ленинский пр-т",
    marketplace="СберМаркет",
    account="lenta-msk",
    due_at=DUE,
    timezone="Asia/Yekaterinburg",
    policy=Replacement.CALL_OR_REPLACE,
    rows=(MILK, BANANAS, BEER),
    language="ru",
    comment="Бананы позеленее",
    reasons=("нет на полке", "испорчено", "другое"),
)

#: Every plane of Unicode, lone surrogates too, and what printers take for commands.
hostile = st.text(
    st.one_of(
        st.characters(exclude_categories=()),
        st.sampled_from('^~_\\>;"<&{}\x00\x10\x1b\r\n\u202e\u200d\ufe0f\u0301^XZ~JR'),
        st.characters(min_codepoint=0x400, max_codepoint=0x4FF),
    ),
    max_size=80,
)


def rows(count, **changes):
    """Many lines, each its own; places as on a path."""
    some = (MILK, BANANAS, BEER)
    return tuple(
        replace(some[index % 3], position=index, sku=f"S{index:05}", **changes)
        for index in range(count)
    )


def text_of(pdf):
    """What a reader of PDFs finds on each page, white space left out."""
    pages = pypdf.PdfReader(BytesIO(pdf), strict=True).pages
    return ["".join(page.extract_text().split()) for page in pages]


def barcodes_of(picture):
    """(format, text) of each barcode that a scanner finds."""
    found = zxingcpp.read_barcodes(picture)
    return {(re.sub(r".*\.|\W", "", str(each.format)), each.text) for each in found}


def picture_of(pdf, page=0, dots_per_inch=300):
    """A page as a scanner sees it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return document[page].render(scale=dots_per_inch / 72, grayscale=True).to_pil()
