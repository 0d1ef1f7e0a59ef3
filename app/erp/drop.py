"""A document is dropped as a file into a folder or a bucket: whole or not at all, twice is once."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterator
from concurrent.futures import Executor, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final
from uuid import UUID

import httpx

from app.domain.destination import Destination, Parcel, Receipt
from app.erp.shapes import Drop, Store, bucket, shape
from app.errors import DestinationAmiss, RemoteRefused, RemoteUnavailable, SettingsInvalid
from app.files.bucket import Bucket
from app.files.folder import Folder

#: Bytes of one file: far above what a document of a thousand lines takes.
LIMIT: Final = 64 << 20
#: Files written at once.
_MOST: Final = 32


def lies(parcel: Parcel, *, daily: bool) -> str:
    """Where beneath the destination's folder a document's file lies, always the same."""
    return f"{parcel.issued_on.isoformat()}/{parcel.name}" if daily else parcel.name


class FolderDrop:
    """Puts files into folders of this machine; one that is not there is a disk that is away. One
    that hangs takes a few threads of its own, and no more of them until it has answered."""

    def __init__(self, threads: Executor | None = None) -> None:
        self._threads = threads or ThreadPoolExecutor(_MOST, thread_name_prefix="folders")
        self._given_up: dict[UUID, asyncio.Future[None]] = {}

    async def hand(self, destination: Destination, parcel: Parcel) -> Receipt:
        """See `way.ErpWay`."""
        said = shape(destination, Drop)
        name = lies(parcel, daily=said.daily)
        if destination.id in self._given_up:
            raise RemoteUnavailable("the folder: it still hangs on an earlier file")
        with _for_all(parcel):
            folder = Folder(Path(said.path), LIMIT, threads=self._threads)
            await self._put(destination.id, folder.put(name, parcel.body))
        return Receipt("sent", name)

    async def _put(self, to: UUID, work: Coroutine[Any, Any, None]) -> None:
        """Its end, unless nobody waits for it any more: then it is remembered until its own."""
        putting = asyncio.create_task(work)
        try:
            await asyncio.shield(putting)
        except asyncio.CancelledError:
            self._given_up[to] = putting
            putting.add_done_callback(partial(self._answered, to))
            raise

    def _answered(self, to: UUID, putting: asyncio.Future[None]) -> None:
        if self._given_up.get(to) is putting:  # of several given up, the last one tells
            del self._given_up[to]
        if not putting.cancelled():
            putting.exception()  # nobody asks any more: nothing to complain of


class BucketDrop:
    """Puts files into buckets that speak S3."""

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    async def hand(self, destination: Destination, parcel: Parcel) -> Receipt:
        """See `way.ErpWay`."""
        said = shape(destination, Store)
        try:
            place = Bucket(self._http, bucket(destination), LIMIT)
        except ValueError as error:
            raise SettingsInvalid(str(error)) from None
        name = lies(parcel, daily=said.daily)
        with _for_all(parcel):
            await place.put(name, parcel.body)
        return Receipt("sent", name)


@contextmanager
def _for_all(parcel: Parcel) -> Iterator[None]:
    """A place reads no documents: but for one that is too large, what it refuses (a key, a bucket
    that is not there, a file where a folder should be) it refuses for all of them."""
    if len(parcel.body) > LIMIT:
        raise RemoteRefused(f"a file of more than {LIMIT} bytes")
    try:
        yield
    except RemoteRefused as error:
        raise DestinationAmiss(str(error)) from None
