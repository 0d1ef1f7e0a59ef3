"""One event to one system of a retailer's own: posted with no transaction open, written down.

At least once, under one id for every repeat, so that the other side takes it once."""

from __future__ import annotations

import time
from typing import Final

import structlog

from app.actions.drain import Handle
from app.db import events, integrators, queue
from app.db.conn import FAULTS
from app.db.events import Delivery, Try
from app.db.queue import Item
from app.errors import SettingsInvalid, Undelivered
from app.hub import Hub
from app.integrators.post import Post, Poster, Taken

log = structlog.get_logger()
#: Seconds in which a subscription is told nothing whose secrets cannot be opened.
_SHUT: Final = 300.0


def notifier(poster: Poster) -> Handle:
    """What brings a claimed event, by this poster."""

    async def notify(hub: Hub, item: Item) -> None:
        async with hub.pools.drains.acquire() as conn:
            delivery = await events.delivery(conn, item.id)
            if delivery.to.integrator.removed:
                await queue.finish(conn, item, "removed")
                return
        started = time.monotonic()
        try:
            taken = await poster.post(_post(hub, delivery))
        except Undelivered as error:
            await _failed(hub, item, delivery, started, error)
        else:
            await _arrived(hub, item, delivery, started, taken)

    return notify


def _post(hub: Hub, delivery: Delivery) -> Post:
    try:
        integrator = integrators.opened(hub.accounts.seal, delivery.to)
    except SettingsInvalid as error:
        raise Undelivered(f"its secrets: {error}", rest=_SHUT) from None
    return Post(integrator.url, delivery.message_id, delivery.body, integrator.secrets)


async def _arrived(hub: Hub, item: Item, delivery: Delivery, started: float, taken: Taken) -> None:
    """When it cannot even be written down, the answer is as good as lost: it is posted again."""
    tried = Try(_ms(started), taken.status, "taken", taken.said)
    try:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await events.record(conn, item, tried)
            await events.taken(conn, delivery.id)
            await queue.finish(conn, item, "taken")
            await integrators.well(conn, delivery.to.integrator.id)
    except FAULTS as error:
        raise Undelivered("taken, but not written down", lasting=True) from error
    log.info(
        "event taken",
        integrator=delivery.to.integrator.code,
        event_type=delivery.type,
        ms=tried.ms,
        trace_id=item.trace_id,
    )


async def _failed(
    hub: Hub, item: Item, delivery: Delivery, started: float, error: Undelivered
) -> None:
    """Write down how it went, and raise it for the verdict: of one that takes nothing whatever, no
    event is given up."""
    integrator = delivery.to.integrator
    tried = Try(_ms(started), error.status, "gone" if error.gone else error.reason, str(error))
    try:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await events.record(conn, item, tried)
            fares = await integrators.ill(
                conn, integrator.id, tried.said, error.rest, gone=error.gone,
                since=delivery.created_at,
            )  # fmt: skip
    except FAULTS as fault:
        raise error from fault
    if integrator.active and not fares.active:
        log.warning("integrator paused", integrator=integrator.code, said=tried.said)
    error.lasting = fares.nothing_taken or not fares.active
    raise error


def _ms(started: float) -> int:
    return round(1000 * (time.monotonic() - started))
