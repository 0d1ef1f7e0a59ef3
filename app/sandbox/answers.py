"""Answers both stand-ins give: JSON that survives anything, and an answer that never arrives."""

from __future__ import annotations

import json
from typing import Any

from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send


class Ascii(JSONResponse):
    """JSON that survives lone surrogates, which somebody else's text may hold."""

    def render(self, content: Any) -> bytes:
        """Escape everything beyond ASCII."""
        return json.dumps(content).encode("ascii")


class LostAnswer(Response):
    """Headers, then nothing: the server closes the connection in the middle of the answer."""

    async def __call__(self, _scope: Scope, _receive: Receive, send: Send) -> None:
        """Start an answer that never ends."""
        headers = [(b"content-type", b"application/json"), (b"content-length", b"2")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
