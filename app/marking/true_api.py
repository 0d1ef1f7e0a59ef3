"""The permissive mode's online check of ГИС МТ (True API, version 4), as ПП РФ 1944 wants it of a
seller: every unit, within a second and a half, and the answer's id and time are kept."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Final

import httpx
import msgspec

from app.domain.marks import MarkAnswer, MarkStatus
from app.errors import RemoteRefused, RemoteUnavailable

PATH: Final = "/api/v4/true-api/codes/check"
#: Seconds one check may take, whatever it waits for.
LIMIT: Final = 1.5
#: Seconds a service that did not answer is left alone: pickers must not wait for it each time.
PAUSE: Final = 15.0
#: Codes in one request.
AT_ONCE: Final = 100
#: Bytes of an answer we are willing to read: a hundred codes say less than a kilobyte each.
MOST: Final = 262_144
#: "The system is in its emergency mode": it has not looked at the codes.
_EMERGENCY: Final = 203


class _Unit(msgspec.Struct, rename="camel"):
    """One code of an answer; fields we do not go by are left out."""

    cis: str
    found: bool = False
    valid: bool = False
    verified: bool = False
    utilised: bool = False
    realizable: bool = False
    sold: bool = False
    is_blocked: bool = False
    gray_zone: bool = False
    expire_date: datetime | None = None


class _Answer(msgspec.Struct, rename="camel"):
    """`code` is 0 when the check was done; `req_timestamp` in milliseconds."""

    code: int
    req_id: str = ""
    req_timestamp: int = 0
    description: str = ""
    codes: list[_Unit] = []


class TrueApi:
    """Asks one address of ГИС МТ with one participant's key."""

    def __init__(
        self,
        http: httpx.AsyncClient,
        url: str,
        key: str,
        clock: Callable[[], float] = time.monotonic,
        limit: float = LIMIT,
    ) -> None:
        self._http = http
        self._limit = limit
        self._url = f"{url}{PATH}"
        self._headers = {"X-API-KEY": key, "Content-Type": "application/json"}
        self._clock = clock
        self._resume_at = float("-inf")

    async def check(self, codes: Sequence[str]) -> Sequence[MarkAnswer]:
        """Ask about full codes, a hundred at a time, all within the limit.

        Raises RemoteUnavailable when there is no answer in time, and for a while after that at
        once; RemoteRefused when the key or the request is not accepted.
        """
        if self._clock() < self._resume_at:
            raise RemoteUnavailable("left alone after it did not answer")
        parts = [codes[n : n + AT_ONCE] for n in range(0, len(codes), AT_ONCE)]
        try:
            async with asyncio.timeout(self._limit):
                return await asyncio.gather(*(self._ask(part) for part in parts))
        except TimeoutError as error:
            self._resume_at = self._clock() + PAUSE
            raise RemoteUnavailable(f"no answer within {self._limit} s") from error
        except RemoteUnavailable:
            self._resume_at = self._clock() + PAUSE
            raise

    async def _ask(self, codes: Sequence[str]) -> MarkAnswer:
        body = msgspec.json.encode({"codes": list(codes)})
        try:
            async with self._http.stream(
                "POST", self._url, headers=self._headers, content=body
            ) as answer:
                _check_status(answer.status_code)
                return _read(await _whole(answer), codes)
        except httpx.HTTPError as error:
            raise RemoteUnavailable(f"no answer: {type(error).__name__}") from error
        except (httpx.InvalidURL, UnicodeEncodeError):  # its text would show the key
            raise RemoteRefused("not a request anybody could send") from None


def _check_status(status: int) -> None:
    if status == _EMERGENCY or status >= 500 or status in (408, 429):
        raise RemoteUnavailable(f"HTTP {status}")
    if status != 200:
        raise RemoteRefused(f"HTTP {status}: is HUB_MARKING_KEY right?")


async def _whole(answer: httpx.Response) -> bytes:
    read = b""
    async for chunk in answer.aiter_bytes(16_384):
        read += chunk
        if len(read) > MOST:
            raise RemoteUnavailable("an answer longer than anything it should say")
    return read


def _read(raw: bytes, codes: Sequence[str]) -> MarkAnswer:
    try:
        said = msgspec.json.decode(raw, type=_Answer)
        at = datetime.fromtimestamp(said.req_timestamp / 1000, UTC)
    except (msgspec.MsgspecError, ValueError, OverflowError, OSError) as error:
        raise RemoteUnavailable("an answer we cannot read") from error
    if said.code != 0 or not said.req_id:
        raise RemoteUnavailable(f"code {said.code}: {said.description[:200]}")
    wanted = frozenset(codes)
    units = {unit.cis: _status(unit) for unit in said.codes if unit.cis in wanted}
    return MarkAnswer(said.req_id[:100], at, units)


def _status(unit: _Unit) -> MarkStatus:
    expires = unit.expire_date
    if expires is not None:  # the year 1 is how some programs say "none"
        expires = expires.replace(tzinfo=expires.tzinfo or UTC) if expires.year > 1 else None
    return MarkStatus(
        code=unit.cis,
        found=unit.found,
        valid=unit.valid,
        verified=unit.verified,
        utilised=unit.utilised,
        realizable=unit.realizable,
        sold=unit.sold,
        blocked=unit.is_blocked,
        gray_zone=unit.gray_zone,
        expires_at=expires,
    )
