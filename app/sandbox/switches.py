"""A stand-in's switches over HTTP: what it is told to do wrong, looked at and changed."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.answers import Ascii


class Switched(Protocol):
    """Whatever holds a stand-in's switches, a struct of msgspec's."""

    switches: Any


async def switched(request: Request, holder: Switched) -> Response:
    """POST changes those that are named, none of them when one is wrong; GET shows all."""
    if request.method == "POST":
        try:
            changes = msgspec.json.decode(await request.body(), type=dict[str, Any])
            whole = msgspec.to_builtins(holder.switches) | changes
            holder.switches = msgspec.convert(whole, type(holder.switches))
        except msgspec.DecodeError as error:
            return Ascii({"error": str(error)}, status_code=400)
    return Ascii(msgspec.to_builtins(holder.switches))
