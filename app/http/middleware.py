"""Around every request: trace id, body limit, time and outcome. Pure ASGI."""

from __future__ import annotations

import re
import time
from typing import Final

import structlog
from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app import metrics
from app.actions.receive import Knock, turn_away
from app.contract import Call
from app.http.errors import problem
from app.http.guards import peer
from app.identifiers import new_id

log = structlog.get_logger()
#: nginx makes the id; behind another proxy, or with none, anything odd is replaced.
_TRACE: Final = re.compile(r"[A-Za-z0-9._-]{8,64}")
#: Bytes of a request body; nginx refuses earlier, this holds without it.
MOST: Final = 262_144
#: Paths that take whole files: the endpoint reads them, once its guard let the caller in.
_LARGER: Final = {
    "/catalogue/v1/products": 33_554_432,
    "/reports/v1/settlements": 33_554_432,
    "/portal/settlements": 33_554_432,
}
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
        """Handle one request: its whole body is here before anything behind runs, but for files."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            if scope["path"] in _LARGER:
                await self._app(scope, _counted(receive, _LARGER[scope["path"]]), send)
            else:
                await self._app(scope, await _whole(receive), send)
        except ClientDisconnect:
            return  # half a body must not look like a whole one, and nobody waits for an answer
        except _TooLarge:
            await _note_knock(Request(scope))
            refusal = problem(Request(scope), 413, "PAYLOAD_TOO_LARGE")
            refusal.headers["Connection"] = "close"  # the rest of the body is not read
            await refusal(scope, receive, send)


async def _note_knock(request: Request) -> None:
    """Who sends a hook more than it takes is somebody who was turned away."""
    _, _, rest = request.url.path.partition("/hooks/")
    if rest:
        headers = {name: request.headers[name].replace("\x00", "") for name in request.headers}
        call = Call(headers, b"", peer(request).replace("\x00", ""), request.method)
        knock = Knock(rest.split("/")[0].replace("\x00", ""), call, request.state.trace_id)
        await turn_away(request.state.hub, knock, "too_large")


class _TooLarge(Exception):  # no fault: it never leaves this module
    """A body is larger than its path takes; nothing of the answer was sent yet."""


async def _whole(receive: Receive) -> Receive:
    """The whole body as one message; ClientDisconnect when its sender went away."""
    parts, counted = [], _counted(receive, MOST)
    more = True
    while more:
        message = await counted()
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        parts.append(message.get("body", b""))
        more = message.get("more_body", False)
    given = False

    async def whole() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": b"".join(parts), "more_body": False}

    return whole


def _counted(receive: Receive, most: int) -> Receive:
    """The same messages; _TooLarge once there are more bytes in them than `most`."""
    size = 0

    async def counted() -> Message:
        nonlocal size
        message = await receive()
        size += len(message.get("body", b""))
        if size > most:
            raise _TooLarge
        return message

    return counted


def _trace_id(scope: Scope) -> str:
    given = dict(scope["headers"]).get(b"x-request-id", b"").decode("latin-1")
    return given if _TRACE.fullmatch(given) else new_id().hex


def _count(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "none")  # the pattern: ids must not become labels
    metrics.REQUESTS.labels(route, status).inc()
    metrics.REQUEST_SECONDS.labels(route).observe(seconds)
