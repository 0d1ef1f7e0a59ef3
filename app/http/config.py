"""GET /picker/v1/config: what a handheld asks once at its start."""

from __future__ import annotations

from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from app.db.people import Picker
from app.domain.client import dotted
from app.http.errors import language_of
from app.http.guards import Guard
from app.http.reading import json_answer
from app.http.url import Url
from app.render import config as views
from app.render.language import say


async def config(request: Request) -> Response:
    """The shop's rules, and the words and signals for them."""
    who: Picker = request.state.picker
    hub = request.state.hub
    async with hub.pools.picking.acquire() as conn:
        shop = await hub.shops.get(conn, who.store_id)
    return json_answer(
        views.config_view(
            shop,
            hub.clock(),
            partial(say, language_of(request)),
            minimum=dotted(hub.minimum_client) if hub.minimum_client else None,
            shift=who.needs_shift,
        )
    )


ROWS: Final = (
    Url("GET", "/picker/v1/config", config, Guard.PICKER,
        "Reasons, label layouts, tolerances, signals, server time", answer=views.ConfigView),
)  # fmt: skip
