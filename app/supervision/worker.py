"""The uvicorn worker class for gunicorn, with what gunicorn's own settings cannot say."""

from __future__ import annotations

import asyncio
import socket
import sys
from typing import Any, ClassVar, Final

from gunicorn.arbiter import Arbiter
from uvicorn import Server
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn_worker import UvicornWorker

#: What is joined at most; beyond, the connection's own flow control sees every write.
JOINED_BYTES: Final = 1 << 14


class JoinedWrites:
    """A transport that sends in one piece what is written within one turn of the loop.

    uvicorn writes an answer's head and its body one after the other. A worker killed between the
    two has sent a head without a body, which nginx can only pass on: the caller's connection breaks
    where another worker could have answered. Also, the gateway is woken once instead of twice.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._pieces: list[bytes] = []
        self._kept = 0

    def write(self, data: bytes) -> None:
        """Keep it until the loop's next turn, or until there is more than an answer's worth: who
        writes a file must feel that its reader is slow."""
        if not self._pieces:
            asyncio.get_running_loop().call_soon(self._send)
        self._pieces.append(data)
        self._kept += len(data)
        if self._kept > JOINED_BYTES:
            self._send()

    def close(self) -> None:
        """Send what is kept, and close."""
        self._send()
        self._transport.close()

    def _send(self) -> None:
        pieces, self._pieces, self._kept = self._pieces, [], 0
        if pieces and not self._transport.is_closing():
            self._transport.write(b"".join(pieces))

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class HubProtocol(HttpToolsProtocol):
    """uvicorn's protocol, whose answers leave in one piece."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Take the connection."""
        super().connection_made(JoinedWrites(transport))  # type: ignore[arg-type]


class HubServer(Server):
    """Before it waits for requests under way, it lets the handhelds' streams go, which never end by
    themselves and come back to another worker, and claims nothing more from the queues."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        state = self.lifespan.state
        if (feed := state.get("feed")) is not None:
            feed.close()
        if (stopping := state.get("stopping")) is not None:
            stopping.set()
        await super().shutdown(sockets)


class HubWorker(UvicornWorker):  # type: ignore[misc]  # the package ships no types
    """uvloop named, so that its absence is an error; no server header."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": HubProtocol,
        "ws": "none",
        "lifespan": "on",
        "server_header": False,
        "date_header": False,
        # Open connections (idle ones from nginx too); beyond: 503 at once instead of a long queue.
        "limit_concurrency": 512,
        # So far below gunicorn's graceful_timeout that the lifespan closes what it opened.
        "timeout_graceful_shutdown": 10,
    }

    async def _serve(self) -> None:
        """As in the parent, with our server."""
        self.config.app = self.wsgi
        server = HubServer(config=self.config)
        self._install_sigquit_handler()
        await server.serve(sockets=self.sockets)
        if not server.started:
            sys.exit(Arbiter.WORKER_BOOT_ERROR)
