"""A far side that answers as scripted; raw sockets give answers no framework would."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from functools import cache

from tests.marketplaces.patient import LONG

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Far:
    """Answers one request per connection; `speaks` are used up first, the last one stays."""

    speaks: list[Speak]
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    at_work: dict[asyncio.Task[None], asyncio.StreamWriter] = field(default_factory=dict)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_work[asyncio.create_task(self.serve(reader, writer))] = writer

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            self.requests.append(await _request(reader))
            speak = self.speaks.pop(0) if len(self.speaks) > 1 else self.speaks[0]
            await speak(writer)
            await writer.drain()
        writer.close()

    async def asked(self) -> None:
        """Wait for a request: who waits for no answer may be gone before it is read."""
        async with asyncio.timeout(LONG):
            while not self.requests:  # noqa: ASYNC110 - whatever fills it has no event
                await asyncio.sleep(0.005)

    async def end(self) -> None:
        """Hang up. Whoever called a moment ago was let in and not heard yet."""
        for task in self.at_work:
            task.cancel()
        ended = await asyncio.gather(*self.at_work, return_exceptions=True)
        for writer in self.at_work.values():
            writer.close()
        for error in ended:
            if isinstance(error, Exception):  # what was cancelled before it began is none
                raise error

    def headers(self, n: int = -1) -> dict[str, str]:
        """Headers of the n-th request, names in lower case."""
        lines = self.requests[n].split(b"\r\n\r\n")[0].decode("latin-1").split("\r\n")[1:]
        return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}

    def path(self, n: int = -1) -> str:
        return self.requests[n].split(b" ")[1].decode()

    def body(self, n: int = -1) -> bytes:
        return self.requests[n].split(b"\r\n\r\n", 1)[1]


async def _request(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readuntil(b"\r\n\r\n")
    size = next(
        (int(line.split(b":")[1]) for line in head.lower().split(b"\r\n")
         if line.startswith(b"content-length:")), 0,
    )  # fmt: skip
    return head + await reader.readexactly(size)


def says(status: int, body: bytes = b"{}", **headers: str) -> Speak:
    """A whole, ordinary answer."""
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    size = f"Content-Length: {len(body)}\r\nConnection: close\r\n"
    head = f"HTTP/1.1 {status} Whatever\r\n{size}{more}"
    return raw(head.encode() + b"\r\n" + body)


def raw(answer: bytes) -> Speak:
    """These bytes, then the end."""

    async def speak(writer: asyncio.StreamWriter) -> None:
        writer.write(answer)

    return speak


async def silence(_writer: asyncio.StreamWriter) -> None:
    """Takes the request and hangs up."""


async def hanging(_writer: asyncio.StreamWriter) -> None:
    """Takes the request and says nothing."""
    await asyncio.Event().wait()


async def endless(writer: asyncio.StreamWriter) -> None:
    """An answer without an end."""
    writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        writer.write(b"2000\r\n" + b"x" * 8192 + b"\r\n")
        await writer.drain()


@asynccontextmanager
async def far(*speaks: Speak) -> AsyncIterator[Far]:
    """A listening far side on loopback."""
    side = Far(list(speaks))
    server = await asyncio.start_server(side.accept, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    side.url = f"http://{host}:{port}"
    try:
        yield side
    finally:
        server.close()
        await side.end()


def dead_port() -> int:
    """A loopback port where nobody listens, nor ever will."""
    return int(_held().getsockname()[1])


@cache
def _held() -> socket.socket:
    """A port that was only looked up would soon be somebody else's, or a caller's own."""
    held = socket.socket()
    held.bind(("127.0.0.1", 0))
    return held
