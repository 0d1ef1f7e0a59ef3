"""Documents are brought to an ERP again, by hand: who asked and why stays with them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Final
from uuid import UUID

import structlog
from asyncpg import Record

from app.actions.staying import documents_must_stay
from app.db import destinations, erp, pull
from app.db.conn import Conn
from app.db.erp import Deed
from app.db.pull import Said
from app.domain.refusals import Code, Refused

log = structlog.get_logger()
#: Documents in one transaction of a re-export.
BATCH: Final = 500


async def resend(conn: Conn, ids: Sequence[UUID], code: str | None, deed: Deed) -> list[Record]:
    """Bring documents once more, to one destination or to all that take their kind; each delivery
    with its destination. What waits already is tried at once. Refused when there is no such
    destination, and while some of them go to another cell."""
    await _known(conn, code)
    await documents_must_stay(conn, ids)
    async with conn.transaction():
        found = await erp.resend(conn, ids, code, deed)
    log.info("documents resent", who=deed.actor, documents=len(ids), deliveries=len(found))
    return found


async def count(conn: Conn, code: str, days: tuple[date, date]) -> int:
    """How many documents of a period (both days included) a re-export would bring."""
    await _known(conn, code)
    return await erp.counted(conn, code, days)


async def re_export(conn: Conn, code: str, days: tuple[date, date], limit: int, deed: Deed) -> int:
    """Bring the documents of a period once more, the first `limit` of them, in their order; how
    many. Each batch is a transaction, so that nobody waits for all of them."""
    await _known(conn, code)
    done = 0
    while done < limit:
        ids = await erp.period(conn, code, days, done, min(BATCH, limit - done))
        if not ids:
            break
        await documents_must_stay(conn, ids)
        async with conn.transaction():
            await erp.resend(conn, ids, code, deed)
        done += len(ids)
    log.info("documents re-exported", who=deed.actor, destination=code, documents=done)
    return done


async def settle(conn: Conn, ids: Sequence[UUID], code: str, number: str | None, deed: Deed) -> int:
    """A person says that an ERP has documents, entered there by hand, say; how many were for it."""
    shut = await destinations.by_code(conn, code)
    if shut is None:
        raise Refused(Code.DESTINATION_NOT_FOUND)
    await documents_must_stay(conn, ids)
    said = [Said(id_, number) for id_ in ids]
    unknown = await pull.acknowledge(conn, shut.destination.id, said, deed.trace_id)
    log.info("settled by hand", who=deed.actor, destination=code, documents=len(ids))
    return len(ids) - len(unknown)


async def _known(conn: Conn, code: str | None) -> None:
    if code is not None and await destinations.by_code(conn, code) is None:
        raise Refused(Code.DESTINATION_NOT_FOUND)
