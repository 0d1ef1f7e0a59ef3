"""Letters as a webhook, signed as https://www.standardwebhooks.com says."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import msgspec

from app import signing
from app.alarm.address import Hook
from app.calling import calling, check
from app.ports import ALARM_LIMIT, Alarm


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
        async with calling(self._limit):
            return await self._post(headers, body)

    async def _post(self, headers: dict[str, str], body: bytes) -> str:
        async with self._http.stream(
            "POST", self._hook.url, headers=headers, content=body, follow_redirects=False
        ) as answer:
            check(answer)
            return f"HTTP {answer.status_code}"  # of what it says besides nothing is needed

    def _headers(self, alarm: Alarm, body: bytes) -> dict[str, str]:
        keys = [self._hook.key] if self._hook.key else []
        return {
            "content-type": "application/json",
            "user-agent": "order-hub",
            **signing.headers(f"alarm_{alarm.id.hex}", int(self._clock()), body, keys),
        }


def _body(alarm: Alarm) -> bytes:
    facts = dict(alarm.facts)
    kind = facts.pop("type", "alarm")
    data = {"subject": alarm.subject, "text": alarm.text, **facts}
    return msgspec.json.encode({"type": kind, "timestamp": alarm.at, "data": data})
