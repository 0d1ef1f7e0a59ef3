"""Whether everything that was kept is there and is what was kept."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from app.db import files
from app.db.conn import Conn
from app.db.files import Stored
from app.domain.kept import is_digest, lies
from app.errors import RemoteRefused
from app.ports import Place

#: Rows read at once.
_PAGE: Final = 500


class Shelves(Place, Protocol):
    """A place that can also say what is there."""

    def names(self) -> AsyncIterator[Sequence[str]]:
        """All names, some at a time."""


@dataclass(slots=True)
class Inspection:
    """What was found: files, bytes, digests of those that are `gone` or `rotten`, how many of these
    a document is made of anew, and how many files nobody asks for (a crash left them)."""

    files: int = 0
    size: int = 0
    gone: list[str] = field(default_factory=list)
    rotten: list[str] = field(default_factory=list)
    remade: int = 0
    strange: int = 0

    @property
    def lost(self) -> int:
        """Files that are not what was kept."""
        return len(self.gone) + len(self.rotten)


async def inspect(conn: Conn, place: Shelves) -> Inspection:
    """Read every file once; raises RemoteUnavailable, and RemoteRefused for the whole place."""
    found = Inspection()
    async for stored in _all(conn):
        found.files += 1
        found.size += stored.size
        await _look(conn, place, stored.sha256, found)
    async for names in place.names():
        ours = {name: name.rpartition("/")[2] for name in names}
        known = await files.known(conn, [one for one in ours.values() if is_digest(one)])
        found.strange += sum(name != lies(one) or one not in known for name, one in ours.items())
    return found


async def _look(conn: Conn, place: Shelves, sha256: str, found: Inspection) -> None:
    try:
        body = await place.get(lies(sha256))
    except RemoteRefused:  # a link, a folder, something too large: no file of ours
        body = b""
    if body is None:
        found.gone.append(sha256)
    elif await asyncio.to_thread(_digest, body) != sha256:
        found.rotten.append(sha256)
    else:
        return
    found.remade += await files.document_with(conn, sha256) is not None


async def _all(conn: Conn) -> AsyncIterator[Stored]:
    after = ""
    while page := await files.stored_after(conn, after, _PAGE):
        for stored in page:
            yield stored
        after = page[-1].sha256


def _digest(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()
