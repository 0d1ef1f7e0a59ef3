"""Outbox to the marketplace: send with no transaction open, then record how it went."""

from __future__ import annotations

import asyncio
import time
from contextlib import AsyncExitStack, suppress
from dataclasses import dataclass
from typing import Final

import structlog

from app.actions.afresh import with_newest
from app.actions.await_words import in_their_words
from app.actions.gate import blame, hear, pass_gate
from app.actions.old_news import said_since
from app.contract import Account, Answer, Message
from app.db import gates, orders, outbox, queue, timeline
from app.db.conn import FAULTS, Conn
from app.db.outbox import Outgoing, Try
from app.db.queue import Item
from app.db.timeline import Entry
from app.domain.order import Order, OrderState
from app.errors import HubError, RemoteUnavailable, Unauthorised, UnknownAccount
from app.hub import Hub

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
    overtaken: bool


async def deliver(hub: Hub, item: Item) -> None:
    """Send one claimed message; a failure is recorded as a try and raised for the verdict.

    Its claim may have let it through the gate to see whether the marketplace is back (claim_fair):
    whatever keeps it from telling, a bug too, lets another one go."""
    async with AsyncExitStack() as untold:
        untold.push_async_callback(_leave, hub, item)
        job = await _prepare(hub, item)
        if job.overtaken or _no_longer_true(job):
            async with hub.pools.drains.acquire() as conn:
                await queue.finish(conn, item, "overtaken" if job.overtaken else "superseded")
            return
        await _send_and_tell(hub, job)
        untold.pop_all()


async def _leave(hub: Hub, item: Item) -> None:
    """The gate, if it is still open for this message alone."""
    with suppress(*FAULTS):  # it is so for PROBE seconds at most
        async with hub.pools.drains.acquire() as conn:
            await gates.leave(conn, item.account_id, item.id)


async def _send_and_tell(hub: Hub, job: _Job) -> None:
    item = job.item
    await pass_gate(hub, job.account, hub.marketplaces[job.account.adapter], who=item.id)
    started = time.monotonic()
    try:
        answer = await _send(hub, job)
    except HubError as error:
        failure = await _mine(hub, job, error)
        await _write(hub, job, _try(job, started, None, failure.reason, str(failure)), failure)
        raise failure from error.__cause__
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
            await hear(conn, job.account.id, failure)
    except FAULTS as error:
        raise failure or RemoteUnavailable("sent, but not written down", ambiguous=True) from error


async def _mine(hub: Hub, job: _Job, error: HubError) -> HubError:
    """A message that the marketplace forbids, while it takes others, is refused for good; when our
    key is not taken, no message is at fault."""
    if not isinstance(error, Unauthorised):
        return error
    async with hub.pools.drains.acquire() as conn:
        alone = await gates.message_to_blame(conn, job.account.id, job.item.id)
    return error if alone else blame(error)


async def _prepare(hub: Hub, item: Item) -> _Job:
    async with hub.pools.drains.acquire() as conn:
        outgoing = await outbox.message(conn, item.id)
        order = await orders.read(conn, outgoing.order_id)
        theirs = order and await in_their_words(conn, order)
        late, known = await said_since(conn, item, outgoing.order_id)
    account = await hub.accounts.by_id(outgoing.account_id)
    if account is None or order is None or theirs is None:
        raise UnknownAccount
    body = hub.marketplaces[account.adapter].compose(account, outgoing.kind, theirs)
    known_as = item.first_id or item.id
    message = Message(known_as, outgoing.kind, body, item.unsure or known, item.trace_id)
    return _Job(item, outgoing, order, account, message, late)


def _no_longer_true(job: _Job) -> bool:
    """A marketplace that called the order off is not told of steps before that."""
    called_off = job.order.state in (OrderState.CANCELLED, OrderState.RETURNED)
    return called_off and job.order.cancelled_by == "marketplace"


async def _send(hub: Hub, job: _Job) -> Answer:
    try:
        async with asyncio.timeout(PATIENCE):
            marketplace = hub.marketplaces[job.account.adapter]
            return await with_newest(
                hub, job.account, lambda account: marketplace.send(account, job.message)
            )
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
