"""A bucket that speaks S3 as a place for files: Amazon's protocol, whoever offers it."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Final

import httpx
from httpx_auth import AWS4Auth

from app.calling import calling, check
from app.errors import RemoteRefused, RemoteUnavailable
from app.files.address import BucketAddress
from app.files.names import parts

#: Seconds one request may take, body and all.
LIMIT: Final = 60.0
#: Bytes of a refusal that are read for its code.
_SAID: Final = 4096
#: Bytes of a list of a thousand names.
_LIST: Final = 4 << 20
_CODE: Final = re.compile(rb"<Code>([A-Za-z0-9]{1,64})</Code>")
_KEY: Final = re.compile(r"<Key>([^<&]+)</Key>")
_NEXT: Final = re.compile(r"<NextContinuationToken>([^<&]+)</NextContinuationToken>")
#: Refusals of what was damaged on its way, or of our clock, which somebody will set.
_HEALS: Final = frozenset(
    {"BadDigest", "XAmzContentSHA256Mismatch", "IncompleteBody", "RequestTimeTooSkewed"}
)


class Bucket:
    """Files in one bucket beneath a prefix, named in the path of each request. Requests are signed
    by Signature Version 4, with the digest of what they bring."""

    def __init__(
        self, http: httpx.AsyncClient, address: BucketAddress, limit: int, within: float = LIMIT
    ) -> None:
        """`http` follows no redirects; `limit`: bytes of one file; `within`: seconds."""
        self._http = http
        self._url = f"{address.endpoint}/{address.bucket}"
        self._prefix = f"{address.prefix}/" if address.prefix else ""
        self._limit = limit
        self._within = within
        self._auth = AWS4Auth(
            address.key_id, address.secret, address.region, "s3", include_headers=["content-md5"]
        )

    async def put(self, name: str, body: bytes) -> None:
        """See `ports.Place`: S3 shows an object whole or not at all."""
        url = self._object(name)
        if len(body) > self._limit:
            raise RemoteRefused(f"a file of more than {self._limit} bytes")
        md5 = await asyncio.to_thread(_md5, body)
        async with calling(self._within), self._ask("PUT", url, {"content-md5": md5}, body) as said:
            check(said, await _refusal(said))

    async def get(self, name: str) -> bytes | None:
        """See `ports.Place`."""
        async with calling(self._within), self._ask("GET", self._object(name)) as said:
            refusal = await _refusal(said)
            if refusal == "NoSuchKey":
                return None
            check(said, refusal)
            return await _body(said, self._limit)

    async def remove(self, name: str) -> None:
        """See `ports.Place`."""
        async with calling(self._within), self._ask("DELETE", self._object(name)) as said:
            refusal = await _refusal(said)
            if refusal != "NoSuchKey":
                check(said, refusal)

    async def names(self) -> AsyncIterator[list[str]]:
        """All names, some at a time."""
        asked = {"list-type": "2", "prefix": self._prefix}
        more = True
        while more:
            url = str(httpx.URL(self._url, params=asked))
            async with calling(self._within), self._ask("GET", url) as said:
                check(said, await _refusal(said))
                page = (await _body(said, _LIST)).decode("utf-8", "replace")
            yield [key.removeprefix(self._prefix) for key in _KEY.findall(page)]
            token = _NEXT.search(page)
            more = token is not None
            asked["continuation-token"] = token[1] if token else ""

    def _object(self, name: str) -> str:
        return f"{self._url}/{self._prefix}{'/'.join(parts(name))}"

    def _ask(
        self, method: str, url: str, headers: Mapping[str, str] | None = None, body: bytes = b""
    ) -> AbstractAsyncContextManager[httpx.Response]:
        plain = {"accept-encoding": "identity", "user-agent": "order-hub", **(headers or {})}
        return self._http.stream(
            method, url, headers=plain, content=body, auth=self._auth, follow_redirects=False
        )


async def _refusal(said: httpx.Response) -> str:
    """The code of a refusal, '' for none. Raises RemoteUnavailable for those that heal."""
    if said.is_success:
        return ""
    read = b""
    async for piece in said.aiter_raw(_SAID):
        read += piece
        if len(read) >= _SAID:
            break
    code = _CODE.search(read)
    word = code[1].decode() if code else ""
    if word in _HEALS:
        raise RemoteUnavailable(f"HTTP {said.status_code} {word}")
    return word


async def _body(said: httpx.Response, limit: int) -> bytes:
    """What it brings; no more of it is read than may be."""
    pieces: list[bytes] = []
    size = 0
    async for piece in said.aiter_raw():
        size += len(piece)
        if size > limit:
            raise RemoteRefused(f"a file of more than {limit} bytes")
        pieces.append(piece)
    return b"".join(pieces)


def _md5(body: bytes) -> str:
    return base64.b64encode(hashlib.md5(body, usedforsecurity=False).digest()).decode()
