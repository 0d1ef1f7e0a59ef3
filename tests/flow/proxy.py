"""A TCP proxy in front of PostgreSQL that a test can cut, freeze and mend."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit, urlunsplit


@dataclass
class Proxy:
    """`cut`: connections end and new ones too. `freeze`: nothing passes, nothing ends."""

    dsn: str
    host: str  #: a name, or the folder of a unix socket
    port: int
    open: bool = True
    flowing: asyncio.Event = field(default_factory=asyncio.Event)
    lose_answer_to: bytes | None = None  #: end the connection when this passes, after it passed
    writers: set[asyncio.StreamWriter] = field(default_factory=set)
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def cut(self) -> None:
        self.open = False
        for writer in self.writers:
            writer.transport.abort()

    def mend(self) -> None:
        self.open = True
        self.lose_answer_to = None
        self.flowing.set()

    def freeze(self) -> None:
        self.flowing.clear()

    def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.tasks.add(asyncio.create_task(self._serve(reader, writer)))

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.add(writer)
        if not self.open:
            writer.transport.abort()
            return
        far_reader, far_writer = await self._connect()
        self.writers.add(far_writer)
        await asyncio.gather(
            self._pump(reader, far_writer, outbound=True),
            self._pump(far_reader, writer, outbound=False),
        )

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self.host.startswith("/"):
            return await asyncio.open_unix_connection(f"{self.host}/.s.PGSQL.{self.port}")
        return await asyncio.open_connection(self.host, self.port)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, outbound: bool
    ) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while data := await reader.read(65_536):
                await self.flowing.wait()
                writer.write(data)
                await writer.drain()
                if outbound and self.lose_answer_to and self.lose_answer_to in data:
                    self.freeze()
                    await asyncio.sleep(0.1)  # PostgreSQL commits meanwhile
                    self.cut()
        writer.close()


@asynccontextmanager
async def proxied(dsn: str) -> AsyncIterator[Proxy]:
    """A proxy in front of this database; its `dsn` leads through it."""
    parts = urlsplit(dsn)
    folder = parse_qs(parts.query).get("host", [""])[0]
    proxy = Proxy("", folder or parts.hostname or "", parts.port or 5432)
    proxy.flowing.set()
    server = await asyncio.start_server(proxy.accept, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    place = f"{parts.netloc.rpartition('@')[0]}@127.0.0.1:{port}".lstrip("@")
    proxy.dsn = urlunsplit(parts._replace(netloc=place, query=""))
    try:
        yield proxy
    finally:
        proxy.mend()
        proxy.cut()
        server.close()
        for task in proxy.tasks:
            task.cancel()
        await asyncio.gather(*proxy.tasks, return_exceptions=True)
