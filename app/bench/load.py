"""A load client for loopback: few Python instructions per request, bounded in time and count."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Self
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Target:
    """Where to POST, with which headers; `trust` is the CA file of the gateway."""

    url: str
    headers: tuple[tuple[str, str], ...]
    trust: str

    def request(self, body: bytes) -> bytes:
        """The bytes of one request."""
        parts = urlsplit(self.url)
        lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}", "", ""]
        return "\r\n".join(lines).encode() + body


@dataclass(slots=True)
class Tally:
    """What came back: seconds of each answer, and the statuses that were not 200 (0: no answer)."""

    seconds: list[float] = field(default_factory=list)
    errors: Counter[int] = field(default_factory=Counter)

    def take(self, started: float, status: int) -> None:
        """Count one answer."""
        self.seconds.append(time.perf_counter() - started)
        if status != 200:
            self.errors[status] += 1


async def closed_loop(target: Target, bodies: Iterator[bytes], lanes: int, last: float) -> Tally:
    """Each lane sends its next request when the last one was answered, for `last` seconds."""
    tally = Tally()
    until = time.perf_counter() + last

    async def lane() -> None:
        async with _Connection(target) as connection:
            while time.perf_counter() < until:
                started = time.perf_counter()
                status = await connection.post(next(bodies))
                tally.take(started, status)

    await asyncio.gather(*(lane() for _ in range(lanes)))
    return tally


async def open_loop(target: Target, bodies: Iterator[bytes], rate: int, last: float) -> Tally:
    """So many requests a second, whatever the answers do; time counts from when one was due."""
    tally = Tally()
    idle: list[_Connection] = []
    begun = time.perf_counter()

    async def one(due: float) -> None:
        connection = idle.pop() if idle else await _Connection(target).__aenter__()
        status = await connection.post(next(bodies))
        tally.take(due, status)
        idle.append(connection)

    async with asyncio.TaskGroup() as group:
        for number in range(round(rate * last)):
            due = begun + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            group.create_task(one(due))
    for connection in idle:
        await connection.__aexit__()
    return tally


@cache
def _trust(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


class _Connection:
    """One kept-alive connection."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        parts = urlsplit(self._target.url)
        trust = _trust(self._target.trust)
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", parts.port, ssl=trust, server_hostname=parts.hostname
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    async def post(self, body: bytes) -> int:
        """Send one request and read its whole answer; the status, 0 when the connection broke."""
        assert self._reader is not None
        assert self._writer is not None
        try:
            self._writer.write(self._target.request(body))
            head = await self._reader.readuntil(b"\r\n\r\n")
            status, length, closes = _read_head(head)
            await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            status, closes = 0, True
        if closes:
            await self.__aexit__()
            await self.__aenter__()
        return status


def _read_head(head: bytes) -> tuple[int, int, bool]:
    lowered = head.lower()
    start = lowered.find(b"content-length:")
    length = int(lowered[start + 15 : lowered.index(b"\r\n", start)]) if start >= 0 else 0
    return int(head[9:12]), length, b"connection: close" in lowered


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of all values lies (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
