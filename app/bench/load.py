"""A load client for loopback: few Python instructions per request, bounded in time and count."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Self, TypeAlias
from urllib.parse import urlsplit

#: Sends one request over a connection of its own; tells the status (0: no answer).
Act: TypeAlias = Callable[[], Awaitable[int]]


def request(
    method: str, url: str, headers: Iterable[tuple[str, str]] = (), body: bytes = b""
) -> bytes:
    """The bytes of one request; a body is JSON."""
    parts = urlsplit(url)
    target = f"{parts.path}?{parts.query}" if parts.query else parts.path
    lines = [f"{method} {target} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name}: {value}" for name, value in headers]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join([*lines, "", ""]).encode() + body


@dataclass(frozen=True, slots=True)
class Target:
    """Where to POST, with which headers; `trust` is the CA file of the gateway."""

    url: str
    headers: tuple[tuple[str, str], ...]
    trust: str

    def request(self, body: bytes) -> bytes:
        """The bytes of one request."""
        return request("POST", self.url, self.headers, body)


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

    def milliseconds(self) -> dict[str, float]:
        """The latencies that are published."""
        shares = (("p50", 0.50), ("p95", 0.95), ("p99", 0.99), ("max", 1.0))
        return {name: round(1000 * percentile(self.seconds, share), 1) for name, share in shares}


async def closed_loop(target: Target, bodies: Iterator[bytes], lanes: int, last: float) -> Tally:
    """Each lane sends its next request when the last one was answered, for `last` seconds."""
    tally = Tally()
    until = time.perf_counter() + last

    async def lane() -> None:
        async with Connection(target.url, target.trust) as connection:
            while time.perf_counter() < until:
                started = time.perf_counter()
                status, _ = await connection.send(target.request(next(bodies)))
                tally.take(started, status)

    await asyncio.gather(*(lane() for _ in range(lanes)))
    return tally


async def open_loop(target: Target, bodies: Iterator[bytes], rate: int, last: float) -> Tally:
    """So many requests a second over as many connections as that takes."""
    idle: list[Connection] = []

    async def act() -> int:
        connection = idle.pop() if idle else await Connection(target.url, target.trust).__aenter__()
        status, _ = await connection.send(target.request(next(bodies)))
        idle.append(connection)
        return status

    tally = await at_rate(act, rate, last)
    for connection in idle:
        await connection.__aexit__()
    return tally


async def at_rate(act: Act, rate: int, last: float) -> Tally:
    """So many requests a second, whatever the answers do; time counts from when one was due."""
    tally = Tally()
    begun = time.perf_counter()

    async def one(due: float) -> None:
        tally.take(due, await act())

    async with asyncio.TaskGroup() as group:
        for number in range(round(rate * last)):
            due = begun + number / rate
            if (early := due - time.perf_counter()) > 0:
                await asyncio.sleep(early)
            group.create_task(one(due))
    return tally


@cache
def _trust(ca_file: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=ca_file)


class Connection:
    """One kept-alive connection to the gateway of a URL."""

    def __init__(self, url: str, trust: str) -> None:
        self._at = urlsplit(url)
        self._trust = trust
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def __aenter__(self) -> Self:
        self._reader, self._writer = await asyncio.open_connection(
            "127.0.0.1", self._at.port, ssl=_trust(self._trust), server_hostname=self._at.hostname
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self._writer is not None:
            self._writer.close()

    async def send(self, asked: bytes) -> tuple[int, bytes]:
        """Send one request; status and body of its answer, 0 when the connection broke."""
        if self._reader is None or self._reader.at_eof():  # the gateway closes what idles for long
            await self.__aexit__()
            await self.__aenter__()
        assert self._reader is not None
        assert self._writer is not None
        try:
            self._writer.write(asked)
            head = await self._reader.readuntil(b"\r\n\r\n")
            status, length, closes = _read_head(head)
            body = await self._reader.readexactly(length)
        except (OSError, asyncio.IncompleteReadError):
            status, body, closes = 0, b"", True
        if closes:
            await self.__aexit__()
            await self.__aenter__()
        return status, body


def _read_head(head: bytes) -> tuple[int, int, bool]:
    lowered = head.lower()
    start = lowered.find(b"content-length:")
    length = int(lowered[start + 15 : lowered.index(b"\r\n", start)]) if start >= 0 else 0
    return int(head[9:12]), length, b"connection: close" in lowered


def percentile(values: list[float], share: float) -> float:
    """The value below which this share of all values lies (nearest rank)."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, int(share * len(ranked)))]
