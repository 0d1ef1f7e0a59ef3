"""GET /monitoring/v1/banner: what is wrong with the hub itself."""

from __future__ import annotations

from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.actions.banner import banner
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import json_answer
from app.http.url import Url
from app.render.banner import Banner


async def read_banner(request: Request) -> Response:
    """The hub's own troubles."""
    async with request.state.hub.pools.picking.acquire() as conn:
        lines = await banner(conn, language_of(request))
    return json_answer(Banner(lines))


ROWS: Final = (
    Url("GET", "/monitoring/v1/banner", read_banner, Guard.OPERATOR,
        "What is wrong with the hub itself; nothing, mostly", answer=Banner),
)  # fmt: skip
