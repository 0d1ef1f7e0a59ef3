"""The wire to the inbox: believe nothing, lose nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import structlog

from app import metrics
from app.actions.gather import Commits
from app.db import inbox
from app.db.conn import AWAY, CONTENDED, within
from app.db.inbox import Arrival, Refusal
from app.db.queue import Queue
from app.errors import Forged, StorageAway, UnknownAccount
from app.hub import Hub
from app.identifiers import new_id
from app.ports import Account, Delivery, Marketplace, Reply

log = structlog.get_logger()
#: Headers of a refused delivery worth looking at; never a token.
_SHOWN: Final = ("user-agent", "content-type", "content-length")
#: Seconds that keeping a refusal may take.
PATIENCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request to a hook: header names in lower case, no NUL in any text but the body."""

    account: str
    headers: Mapping[str, str]
    body: bytes
    peer: str
    trace_id: str


async def receive(hub: Hub, commits: Commits, call: Call) -> Reply:
    """Prove it, store it, answer. Raises UnknownAccount, or StorageAway when nothing was stored."""
    account = await _account(hub, call.account)
    if account is None:
        await _refuse(hub, call, UnknownAccount.reason)
        raise UnknownAccount
    marketplace = hub.marketplaces[account.adapter]
    try:
        delivery = marketplace.verify(account, call.headers, call.body)
    except Forged as error:
        await _refuse(hub, call, error.reason)
        return Reply(marketplace.refused_status(), b'{"error":"forged"}')
    reply = await commits.store(_arrival(hub, account, marketplace, delivery, call))
    hub.wakes[Queue.INBOX].set()
    return reply


async def _account(hub: Hub, code: str) -> Account | None:
    try:
        return await hub.accounts.by_code(code)
    except AWAY as error:
        raise StorageAway from error


def _arrival(
    hub: Hub, account: Account, marketplace: Marketplace, delivery: Delivery, call: Call
) -> Arrival:
    id_, glimpse = new_id(), marketplace.glimpse(delivery)
    return Arrival(
        id=id_,
        account_id=account.id,
        dedupe_key=glimpse.dedupe_key,
        fifo_key=f"{account.id}:{glimpse.order_ref or id_}",
        event=glimpse.event,
        headers=delivery.headers,
        body=delivery.body,
        reply=marketplace.reply(account, delivery, hub.clock()),
        trace_id=call.trace_id,
    )


async def _refuse(hub: Hub, call: Call, reason: str) -> None:
    """Leave a trace of who knocked; a database that is away does not turn a 403 into a 503."""
    metrics.REFUSED.labels(reason).inc()
    if not hub.refusals.take(time.monotonic()):
        return  # a flood costs a counter, neither log lines nor the hooks' connections
    log.warning("delivery refused", account=call.account[:100], reason=reason, peer=call.peer)
    shown = {name: call.headers[name][:200] for name in _SHOWN if name in call.headers}
    refusal = Refusal(
        new_id(), call.account[:100], reason, Delivery(shown, call.body), call.peer, call.trace_id
    )
    try:
        await within(PATIENCE, _keep(hub, refusal))
    except (*AWAY, *CONTENDED) as error:
        log.warning("refusal not kept", error=repr(error))


async def _keep(hub: Hub, refusal: Refusal) -> None:
    async with hub.pools.hooks.acquire() as conn:
        await inbox.refuse(conn, refusal)
