"""Around every request: trace id, body limit, time and outcome. Pure ASGI."""

from __future__ import annotations

import re
import time
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics
from app.http.errors import problem
from app.identifiers import new_id

log = structlog.get_logger()
#: nginx makes the id; behind another proxy, or with none, anything odd is replaced.
_TRACE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Bytes of a request body; nginx refuses earlier, this holds without it.
MOST: Final = 262_144
#: Paths that take whole files.
_LARGER: Final = {"/catalogue/v1/products": 33_554_432}
#: What is counted when the caller went away before there was an answer (nginx's word for it).
_GONE: Final = 499


class Traced:
    """Binds the trace id to logs and answer, and counts what was answered."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        trace_id = _trace_id(scope)
        scope["state"]["trace_id"] = trace_id
        started, status = time.monotonic(), 0

        async def traced(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                message["headers"].append((b"x-request-id", trace_id.encode()))
            await send(message)

        with structlog.contextvars.bound_contextvars(trace_id=trace_id):
            try:
                await self._app(scope, receive, traced)
                status = status or _GONE
            finally:
                _count(scope, status or 500, time.monotonic() - started)


class Bounded:
    """Stops reading a body that grows past the limit: 413, and nothing behind it runs."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request: its whole body is here before anything behind runs."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            body = await _read(receive, _LARGER.get(scope["path"], MOST))
        except ClientDisconnect:
            return  # half a body must not look like a whole one, and nobody waits for an answer
        if body is None:
            refusal = problem(Request(scope), 413, "PAYLOAD_TOO_LARGE")
            refusal.headers["Connection"] = "close"  # the rest of the body is not read
            await refusal(scope, receive, send)
            return
        given = False

        async def whole() -> Message:
            nonlocal given
            if given:
                return await receive()
            given = True
            return {"type": "http.request", "body": body, "more_body": False}

        await self._app(scope, whole, send)


async def _read(receive: Receive, most: int) -> bytes | None:
    """The whole body, None when it is too large; ClientDisconnect when its sender went away."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            return None
        parts.append(part)
        if not message.get("more_body"):
            return b"".join(parts)


def _trace_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _TRACE.fullmatch(given) else new_id().hex


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")  # the pattern: ids must not become labels
    metrics.REQUESTS.labels(route, status).inc()
    metrics.REQUEST_SECONDS.labels(route).observe(seconds)
