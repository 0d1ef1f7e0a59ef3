"""The wire to the inbox: believe nothing, lose nothing."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import structlog

from app import metrics
from app.actions.await_words import in_their_words
from app.actions.gather import Commits
from app.contract import Account, Call, Delivery, Question, Reply
from app.db import inbox, orders
from app.db.conn import AWAY, CONTENDED, within
from app.db.inbox import Arrival, Refusal, fifo_key
from app.db.queue import Queue
from app.errors import AdapterMissing, Forged, StorageAway, UnknownAccount
from app.hub import Hub
from app.identifiers import new_id
from app.plugin import Marketplace, Refuses, Serves

log = structlog.get_logger()
#: Headers of a refused delivery worth looking at; never a token.
_SHOWN: Final = ("user-agent", "content-type", "content-length")
#: Of a request's time, the shares that keeping a refusal may take, and looking before that whether
#: a secret is newer.
_KEEPING: Final = 0.5
_GLANCE: Final = 0.25


@dataclass(frozen=True, slots=True)
class Knock:
    """One HTTP request to an account's address; no NUL in any text but the body."""

    account: str
    made: Call
    trace_id: str


async def receive(hub: Hub, commits: Commits, knock: Knock) -> Reply:
    """Prove it, store it, answer. Raises UnknownAccount, AdapterMissing, or StorageAway when
    nothing was stored."""
    account = await _account(hub, knock.account)
    if account is None:
        await turn_away(hub, knock, UnknownAccount.reason)
        raise UnknownAccount
    marketplace = hub.marketplaces.get(account.adapter)
    if marketplace is None:
        raise AdapterMissing(account.adapter)
    try:
        said = await _said(hub, marketplace, account, knock.made)
    except Forged as error:
        await turn_away(hub, knock, error.reason, error.word)
        return _refused(marketplace)
    if isinstance(said, Reply):
        return said
    if isinstance(said, Question):
        return await _answer(hub, account, marketplace, said)
    reply = await commits.store(_arrival(hub, account, marketplace, said, knock.trace_id))
    hub.wakes[Queue.INBOX].set()
    return reply


async def _said(
    hub: Hub, marketplace: Marketplace, account: Account, call: Call
) -> Reply | Delivery | Question:
    """What proves nothing may be proved by a secret that was rotated a moment ago."""
    try:
        return _proved(marketplace, account, call, hub.clock())
    except Forged:
        try:
            fresh = await within(_GLANCE * hub.patience, hub.accounts.renewed(account))
        except AWAY:
            fresh = None
        if fresh is None or fresh.secrets == account.secrets:
            raise
        return _proved(marketplace, fresh, call, hub.clock())


def _proved(
    marketplace: Marketplace, account: Account, call: Call, now: datetime
) -> Reply | Delivery | Question:
    """A hook takes what is posted to it; everything else is for a server of ours."""
    if isinstance(marketplace, Serves):
        return marketplace.serve(account, call, now)
    if call.path or call.method != "POST":
        raise UnknownAccount
    return marketplace.verify(account, call, now)


def _refused(marketplace: Marketplace) -> Reply:
    if isinstance(marketplace, Refuses):
        return marketplace.refused()
    return Reply(marketplace.refused_status(), b'{"error":"forged"}')


async def _answer(
    hub: Hub, account: Account, marketplace: Marketplace, question: Question
) -> Reply:
    """What came a moment ago and is not an order yet is no reason to deny it: what the adapter says
    of such an order, or come again."""
    assert isinstance(marketplace, Serves)
    try:
        async with hub.pools.hooks.acquire() as conn:
            order = await orders.by_external(conn, account.id, question.order_ref)
            key = fifo_key(account.id, question.order_ref)
            if order is None and await inbox.waits(conn, key):
                if question.early is None:
                    raise StorageAway
                return question.early
            if order is not None:
                order = await in_their_words(conn, order)
    except AWAY as error:
        raise StorageAway from error
    return marketplace.answer(account, question, order)


async def _account(hub: Hub, code: str) -> Account | None:
    try:
        return await hub.accounts.by_code(code)
    except AWAY as error:
        raise StorageAway from error


def _arrival(
    hub: Hub, account: Account, marketplace: Marketplace, delivery: Delivery, trace_id: str
) -> Arrival:
    id_, glimpse = new_id(), marketplace.glimpse(delivery)
    return Arrival(
        id=id_,
        account_id=account.id,
        dedupe_key=glimpse.dedupe_key,
        fifo_key=fifo_key(account.id, glimpse.order_ref or str(id_)),
        event=glimpse.event,
        headers=delivery.headers,
        body=delivery.body,
        reply=marketplace.reply(account, delivery, hub.clock()),
        trace_id=trace_id,
    )


async def turn_away(hub: Hub, knock: Knock, reason: str, word: str = "") -> None:
    """Leave a trace of who knocked; a database that is away does not turn a 403 into a 503. `word`
    says more of the reason, where the adapter knows."""
    metrics.REFUSED.labels(reason).inc()
    if not hub.refusals.take(time.monotonic()):
        return  # a flood costs a counter, neither log lines nor the hooks' connections
    made = knock.made
    said = {"reason": reason, "word": word, "peer": made.peer}
    log.warning("delivery refused", account=knock.account[:100], **said)
    shown = {name: made.headers[name][:200] for name in _SHOWN if name in made.headers}
    refused = Delivery(shown, made.body)
    refusal = Refusal(
        new_id(), knock.account[:100], reason, refused, made.peer, knock.trace_id, word[:100]
    )
    try:
        await within(_KEEPING * hub.patience, _keep(hub, refusal))
    except (*AWAY, *CONTENDED) as error:
        log.warning("refusal not kept", error=repr(error))


async def _keep(hub: Hub, refusal: Refusal) -> None:
    async with hub.pools.hooks.acquire() as conn:
        await inbox.refuse(conn, refusal)
