"""Checks that a child does its work, not merely that it runs."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from pathlib import Path

from app.supervision.child import Check
from app.supervision.cluster import Cluster

REQUEST = "GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def database(cluster: Cluster) -> Check:
    """The embedded PostgreSQL takes connections."""

    async def check() -> bool:
        return await asyncio.to_thread(cluster.ready)

    return check


def worker(socket: Path) -> Check:
    """The worker behind this unix socket says 200 on /readyz: it can write to the database."""

    async def check() -> bool:
        with contextlib.suppress(OSError):
            return await _status(await asyncio.open_unix_connection(socket), "/readyz") == 200
        return False

    return check


async def queue_is_empty(socket: Path, seconds: float) -> None:
    """Wait until the worker behind this unix socket has answered, or so long. It takes connections
    in the order they came: by then it has taken all that came before."""
    with contextlib.suppress(OSError):
        await _status(await asyncio.open_unix_connection(socket), "/livez", seconds)


def gateway(port: int, authority: Path) -> Check:
    """Nginx hands a request over TLS, with a certificate that `authority` signed, to a worker."""

    async def check() -> bool:
        with contextlib.suppress(OSError):
            context = ssl.create_default_context(cafile=authority)
            streams = await asyncio.open_connection(
                "127.0.0.1", port, ssl=context, server_hostname="localhost"
            )
            return await _status(streams, "/livez") == 200
        return False

    return check


def listening(port: int) -> Check:
    """Somebody answers HTTP, whatever it says, on this port of the loopback."""

    async def check() -> bool:
        with contextlib.suppress(OSError):
            return await _status(await asyncio.open_connection("127.0.0.1", port), "/") > 0
        return False

    return check


async def _status(streams: Streams, path: str, seconds: float = 5.0) -> int:
    """The status that a GET on these streams brings; 0 when there is no answer in this time."""
    reader, writer = streams
    try:
        async with asyncio.timeout(seconds):
            writer.write(REQUEST.format(path=path).encode())
            line = await reader.readline()
            return int(line.split()[1]) if line.startswith(b"HTTP/1.") else 0
    except (TimeoutError, ConnectionError):
        return 0
    finally:
        writer.close()
