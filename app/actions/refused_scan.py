"""Every scan is kept, refused ones too: with the code, outside the write that failed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

import structlog

from app.actions.verbs.scan import ScanCode
from app.actions.write import Request
from app.db import picks
from app.db.conn import AWAY, CONTENDED
from app.domain.refusals import Refused
from app.hub import Hub

log = structlog.get_logger()


@dataclass(slots=True)
class Target:
    """The order a scan is for, as soon as that is known."""

    order_id: UUID | None = None


@asynccontextmanager
async def keeping(
    hub: Hub, request: Request, order_id: UUID | None = None
) -> AsyncIterator[Target]:
    """Around a write that may be a scan. The refusal goes on as it was, whatever becomes of the
    note; a question (`apply` false) leaves none."""
    target = Target(order_id)
    try:
        yield target
    except Refused as refusal:
        body = request.body
        if target.order_id is not None and isinstance(body, ScanCode) and body.apply:
            await _keep(hub, target.order_id, request, refusal)
        raise


async def _keep(hub: Hub, order_id: UUID, request: Request, refusal: Refused) -> None:
    body: ScanCode = request.body
    scan = picks.Scan(body.line_id or _line(refusal), body.raw, refusal.code)
    sent = f"{request.key}:{request.request_hash.hex()}"
    try:
        async with hub.pools.picking.acquire() as conn:
            await picks.keep_refused_scan(conn, order_id, request.picker, scan, sent)
    except (*AWAY, *CONTENDED) as error:
        log.warning("refused scan not kept", order=str(order_id), error=repr(error)[:200])


def _line(refusal: Refused) -> UUID | None:
    said = refusal.details.get("line_id")
    return UUID(said) if isinstance(said, str) else None
