"""An event is posted as Standard Webhooks 1.0.0 says: signed, one id for all its tries, any 2xx
means that it is taken, and nothing else does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

import httpx

from app import signing
from app.calling import client, patience
from app.errors import Undelivered
from app.integrators.names import Names
from app.integrators.reach import Resolve, addresses

#: Seconds for one event, answer and all: what the specification has senders allow.
LIMIT: Final = 15.0
#: Statuses that ask to be sent less, and how long they are left in peace when they do not say.
_THROTTLED: Final = frozenset({429, 502, 504})
_PEACE: Final = 15.0
#: Nobody is asked to wait longer than this by a Retry-After.
_LONGEST_WAIT: Final = 86_400.0
#: It wants no more.
_GONE: Final = 410
#: Bytes of an answer that are read, for a person.
_MOST: Final = 2048
_KEPT: Final = 200


@dataclass(frozen=True, slots=True)
class Post:
    """What is posted. `message_id`: the same for every try; `secrets`: it is signed with each."""

    url: str
    message_id: UUID
    body: bytes
    secrets: Sequence[str]


@dataclass(frozen=True, slots=True)
class Taken:
    """It is taken: the status, and the beginning of what was said."""

    status: int
    said: str


class Poster:
    """Posts to the addresses of subscriptions."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        clock: Callable[[], float] = time.time,
        limit: float = LIMIT,
        look: Resolve | None = None,
    ) -> None:
        """`http` verifies certificates, follows no redirects and keeps no connections: one of
        theirs is known by its address alone, where several names may live."""
        self._http = http
        self._clock = clock
        self._limit = limit
        self._look = look or Names().resolve

    async def post(self, what: Post) -> Taken:
        """Post it once. Undelivered when it is not taken, whatever the reason."""
        try:
            async with asyncio.timeout(self._limit):
                return await self._once(what)
        except TimeoutError:
            raise Undelivered("no answer within the time") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            raise Undelivered("not a request anybody could send") from None
        except httpx.HTTPError as error:
            raise Undelivered(f"no answer: {type(error).__name__}") from None

    async def _once(self, what: Post) -> Taken:
        parts = urlsplit(what.url)
        host = parts.hostname or ""
        port = parts.port or (443 if parts.scheme == "https" else 80)
        there = await addresses(host, port, self._look)
        for address in there[:-1]:
            try:
                return await self._at(address, parts, what)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue  # nothing was sent: another of its addresses
        return await self._at(there[-1], parts, what)

    async def _at(self, address: str, parts: SplitResult, what: Post) -> Taken:
        """Call the very address that was looked at: asked again, the name might lead elsewhere."""
        shown = f"[{address}]" if ":" in address else address
        netloc = shown if parts.port is None else f"{shown}:{parts.port}"
        async with self._http.stream(
            "POST",
            parts._replace(netloc=netloc).geturl(),
            headers={**self._headers(what), "host": parts.netloc},
            content=what.body,
            follow_redirects=False,
            extensions={"sni_hostname": parts.hostname},
        ) as answer:
            return self._judged(answer, await _beginning(answer))

    def _headers(self, what: Post) -> dict[str, str]:
        keys = [signing.key(each) for each in what.secrets]
        return {
            "content-type": "application/json",
            "accept-encoding": "identity",  # nothing small may become large here
            "user-agent": "order-hub",
            **signing.headers(f"msg_{what.message_id.hex}", int(self._clock()), what.body, keys),
        }

    def _judged(self, answer: httpx.Response, said: str) -> Taken:
        status = answer.status_code
        if 200 <= status < 300:
            return Taken(status, said)
        now = datetime.fromtimestamp(self._clock(), UTC)
        after = patience(answer.headers.get("retry-after", ""), now, _LONGEST_WAIT)
        words = "answers with another address" if 300 <= status < 400 else said
        raise Undelivered(
            f"HTTP {status}: {words}".rstrip(": "),
            status,
            after=after,
            rest=max(after, _PEACE) if status in _THROTTLED else after,
            gone=status == _GONE,
        )


@asynccontextmanager
async def poster() -> AsyncIterator[Poster]:
    """A poster with connections and threads of its own: a system that hangs takes none that others
    need."""
    limits = httpx.Limits(max_connections=100, max_keepalive_connections=0)
    timeout = httpx.Timeout(LIMIT, connect=5.0)
    names = Names()
    try:
        async with client(timeout, limits) as http:
            yield Poster(http, look=names.resolve)
    finally:
        names.close()


async def _beginning(answer: httpx.Response) -> str:
    """The beginning of an answer, on one line."""
    read = b""
    async for piece in answer.aiter_raw(_MOST):
        read += piece
        if len(read) >= _MOST:
            break
    text = read[:_MOST].decode("utf-8", "replace")
    shown = "".join(each if each.isprintable() else " " for each in text)
    return " ".join(shown.split())[:_KEPT]
