"""Secrets at rest by the master key that seals them, and sealing them anew in small batches."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Final

from app.db.conn import Conn
from app.db.queries import load
from app.db.sealing import Seal
from app.errors import SettingsInvalid

_SQL = load("keys")
#: Where there are secrets, and how each place takes them back. A new place is a row here.
PLACES: Final = {
    "credentials": "put_credentials",
    "destinations": "put_destinations",
    "integrators": "put_integrators",
    "tokens": "put_tokens",
    "refreshers": "put_refreshers",
}
#: Secrets sealed anew by one statement: none is locked for long.
BATCH: Final = 100
#: For secrets that no key of ours opens.
NOBODY: Final = ""


@dataclass(frozen=True, slots=True)
class Resealed:
    """How many secrets the first key seals now that another one did; how many no key opened."""

    done: int = 0
    lost: int = 0


async def count(conn: Conn, seal: Seal) -> dict[str, Counter[str]]:
    """How many secrets of each place each key opens, by its id; NOBODY for none. All are tried."""
    found = {}
    for place in PLACES:
        ids = Counter[str]()
        async for batch in _batches(conn, place, b""):
            ids.update(seal.key_of(sealed) or NOBODY for sealed in batch)
        found[place] = ids
    return found


async def reseal(conn: Conn, seal: Seal, batch: int = BATCH) -> Resealed:
    """Seal everything with the first key; what was stopped half-way is gone on with."""
    done = lost = 0
    for place, put in PLACES.items():
        async for found in _batches(conn, place, seal.ids[0].encode(), batch):
            renewed = {old: new for old in found if (new := _renewed(seal, old)) is not None}
            lost += len(found) - len(renewed)
            said = await conn.execute(_SQL[put], list(renewed), list(renewed.values()))
            done += int(said.split()[-1])
    return Resealed(done, lost)


async def _batches(
    conn: Conn, name: str, first: bytes, batch: int = BATCH
) -> AsyncIterator[list[bytes]]:
    """Secrets of a place that do not begin with `first` (b"": all of them)."""
    after = b""
    while True:
        rows = await conn.fetch(_SQL[name], first or b"\0", after, batch)
        if not rows:
            return
        yield [row["sealed"] for row in rows]
        after = rows[-1]["sealed"]


def _renewed(seal: Seal, sealed: bytes) -> bytes | None:
    try:
        return seal.close(seal.open(sealed))
    except SettingsInvalid:
        return None
