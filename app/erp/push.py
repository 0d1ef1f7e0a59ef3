"""A document is posted to its ERP: the file itself, signed, the same id for every repeat."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final
from urllib.parse import quote

import httpx
import msgspec

from app import signing
from app.calling import calling, check
from app.domain.destination import Destination, Parcel, Receipt, erp_number
from app.erp.shapes import Push, shape
from app.errors import DestinationAmiss, RemoteRefused

#: Seconds for one document, answer and all.
LIMIT: Final = 25.0
#: Bytes of an answer that are read for the number.
_MOST: Final = 16_384
#: Statuses that speak of the address and the login, whatever document is posted.
_AMISS: Final = frozenset({401, 403, 404, 405, 407, 410, 421})


class HttpPush:
    """Posts to the addresses of destinations."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: Callable[[], float] = time.time,
        limit: float = LIMIT,
    ) -> None:
        """`http` verifies certificates and follows no redirects."""
        self._http = http
        self._clock = clock
        self._limit = limit

    async def hand(self, destination: Destination, parcel: Parcel) -> Receipt:
        """See `way.ErpWay`. 2xx: it is taken, now or before; a repeat is also taken by a 409."""
        settings = shape(destination, Push)
        headers = self._headers(destination, parcel)
        try:
            async with (
                calling(self._limit),
                self._http.stream(
                    "POST",
                    settings.url,
                    headers=headers,
                    content=parcel.body,
                    follow_redirects=False,
                ) as answer,
            ):
                said = await _read(answer)
        except RemoteRefused as error:  # nobody has seen it yet: the address, or the login
            raise DestinationAmiss(str(error)) from None
        return _receipt(answer, said, repeat=parcel.repeat)

    def _headers(self, destination: Destination, parcel: Parcel) -> dict[str, str]:
        keys = [signing.key(each) for each in destination.secrets["signing"]]
        moment = int(self._clock())
        headers = {
            "content-type": parcel.media_type,
            "accept-encoding": "identity",  # nothing small may become large here
            "user-agent": "order-hub",
            "x-document-id": str(parcel.document_id),
            "x-document-kind": parcel.kind,
            "x-document-number": quote(parcel.number),
            **signing.headers(f"doc_{parcel.id.hex}", moment, parcel.body, keys),
        }
        for login in destination.secrets.get("authorization", ())[:1]:
            headers["authorization"] = login
        return headers


async def _read(answer: httpx.Response) -> bytes:
    read = b""
    async for piece in answer.aiter_raw(_MOST):
        read += piece
        if len(read) >= _MOST:
            break
    return read[:_MOST]


def _receipt(answer: httpx.Response, said: bytes, *, repeat: bool) -> Receipt:
    status = answer.status_code
    if 200 <= status < 300:
        return Receipt("sent", _words(said), status, _number(said))
    if status == 409 and repeat:
        return Receipt("already_there", _words(said), status, _number(said))
    if 300 <= status < 400 or status in _AMISS:
        raise DestinationAmiss(f"HTTP {status}: {_words(said)}"[:300].rstrip(": "))
    if 400 <= status < 500 and status not in (408, 425, 429):
        raise RemoteRefused(f"HTTP {status}: {_words(said)}"[:300].rstrip(": "))
    check(answer)
    raise AssertionError("unreachable: everything else has raised")


def _number(said: bytes) -> str | None:
    """The number in a JSON object; an answer that is none says none."""
    try:
        found = msgspec.json.decode(said)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return None
    return erp_number(found.get("number")) if isinstance(found, dict) else None


def _words(said: bytes) -> str:
    """The beginning of an answer, for a person."""
    text = said[:800].decode("utf-8", "replace")
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:200]
