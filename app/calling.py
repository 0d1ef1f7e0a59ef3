"""A call to another machine over HTTP: whatever comes of it, said in errors of ours."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Final

import httpx

from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable

#: Statuses that heal by themselves, beside every 5xx.
_LATER: Final = frozenset({408, 425})
#: Statuses that say that nothing was done, and perhaps when to come again.
_BUSY: Final = frozenset({429, 503})
#: Nobody is asked to wait longer than this by a Retry-After.
_LONGEST_WAIT: Final = 900.0


def client(timeout: httpx.Timeout, limits: httpx.Limits) -> httpx.AsyncClient:
    """What all are called by that are not ours. Of an answer nothing stays in it: a cookie would go
    along with what is said to somebody else at the same address."""
    forgetful = CookieJar(DefaultCookiePolicy(allowed_domains=()))
    return httpx.AsyncClient(
        timeout=timeout, limits=limits, cookies=forgetful, follow_redirects=False
    )


@asynccontextmanager
async def calling(limit: float) -> AsyncIterator[None]:
    """At most so many seconds; what goes wrong on the way raises RemoteUnavailable, `ambiguous`
    when the other side may have acted, or RemoteRefused. Nothing of the address is told."""
    try:
        async with asyncio.timeout(limit):
            yield
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise RemoteUnavailable(f"no connection: {type(error).__name__}") from None
    except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
        raise RemoteRefused("not a request anybody could send") from None
    except httpx.HTTPError as error:
        said = f"no answer: {type(error).__name__}"
        raise RemoteUnavailable(said, ambiguous=True) from None
    except TimeoutError:
        raise RemoteUnavailable("no answer within the time", ambiguous=True) from None


def check(answer: httpx.Response, word: str = "") -> None:
    """2xx returns, anything else raises; redirects are not followed: what is sent is for the
    address that was set. `word`: what the other side calls it, without secrets."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    said = f"HTTP {status}" + (f" {word}" if word else "")
    if 300 <= status < 400:
        raise RemoteRefused(f"{said}: it answers with another address")
    if status in _BUSY:
        asked = answer.headers.get("retry-after", "")
        raise RemoteBusy(said, after=patience(asked, datetime.now(UTC), _LONGEST_WAIT))
    if status in _LATER or status >= 500:
        raise RemoteUnavailable(said, ambiguous=True)
    raise RemoteRefused(said)


def patience(value: str, now: datetime, most: float) -> float:
    """Seconds to wait, at most so many, that a Retry-After asks for: seconds, or a date (RFC 9110
    §10.2.3); nonsense counts as not said."""
    if value.isascii() and value.isdecimal():
        return min(float(value[:9]), most)
    try:
        moment = parsedate_to_datetime(value)
        wait = (moment.replace(tzinfo=moment.tzinfo or UTC) - now).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(wait, 0.0), most)
