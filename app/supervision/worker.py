"""The uvicorn worker class for gunicorn, with what gunicorn's own settings cannot say."""

from __future__ import annotations

import socket
import sys
from typing import Any, ClassVar

from gunicorn.arbiter import Arbiter
from uvicorn import Server
from uvicorn_worker import UvicornWorker


class HubServer(Server):
    """Lets the handhelds' streams go before it waits for requests under way: they never end by
    themselves, and come back to another worker."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop serving."""
        if (feed := self.lifespan.state.get("feed")) is not None:
            feed.close()
        await super().shutdown(sockets)


class HubWorker(UvicornWorker):  # type: ignore[misc]  # the package ships no types
    """uvloop and httptools named, so that their absence is an error; no server header."""

    CONFIG_KWARGS: ClassVar[dict[str, Any]] = {
        "loop": "uvloop",
        "http": "httptools",
        "ws": "none",
        "lifespan": "on",
        "server_header": False,
        "date_header": False,
        # Open connections (idle ones from nginx too); beyond: 503 at once instead of a long queue.
        "limit_concurrency": 512,
        # Less than gunicorn's graceful_timeout, so that the lifespan still closes what it opened.
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
