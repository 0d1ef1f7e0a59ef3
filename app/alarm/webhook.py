"""Letters as a webhook, signed as https://www.standardwebhooks.com says."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import time
from collections.abc import Callable
from typing import Final

import httpx
import msgspec

from app.alarm.address import Hook
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from app.ports import ALARM_LIMIT, Alarm

#: Statuses that heal by themselves, beside every 5xx.
_LATER: Final = frozenset({408, 425})
#: Statuses that say that nothing was done, and perhaps when to come again.
_BUSY: Final = frozenset({429, 503})
#: Nobody is asked to wait longer than this by a Retry-After.
_LONGEST_WAIT: Final = 900.0


class Webhook:
    """Posts to one address."""

    name = "webhook"

    def __init__(
        self,
        http: httpx.AsyncClient,
        hook: Hook,
        clock: Callable[[], float] = time.time,
        limit: float = ALARM_LIMIT,
    ) -> None:
        """`http` verifies certificates and follows no redirects."""
        self._http = http
        self._hook = hook
        self._clock = clock
        self._limit = limit

    async def send(self, alarm: Alarm) -> str:
        """Post it; what came back. A repeat has the same webhook-id, for the receiver to know."""
        body = _body(alarm)
        headers = self._headers(alarm, body)
        try:
            async with asyncio.timeout(self._limit):
                return await self._post(headers, body)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            raise RemoteUnavailable(f"no connection: {type(error).__name__}") from None
        except (httpx.InvalidURL, httpx.UnsupportedProtocol, httpx.LocalProtocolError):
            raise RemoteRefused("not a request anybody could send") from None
        except httpx.HTTPError as error:
            said = f"no answer: {type(error).__name__}"
            raise RemoteUnavailable(said, ambiguous=True) from None
        except TimeoutError:
            raise RemoteUnavailable("no answer within the time", ambiguous=True) from None

    async def _post(self, headers: dict[str, str], body: bytes) -> str:
        async with self._http.stream(
            "POST", self._hook.url, headers=headers, content=body, follow_redirects=False
        ) as answer:
            _check(answer)
            return f"HTTP {answer.status_code}"  # of what it says besides nothing is needed

    def _headers(self, alarm: Alarm, body: bytes) -> dict[str, str]:
        id_, moment = f"alarm_{alarm.id.hex}", str(int(self._clock()))
        headers = {
            "content-type": "application/json",
            "user-agent": "order-hub",
            "webhook-id": id_,
            "webhook-timestamp": moment,
        }
        if self._hook.key:
            signed = hmac.digest(self._hook.key, f"{id_}.{moment}.".encode() + body, hashlib.sha256)
            headers["webhook-signature"] = f"v1,{base64.b64encode(signed).decode()}"
        return headers


def _body(alarm: Alarm) -> bytes:
    facts = dict(alarm.facts)
    kind = facts.pop("type", "alarm")
    data = {"subject": alarm.subject, "text": alarm.text, **facts}
    return msgspec.json.encode({"type": kind, "timestamp": alarm.at, "data": data})


def _check(answer: httpx.Response) -> None:
    """2xx returns; redirects are not followed: a letter is for the address that was set."""
    status = answer.status_code
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise RemoteRefused(f"HTTP {status}: it answers with another address")
    if status in _BUSY:
        raise RemoteBusy(f"HTTP {status}", after=_asked(answer.headers.get("retry-after", "")))
    if status in _LATER or status >= 500:
        raise RemoteUnavailable(f"HTTP {status}", ambiguous=True)
    raise RemoteRefused(f"HTTP {status}")


def _asked(value: str) -> float:
    """Seconds of a Retry-After; a date counts as not said."""
    plain = value.isascii() and value.isdecimal()
    return min(float(value[:9]), _LONGEST_WAIT) if plain else 0.0
