"""Where a merchant's documents go: to which books, by which way, in which form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.domain.document import Kind


class Way(StrEnum):
    """Posted to the ERP, put into a folder, to another machine, into a bucket; or it fetches."""

    HTTP = "http"
    FOLDER = "folder"
    SFTP = "sftp"
    S3 = "s3"
    PULL = "pull"


@dataclass(frozen=True, slots=True)
class Destination:
    """One ERP of one merchant. `settings`: what the way needs, see app/erp/shapes; `secrets` by
    kind, the newest first; a paused one is not `active`. `removed`: it gets nothing more."""

    id: UUID
    merchant_id: UUID
    code: str
    way: Way
    form: str
    language: str
    kinds: frozenset[Kind]
    settings: Mapping[str, Any]
    active: bool = True
    removed: bool = False
    secrets: Mapping[str, tuple[str, ...]] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class Parcel:
    """A document as a file on its way. A repeat has the same `id`, name and bytes; `repeat`: an
    earlier try may have arrived."""

    id: UUID
    document_id: UUID
    kind: str
    number: str
    issued_on: date
    name: str
    media_type: str
    body: bytes = field(repr=False)
    repeat: bool = False


@dataclass(frozen=True, slots=True)
class Receipt:
    """How the other side took it: a few words, HTTP status if any, its own number if it told."""

    outcome: str
    said: str
    status: int | None = None
    number: str | None = None


#: Characters of a number of the ERP's own, of what it says, and of a name for a person to read.
_LONGEST: Final = 100
#: Cyrillic as file names of ASCII spell it (a reader's aid; the id keeps names apart).
_LATIN: Final = str.maketrans(
    dict(
        zip(
            "абвгдеёзийклмнопрстуфхъыьэ",
            ("a", "b", "v", "g", "d", "e", "e", "z", "i", "y", "k", "l", "m", "n", "o", "p",
             "r", "s", "t", "u", "f", "kh", "", "y", "", "e"),
            strict=True,
        )
    )
    | {"ж": "zh", "ц": "ts", "ч": "ch", "ш": "sh", "щ": "shch", "ю": "yu", "я": "ya"}
)  # fmt: skip
_OTHER: Final = re.compile(r"[^A-Za-z0-9-]+")


def drop_name(number: str, kind: str, document_id: UUID, extension: str) -> str:
    """What a document's file is called where files are dropped: always the same, ASCII."""
    plain = "".join(
        each.lower().translate(_LATIN).upper() if each.isupper() else each.translate(_LATIN)
        for each in number
    )
    tame = _OTHER.sub("-", plain).strip("-")[:_LONGEST] or "document"
    return f"{tame}_{_OTHER.sub('-', kind)}_{document_id.hex[-8:]}{extension}"


def erp_number(said: object) -> str | None:
    """The number an ERP gives a document: one line, no longer than a number is; None for none."""
    if isinstance(said, bool) or not isinstance(said, str | int):
        return None
    shown = "".join(each if each.isprintable() else " " for each in str(said)[:1000])
    return " ".join(shown.split())[:_LONGEST] or None
