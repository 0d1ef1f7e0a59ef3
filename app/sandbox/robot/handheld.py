"""The robot's handheld: one signed-in person speaking the Picker API, patient with the network.

A write keeps its Idempotency-Key through every repeat, so an answer that was lost is simply asked
for again.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

import httpx

from app.sandbox.credentials import Picker
from app.sandbox.robot.nature import Nature

API: Final = "/picker/v1"
#: Codes that mean "the same request again, a little later".
AGAIN: Final = frozenset({"OPERATION_IN_PROGRESS", "TEMPORARY", "TOO_MANY_REQUESTS"})

Json = dict[str, Any]


class Refusal(Exception):
    """The hub said no, and a repeat would hear the same. `details` are the refusal's own."""

    def __init__(self, status: int, code: str, details: Mapping[str, Any] | None = None) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.details = dict(details or {})


@dataclass(slots=True)
class Wire:
    """Requests that are repeated until there is an answer worth having."""

    client: httpx.AsyncClient
    nature: Nature

    async def patiently(
        self, method: str, url: str, body: Json | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Repeat while the hub does not answer, or for a while if it answers "not now"."""
        temper, rng = self.nature.temper, self.nature.rng
        pause = temper.first_pause
        repeats = 0
        while True:
            answer = await self._answer(method, url, body, headers)
            if answer is not None:
                repeats += 1
                if not _for_now(answer) or repeats > temper.repeats:
                    return answer
            asked = _retry_after(answer) if answer is not None else 0.0
            await self.nature.sleep(max(asked, pause * rng.uniform(0.7, 1.3)))
            pause = min(pause * 2, temper.longest_pause)

    async def _answer(
        self, method: str, url: str, body: Json | None, headers: Mapping[str, str]
    ) -> httpx.Response | None:
        """None when the answer is lost: the same key finds out what became of the request."""
        try:
            return await self.client.request(method, url, json=body, headers=dict(headers))
        except httpx.HTTPError:
            return None


@dataclass(slots=True)
class Handheld:
    """One person's connection; `new_key` makes the keys of writes, `device` is the code of a
    registered handheld."""

    client: httpx.AsyncClient
    picker: Picker
    nature: Nature
    new_key: Callable[[], UUID]
    token: str | None = None
    device: str = "robot"
    whole: bool = True  #: speaks the whole API
    wire: Wire = field(init=False)

    def __post_init__(self) -> None:
        self.wire = Wire(self.client, self.nature)

    async def sign_in(self) -> None:
        """Exchange badge and PIN for a token; `Refusal` when they are not good."""
        self.token = None
        who = {"badge": self.picker["badge"], "pin": self.picker["pin"], "device_id": self.device}
        answer = await self.wire.patiently("POST", f"{API}/sessions", who, {})
        if answer.status_code != 200:
            raise refusal_of(answer)
        self.token = answer.json()["token"]

    async def sign_out(self) -> None:
        """Close the session if there is one; a dead connection is not worth waiting for."""
        if self.token is None:
            return
        signed, self.token = self._signature(), None
        try:
            async with asyncio.timeout(self.nature.temper.goodbye):
                await self.client.request("DELETE", f"{API}/sessions/current", headers=signed)
        except (httpx.HTTPError, TimeoutError):
            return

    async def read(self, path: str) -> Json:
        """GET; `Refusal` for anything but 200."""
        return dict((await self._good("GET", path, None, {})).json())

    async def download(self, path: str) -> bytes:
        """GET a file; `Refusal` for anything but 200."""
        return (await self._good("GET", path, None, {})).content

    async def write(self, path: str, body: Json, version: int | None = None) -> Json | None:
        """POST with a key of its own; None for 204, `Refusal` for a final no."""
        headers = {"Idempotency-Key": str(self.new_key())}
        headers |= {} if version is None else {"If-Match": f'"{version}"'}
        answer = await self._good("POST", path, body, headers)
        return None if answer.status_code == 204 else dict(answer.json())

    async def delete(self, path: str) -> None:
        """DELETE; `Refusal` for a final no."""
        await self._good("DELETE", path, None, {})

    async def listen(self, seconds: float, wanted: Callable[[Json], bool]) -> None:
        """Stay on the stream of changes until one is wanted, for at most so long."""
        if self.token is None:
            await self.sign_in()
        stream = self.client.stream(
            "GET", f"{API}/stream", headers=self._signature(), timeout=seconds + 1
        )
        try:
            async with asyncio.timeout(seconds), stream as answer:
                lines = answer.aiter_lines()
                async for line in lines:
                    if line == "event: synced":
                        break
                async for line in lines:
                    if line.startswith("data: {") and wanted(json.loads(line[6:])):
                        return
        except (httpx.HTTPError, TimeoutError):
            return

    async def _good(
        self, method: str, path: str, body: Json | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        """Send as a signed-in person; an expired session is renewed once."""
        if self.token is None:
            await self.sign_in()
        answer = await self._signed(method, path, body, headers)
        if answer.status_code == 401:
            await self.sign_in()
            answer = await self._signed(method, path, body, headers)
        if not answer.is_success:
            raise refusal_of(answer)
        return answer

    async def _signed(
        self, method: str, path: str, body: Json | None, headers: Mapping[str, str]
    ) -> httpx.Response:
        return await self.wire.patiently(method, API + path, body, {**headers, **self._signature()})

    def _signature(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token}"}


def refusal_of(answer: httpx.Response) -> Refusal:
    """What an answer that is no success says; '' for a code when it says nothing readable."""
    problem = _problem(answer)
    details = problem.get("details")
    return Refusal(
        answer.status_code,
        str(problem.get("code", "")),
        details if isinstance(details, dict) else None,
    )


def _for_now(answer: httpx.Response) -> bool:
    if answer.is_success:
        return False
    return (
        answer.status_code == 429 or answer.status_code >= 500 or refusal_of(answer).code in AGAIN
    )


def _retry_after(answer: httpx.Response) -> float:
    text = answer.headers.get("Retry-After", "")
    return min(float(text), 60.0) if text.isdecimal() else 0.0


def _problem(answer: httpx.Response) -> Json:
    """The refusal itself; the original's envelope has it one level deeper."""
    try:
        said = answer.json()
    except ValueError:
        return {}
    if not isinstance(said, dict):
        return {}
    inner = said.get("error")
    return inner if isinstance(inner, dict) else said
