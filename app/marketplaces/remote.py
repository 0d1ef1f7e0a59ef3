"""One outbound call: bounded in size and time, quick tries only while nothing was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from tenacity import (
    AsyncRetrying,
    retry_if_exception_type,
    stop_after_attempt,
    wait_random_exponential,
)

from app.errors import RemoteRefused, RemoteUnavailable

TIMEOUT: Final = httpx.Timeout(10.0, connect=3.0)
#: Bytes of an answer we are willing to read.
MOST: Final = 65_536
#: Statuses that heal by themselves, beside every 5xx; the other side did not act on 429 and 503.
_LATER: Final = frozenset({408, 425, 429})
_NOT_ACTED_ON: Final = frozenset({429, 503})
#: Nobody is asked to wait longer than this by a Retry-After.
_LONGEST_WAIT: Final = 3600.0


@dataclass(frozen=True, slots=True)
class Response:
    """Status, the first bytes of the body as text, and the seconds to wait if any were named."""

    status: int
    text: str
    after: float = 0.0


def client() -> httpx.AsyncClient:
    """The one client of a process; credentials are given per call, so accounts never mix."""
    limits = httpx.Limits(max_connections=50, max_keepalive_connections=20, keepalive_expiry=20)
    return httpx.AsyncClient(timeout=TIMEOUT, limits=limits, follow_redirects=False)


async def post(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str], body: bytes
) -> Response:
    """POST once, or up to three times while no connection could be made.

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
                return await _once(http, url, headers, body)
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
    """2xx returns; what may heal raises RemoteUnavailable, the rest RemoteRefused."""
    if 200 <= response.status < 300:
        return
    said = f"HTTP {response.status}: {response.text[:300]}"
    if response.status in _LATER or response.status >= 500:
        acted = response.status not in _NOT_ACTED_ON
        raise RemoteUnavailable(said, ambiguous=acted, after=response.after)
    raise RemoteRefused(said)


async def _once(
    http: httpx.AsyncClient, url: str, headers: Mapping[str, str], body: bytes
) -> Response:
    plain = {**headers, "Accept-Encoding": "identity"}  # nothing small may become large here
    async with http.stream("POST", url, headers=plain, content=body) as answer:
        read = b""
        async for chunk in answer.aiter_raw(8192):
            read += chunk
            if len(read) >= MOST:
                break
        after = _retry_after(answer.headers.get("retry-after", ""), datetime.now(UTC))
        return Response(answer.status_code, read[:MOST].decode("utf-8", "replace"), after)


def _retry_after(value: str, now: datetime) -> float:
    """Seconds or an HTTP date (RFC 9110 §10.2.3); nonsense counts as not said."""
    if value.isascii() and value.isdecimal():
        return min(float(value[:9]), _LONGEST_WAIT)
    try:
        moment = parsedate_to_datetime(value)
    except (ValueError, TypeError, OverflowError):
        return 0.0
    wait = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    return min(max(wait, 0.0), _LONGEST_WAIT)
