"""A document is dropped as a file into a folder or a bucket: whole or not at all, twice is once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

from app.domain.destination import Destination, Parcel, Receipt
from app.erp.shapes import Drop, Store, bucket, shape
from app.errors import DestinationAmiss, RemoteRefused, SettingsInvalid
from app.files.bucket import Bucket
from app.files.folder import Folder

#: Bytes of one file: far above what a document of a thousand lines takes.
LIMIT: Final = 64 << 20


def lies(parcel: Parcel, *, daily: bool) -> str:
    """Where beneath the destination's folder a document's file lies, always the same."""
    return f"{parcel.issued_on.isoformat()}/{parcel.name}" if daily else parcel.name


class FolderDrop:
    """Puts files into folders of this machine; one that is not there is a disk that is away."""

    async def hand(self, destination: Destination, parcel: Parcel) -> Receipt:
        """See `way.ErpWay`."""
        said = shape(destination, Drop)
        name = lies(parcel, daily=said.daily)
        with _for_all(parcel):
            await Folder(Path(said.path), LIMIT).put(name, parcel.body)
        return Receipt("sent", name)


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
