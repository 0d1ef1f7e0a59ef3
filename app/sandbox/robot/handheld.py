"""The robot's handheld: one signed-in picker speaking the Picker API, patient with the network.

A write keeps its Idempotency-Key through every repeat, so an answer that was lost is simply asked
for again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random
from typing import Any, Final
from uuid import UUID

import httpx

from app.sandbox.credentials import Picker
from app.sandbox.robot.temper import Temper

API: Final = "/picker/v1"
#: Codes that mean "the same request again, a little later".
AGAIN: Final = frozenset({"OPERATION_IN_PROGRESS", "TEMPORARY", "TOO_MANY_REQUESTS"})

Json = dict[str, Any]


class Refusal(Exception):
    """The hub said no, and a repeat would hear the same."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code


@dataclass(slots=True)
class Handheld:
    """One picker's connection; `new_key` makes the keys of writes."""

    client: httpx.AsyncClient
    picker: Picker
    temper: Temper
    rng: Random
    new_key: Callable[[], UUID]
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    token: str | None = None

    async def sign_in(self) -> None:
        """Exchange badge and PIN for a token; `Refusal` when they are not good."""
        self.token = None
        who = {"badge": self.picker["badge"], "pin": self.picker["pin"], "device_id": "robot"}
        answer = await self._patiently("POST", "/sessions", who, {})
        if answer.status_code != 200:
            raise _refusal(answer)
        self.token = answer.json()["token"]

    async def sign_out(self) -> None:
        """Close the session if there is one; a dead connection is not worth waiting for."""
        if self.token is None:
            return
        try:
            async with asyncio.timeout(self.temper.goodbye):
                await self._send("DELETE", "/sessions/current", None, self._keyed())
        except (httpx.HTTPError, TimeoutError):
            return

    async def read(self, path: str) -> Json:
        """GET; `Refusal` for anything but 200."""
        answer = await self._signed("GET", path, None, {})
        if answer.status_code != 200:
            raise _refusal(answer)
        return dict(answer.json())

    async def write(self, path: str, body: Json, version: int | None = None) -> Json | None:
        """POST with a key of its own; None for 204, `Refusal` for a final no."""
        headers = self._keyed() | ({} if version is None else {"If-Match": f'"{version}"'})
        answer = await self._signed("POST", path, body, headers)
        if answer.status_code == 204:
            return None
        if answer.status_code != 200:
            raise _refusal(answer)
        return dict(answer.json())

    def _keyed(self) -> dict[str, str]:
        return {"Idempotency-Key": str(self.new_key())}

    async def _signed(
        self, method: str, path: str, body: Json | None, headers: dict[str, str]
    ) -> httpx.Response:
        """Send as a signed-in picker; an expired session is renewed once."""
        if self.token is None:
            await self.sign_in()
        answer = await self._patiently(method, path, body, headers)
        if answer.status_code == 401:
            await self.sign_in()
            answer = await self._patiently(method, path, body, headers)
        return answer

    async def _patiently(
        self, method: str, path: str, body: Json | None, headers: dict[str, str]
    ) -> httpx.Response:
        """Repeat while the hub does not answer, or for a while if it answers "not now"."""
        pause = self.temper.first_pause
        repeats = 0
        while True:
            answer = await self._answer(method, path, body, headers)
            if answer is not None:
                repeats += 1
                if not _for_now(answer) or repeats > self.temper.repeats:
                    return answer
            asked = _retry_after(answer) if answer is not None else 0.0
            await self.sleep(max(asked, pause * self.rng.uniform(0.7, 1.3)))
            pause = min(pause * 2, self.temper.longest_pause)

    async def _answer(
        self, method: str, path: str, body: Json | None, headers: dict[str, str]
    ) -> httpx.Response | None:
        """None when the answer is lost: the same key finds out what became of the request."""
        try:
            return await self._send(method, path, body, headers)
        except httpx.HTTPError:
            return None

    async def _send(
        self, method: str, path: str, body: Json | None, headers: dict[str, str]
    ) -> httpx.Response:
        signed = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        return await self.client.request(method, API + path, json=body, headers=headers | signed)


def _for_now(answer: httpx.Response) -> bool:
    return answer.status_code == 429 or answer.status_code >= 500 or _code(answer) in AGAIN


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), 60.0) if text.isdecimal() else 0.0


def _code(answer: httpx.Response) -> str:
    if answer.is_success:
        return ""
    try:
        problem = answer.json()
    except ValueError:
        return ""
    return str(problem.get("code", "")) if isinstance(problem, dict) else ""


def _refusal(answer: httpx.Response) -> Refusal:
    return Refusal(answer.status_code, _code(answer))
