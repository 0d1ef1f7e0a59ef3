"""The uvicorn worker class for gunicorn, with what gunicorn's own settings cannot say."""

from __future__ import annotations

from typing import Any, ClassVar

from uvicorn_worker import UvicornWorker


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
