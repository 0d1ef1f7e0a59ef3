"""Outbox to the marketplace: send with no transaction open, then record how it went."""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from typing import Final

import structlog

from app.db import orders, outbox, queue, timeline
from app.db.conn import FAULTS, Conn
from app.db.outbox import Outgoing, Try
from app.db.queue import Item
from app.db.timeline import Entry
from app.domain.order import Order, OrderState
from app.errors import HubError, RemoteUnavailable, UnknownAccount
from app.hub import Hub
from app.ports import Account, Answer, Message

log = structlog.get_logger()
#: Seconds for one message with all its quick tries.
PATIENCE: Final = 25.0


@dataclass(frozen=True, slots=True)
class _Job:
    item: Item
    outgoing: Outgoing
    order: Order
    account: Account
    message: Message


async def deliver(hub: Hub, item: Item) -> None:
    """Send one claimed message; a failure is recorded as a try and raised for the verdict."""
    job = await _prepare(hub, item)
    if _no_longer_true(job):
        async with hub.pools.drains.acquire() as conn:
            await queue.finish(conn, item, "superseded")
        return
    started = time.monotonic()
    try:
        answer = await _send(hub, job)
    except HubError as error:
        await _write(hub, job, _try(job, started, None, error.reason, str(error)), error)
        raise
    done = _try(job, started, answer.status, answer.outcome, answer.body)
    await _write(hub, job, done, None)
    log.info("message delivered", kind=job.message.kind, ms=done.ms, trace_id=item.trace_id)


async def _write(hub: Hub, job: _Job, tried: Try, failure: HubError | None) -> None:
    """Write down how a try went; when even that fails, what was sent is what counts: the answer is
    as good as lost after a success, and a failure stays the failure it was."""
    try:
        async with hub.pools.drains.acquire() as conn, conn.transaction():
            await _record(conn, job, tried)
            if failure is None:
                await queue.finish(conn, job.item, tried.outcome)
                await outbox.hurry(conn, job.outgoing.account_id, job.item.id)
    except FAULTS as error:
        raise failure or RemoteUnavailable("sent, but not written down", ambiguous=True) from error


async def _prepare(hub: Hub, item: Item) -> _Job:
    async with hub.pools.drains.acquire() as conn:
        outgoing = await outbox.message(conn, item.id)
        order = await orders.read(conn, outgoing.order_id)
    account = await hub.accounts.by_id(outgoing.account_id)
    if account is None or order is None:
        raise UnknownAccount
    body = hub.marketplaces[account.adapter].compose(account, outgoing.kind, order)
    message = Message(item.id, outgoing.kind, body, item.unsure, item.trace_id)
    return _Job(item, outgoing, order, account, message)


def _no_longer_true(job: _Job) -> bool:
    """A marketplace that called the order off is not told of steps before that."""
    called_off = job.order.state in (OrderState.CANCELLED, OrderState.RETURNED)
    return called_off and job.order.cancelled_by == "marketplace"


async def _send(hub: Hub, job: _Job) -> Answer:
    try:
        async with asyncio.timeout(PATIENCE):
            return await hub.marketplaces[job.account.adapter].send(job.account, job.message)
    except TimeoutError as error:
        raise RemoteUnavailable("no whole answer in time", ambiguous=True) from error


def _try(job: _Job, started: float, status: int | None, outcome: str, said: str) -> Try:
    ms = round(1000 * (time.monotonic() - started))
    return Try(ms, status, outcome, job.message.body.decode(), said)


async def _record(conn: Conn, job: _Job, tried: Try) -> None:
    await outbox.record(conn, job.item, job.outgoing, tried)
    facts = {
        "kind": job.message.kind,
        "attempt": job.item.attempts,
        "outcome": tried.outcome,
        "status": tried.status,
        "ms": tried.ms,
    }
    entry = Entry("message", job.account.code, job.item.trace_id, facts)
    await timeline.add(conn, job.order.id, job.order.store_id, entry)
