"""POST /telegram/{secret}: what people write and press, pushed by Telegram. Stored as it came;
the scheduler reads it."""

from __future__ import annotations

import json
from typing import Any, Final

import structlog
from starlette.requests import Request
from starlette.responses import Response

from app.db import telegram_updates
from app.http.guards import Guard
from app.http.url import Url
from app.ports import RawUpdate

log = structlog.get_logger()


async def push(request: Request) -> Response:
    """200 once the update is on disk, also when it was there already. What is no update is not
    kept, but answered the same: Telegram would send it again and again before all others."""
    body = await request.body()
    update_id = _number(body)
    if update_id is None:
        log.warning("no update", size=len(body))
        return Response()
    async with request.state.hub.pools.hooks.acquire() as conn:
        await telegram_updates.store(conn, request.state.bot_id, [RawUpdate(update_id, body)])
    return Response()


def _number(body: bytes) -> int | None:
    """All that is read of an update here."""
    try:
        content: Any = json.loads(body)
    except (ValueError, RecursionError):
        return None
    number = content.get("update_id") if isinstance(content, dict) else None
    if not isinstance(number, int) or isinstance(number, bool):
        return None
    return number if 0 <= number < 2**63 else None


ROWS: Final = (
    Url("POST", "/telegram/{secret}", push, Guard.TELEGRAM, "What people write and press"),
)
