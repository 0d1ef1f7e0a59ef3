"""One outbound call: bounded in size and time, quick tries only while nothing was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import httpx
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from app import calling
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable, Unauthorised

TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0)
#: Bytes of an answer we are willing to read; of a list of orders, more.
MOST: Final = 65_536
MOST_LISTED: Final = 8_388_608
#: It asks for patience.
_BUSY: Final = 429
#: Statuses that heal by themselves, beside every 5xx; on one of them it did not act.
_LATER: Final = frozenset({408, 425})
_NOT_ACTED_ON: Final = 503
#: Statuses that say that our key opens nothing, or not this.
_KEY: Final = frozenset({401, 403})
#: Nobody is asked to wait longer than this by a Retry-After.
_LONGEST_WAIT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Response:
    """Status, the first bytes of the body, and the seconds to wait if any were named."""

    status: int
    body: bytes
    after: float = 0.0

    @property
    def text(self) -> str:
        """The body for people to read."""
        return self.body.decode("utf-8", "replace")


def client() -> httpx.AsyncClient:
    """The one client of a process; credentials are given per call, so accounts never mix."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=20)
    return calling.client(TIMEOUT, limits)


async def post(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str], body: bytes
) -> Response:
    """See `call`."""
    return await call(http, "POST", url, headers, body)


async def call(
    http: httpx.AsyncClient,
    method: str,
    url: str,
    headers: Mapping[str, str],
    body: bytes = b"",
    *,
    listing: bool = False,
) -> Response:
    """Call once, or up to three times while no connection could be made. `listing`: a POST whose
    answer may be as long as that of a GET.

    Raises RemoteUnavailable, `ambiguous` when the request may have arrived, and RemoteRefused when
    it cannot even be sent.
    """
    quickly = AsyncRetrying(
        retry=retry_if_exception_type(httpx.ConnectError),
        stop=stop_after_attempt(3),
        wait=wait_random_exponential(0.1, max=1.0),
        reraise=True,
    )
    try:
        async for attempt in quickly:
            with attempt:
                most = MOST_LISTED if listing or method == "GET" else MOST
                request = http.build_request(method, url, headers=_plain(headers), content=body)
                return await _once(http, request, most)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise RemoteUnavailable(f"no connection: {type(error).__name__}") from error
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError) as error:
        raise RemoteRefused("not a request anybody could send") from error
    except UnicodeEncodeError:  # its text would show the header's value
        raise RemoteRefused("a header that is not ASCII") from None
    except httpx.HTTPError as error:
        raise RemoteUnavailable(f"no answer: {type(error).__name__}", ambiguous=True) from error
    raise AssertionError("unreachable: tenacity re-raises")


def raise_unless_accepted(response: Response) -> None:
    """2xx returns; what may heal raises RemoteUnavailable (RemoteBusy where it asks for patience),
    the rest RemoteRefused (Unauthorised where it is about our key)."""
    if 200 <= response.status < 300:
        return
    said = f"HTTP {response.status}: {response.text[:300]}"
    if response.status == _BUSY:
        raise RemoteBusy(said, after=response.after)
    if response.status in _LATER or response.status >= 500:
        acted = response.status != _NOT_ACTED_ON
        raise RemoteUnavailable(said, ambiguous=acted, after=response.after)
    if response.status in _KEY:
        raise Unauthorised(said)
    raise RemoteRefused(said)


def _plain(headers: Mapping[str, str]) -> dict[str, str]:
    return {**headers, "Accept-Encoding": "identity"}  # nothing small may become large here


async def _once(http: httpx.AsyncClient, request: httpx.Request, most: int) -> Response:
    answer = await http.send(request, stream=True)
    try:
        read = b""
        async for chunk in answer.aiter_raw(8192):
            read += chunk
            if len(read) >= most:
                break
    finally:
        await answer.aclose()
    asked = answer.headers.get("retry-after", "")
    after = calling.patience(asked, datetime.now(UTC), _LONGEST_WAIT)
    return Response(answer.status_code, read[:most], after)
