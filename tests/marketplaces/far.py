"""A far side that answers as scripted; raw sockets give answers no framework would."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

Speak = Callable[[asyncio.StreamWriter], Awaitable[None]]


@dataclass
class Far:
    """Answers one request per connection; `speaks` are used up first, the last one stays."""

    speaks: list[Speak]
    url: str = ""
    requests: list[bytes] = field(default_factory=list)
    at_work: set[asyncio.Task[None]] = field(default_factory=set)

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.at_work.add(asyncio.create_task(self.serve(reader, writer)))

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            self.requests.append(await _request(reader))
            speak = self.speaks.pop(0) if len(self.speaks) > 1 else self.speaks[0]
            await speak(writer)
            await writer.drain()
        writer.close()

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
    """Takes the request and says nothing for longer than anybody waits."""
    await asyncio.sleep(30)


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
        for task in side.at_work:
            task.cancel()
        await asyncio.gather(*side.at_work)


def dead_port() -> int:
    """A loopback port where nobody listens."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
