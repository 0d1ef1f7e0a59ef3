"""One document to one ERP: made into its file, brought with no transaction open, written down.

At least once, under one id and one name for every repeat, so that the ERP takes it once."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import structlog

from app.actions.files import document_file, fetch
from app.db import destinations, erp, queue, timeline
from app.db.conn import FAULTS, Conn
from app.db.erp import Delivery, Try
from app.db.queue import Item, Queue
from app.db.timeline import Entry
from app.domain.destination import Destination, Parcel, Receipt, Way, drop_name
from app.domain.kept import Kept
from app.domain.paper import FORMS
from app.erp.way import ERP_LIMIT
from app.errors import (
    DestinationAmiss,
    FileLost,
    Held,
    HubError,
    RemoteBusy,
    RemoteRefused,
    RemoteUnavailable,
    SettingsInvalid,
    Unprintable,
)
from app.hub import Hub

log = structlog.get_logger()
#: Seconds until a document is looked at again that cannot be said, or whose sale is not there yet.
_MENDED: Final = 900.0
#: Seconds a destination rests whose address or login is wrong, and one that asks for patience
#: without saying how much.
_AMISS: Final = 300.0
_BUSY: Final = 15.0


@dataclass(frozen=True, slots=True)
class _Job:
    item: Item
    delivery: Delivery
    destination: Destination


async def hand_over(hub: Hub, item: Item) -> None:
    """Bring one claimed document; a failure is recorded as a try and raised for the verdict."""
    async with hub.pools.drains.acquire() as conn:
        delivery = await erp.delivery(conn, item.id)
        if delivery.settled or delivery.to.destination.removed:
            await queue.finish(conn, item, "settled" if delivery.settled else "removed")
            return
    if delivery.held_by is not None and delivery.to.destination.way is not Way.PULL:
        raise Held(f"{delivery.held_by} comes first", _MENDED)
    job = _Job(item, delivery, destinations.opened(hub.accounts.seal, delivery.to))
    parcel, file = await _parcel(hub, job)
    if job.destination.way is Way.PULL:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await erp.made(conn, delivery.id, file.sha256)
            await queue.finish(conn, item, "made")
        return
    started = time.monotonic()
    try:
        receipt = await bring(hub, job.destination, parcel)
    except HubError as error:
        await _failed(hub, job, started, error)
        raise
    await _arrived(hub, job, file, started, receipt)


async def bring(hub: Hub, destination: Destination, parcel: Parcel) -> Receipt:
    """Bring a parcel by its destination's way, and in time."""
    way = hub.erp.get(destination.way)
    if way is None:
        raise DestinationAmiss(f"this process knows no way {destination.way}", after=_AMISS)
    try:
        async with asyncio.timeout(ERP_LIMIT):
            return await way.hand(destination, parcel)
    except TimeoutError as error:
        raise RemoteUnavailable("no whole answer in time", ambiguous=True) from error
    except (SettingsInvalid, ValueError) as error:
        raise DestinationAmiss(f"its settings: {error}", after=_AMISS) from error


async def _parcel(hub: Hub, job: _Job) -> tuple[Parcel, Kept]:
    """The document's file; Held while it cannot be said or kept, which somebody mends."""
    to, delivery = job.destination, job.delivery
    try:
        file = await document_file(hub, delivery.document_id, to.form, to.language)
        body = await fetch(hub, file.sha256)
    except Unprintable as error:
        raise Held(f"it cannot be said as {to.form}: {error}", _MENDED) from error
    except (FileLost, RemoteRefused) as error:  # of our own store: no ERP has refused anything
        raise Held(f"the file store: {error}", _MENDED) from error
    if body is None:
        raise RemoteUnavailable("the file is not in the store")
    form = FORMS[to.form]
    name = drop_name(delivery.number, delivery.kind, delivery.document_id, form.extension)
    return Parcel(
        id=delivery.message_id,
        document_id=delivery.document_id,
        kind=delivery.kind,
        number=delivery.number,
        issued_on=delivery.issued_on,
        name=file.name if form.named else name,
        media_type=file.media_type,
        body=body,
        repeat=job.item.unsure or delivery.cause == "replayed",
    ), file


async def _arrived(hub: Hub, job: _Job, file: Kept, started: float, receipt: Receipt) -> None:
    """When it cannot even be written down, the answer is as good as lost: it is brought again."""
    tried = Try(_ms(started), receipt.status, receipt.outcome, receipt.said)
    try:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await erp.record(conn, job.item, job.destination.id, tried)
            await erp.sent(conn, job.delivery.id, file.sha256, receipt.number)
            await _tell(conn, job, tried, receipt.number)
            await queue.finish(conn, job.item, receipt.outcome)
            await queue.wake(conn, Queue.ERP, job.item.fifo_key)
            await destinations.well(conn, job.destination.id)
    except FAULTS as error:
        raise RemoteUnavailable("sent, but not written down", ambiguous=True) from error
    log.info(
        "document handed over",
        destination=job.destination.code,
        kind=job.delivery.kind,
        ms=tried.ms,
        trace_id=job.item.trace_id,
    )


async def _failed(hub: Hub, job: _Job, started: float, error: HubError) -> None:
    """Write down how it went; the failure stays the failure it was, even when that fails too."""
    tried = Try(_ms(started), None, error.reason, str(error))
    try:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await erp.record(conn, job.item, job.destination.id, tried)
            if isinstance(error, RemoteRefused):
                await erp.refused(conn, job.delivery.id, tried.said)
                await _tell(conn, job, tried, None)
                await destinations.well(conn, job.destination.id)
            elif isinstance(error, RemoteUnavailable):
                await destinations.ill(conn, job.destination.id, tried.said, _rest(error))
    except FAULTS as fault:
        raise error from fault


def _rest(error: RemoteUnavailable) -> float:
    """Seconds for which nothing is tried there."""
    if isinstance(error, RemoteBusy):
        return error.after or (_AMISS if isinstance(error, DestinationAmiss) else _BUSY)
    return error.after


async def _tell(conn: Conn, job: _Job, tried: Try, number: str | None) -> None:
    """A line in the order's timeline."""
    if job.delivery.order_id is None or job.delivery.store_id is None:
        return
    facts = {
        "number": job.delivery.number,
        "destination": job.destination.code,
        "outcome": tried.outcome,
        "attempt": job.item.attempts,
        "erp_number": number,
        "said": tried.said if tried.outcome == "remote_refused" else None,
    }
    kept = {name: fact for name, fact in facts.items() if fact is not None}
    entry = Entry("erp", job.destination.code, job.item.trace_id, kept)
    await timeline.add(conn, job.delivery.order_id, job.delivery.store_id, entry)


def _ms(started: float) -> int:
    return round(1000 * (time.monotonic() - started))
