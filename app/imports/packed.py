"""Zip archives, refused before they are unpacked when they would grow too large."""

from __future__ import annotations

import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from app.domain.assortment import BROKEN, TOO_LARGE, ImportRefused

#: Bytes of all members unpacked. The archive's own figures are enough: no member gives more than
#: it says.
MOST: Final = 512 * 1024 * 1024
_MOST_MEMBERS: Final = 10_000
#: Everything that a damaged or hostile archive makes zipfile raise.
_DAMAGE: Final = (
    zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError,
    ValueError, LookupError,
)  # fmt: skip


@contextmanager
def opened(raw: bytes, what: str) -> Iterator[zipfile.ZipFile]:
    """The archive; ImportRefused when it is damaged, encrypted or would be too large unpacked."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = archive.infolist()
            if len(members) > _MOST_MEMBERS or sum(each.file_size for each in members) > MOST:
                raise ImportRefused(TOO_LARGE, most=MOST // 1024 // 1024)
            yield archive
    except _DAMAGE as error:
        raise ImportRefused(BROKEN, format=what, detail=error) from None
