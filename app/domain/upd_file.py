"""What the electronic УПД's file is called, and the same inside it, as ИдФайл:
R_T_A_O_GGGGMMDD_N1_N2_N3_N4_N5_N6_N7 (Приказ ФНС России от 19.12.2023 № ЕД-7-26/970@)."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Final
from uuid import uuid5
from zoneinfo import ZoneInfo

from app.domain.document import Document
from app.domain.party import Party

#: R_T: a seller's file of this format.
_PREFIX: Final = "ON_NSCHFDOPPR"
_OTHER: Final = re.compile("[^0-9A-Za-z]")
#: What operators call a party.
_EDO: Final = re.compile(r"[0-9A-Za-z][0-9A-Za-z@._-]{3,45}")


def formed_at(document: Document) -> datetime:
    """When the file was made, as far as it says: when the document was, by its store's clock. Equal
    documents make equal files."""
    return document.created_at.astimezone(ZoneInfo(document.timezone))


def upd_file_id(document: Document, form: str) -> str:
    """ИдФайл, and the file's name without its extension: A, who receives, O, who sends, N1 made of
    the document's id and the form, N3 for goods with marks; N2 (traced imports), N4 to N6 (beer,
    tobacco and oil on their own) are never ours to say."""
    parts = (
        _PREFIX, _participant(document.buyer), _participant(document.seller),
        f"{formed_at(document):%Y%m%d}", str(uuid5(document.id, form)), "0",
        "1" if any(line.marks for line in document.lines) else "0", "0", "0", "0", "00",
    )  # fmt: skip
    return "_".join(parts)


def _participant(party: Party) -> str:
    """The name with an operator of electronic documents; who has none is called by his numbers,
    and an operator puts its own name there when the file is sent."""
    if _EDO.fullmatch(party.edo):
        return party.edo
    return "-".join(filter(None, (_OTHER.sub("", party.inn), _OTHER.sub("", party.kpp))))
