"""Places by their addresses."""

from __future__ import annotations

from typing import TypeAlias

import httpx

from app.files.address import Address, BucketAddress
from app.files.bucket import Bucket
from app.files.folder import Folder

#: A place that can also say what is there.
AnyPlace: TypeAlias = Folder | Bucket


def open_place(
    http: httpx.AsyncClient, address: Address, limit: int, *, make: bool = False
) -> AnyPlace:
    """The place; nothing is asked of it yet. `limit`: bytes of one file; `make`: a folder that is
    not there is made, else it is taken for one that is away."""
    if isinstance(address, BucketAddress):
        return Bucket(http, address, limit)
    return Folder(address, limit, make=make)
