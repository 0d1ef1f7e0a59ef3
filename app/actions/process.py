"""Inbox to orders: one delivery becomes order changes, messages and timeline, in one commit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import Any, Final
from uuid import UUID

import structlog

from app.actions import after_sale, await_words, old_news
from app.actions.after_sale import Said
from app.actions.carry_out import carry_out
from app.actions.fetch import fetch
from app.contract import Account, Delivery, Glimpse
from app.db import accounts, goods, inbox, orders, queue, timeline
from app.db.conn import Conn
from app.db.queue import Item, Queue
from app.db.timeline import Entry
from app.domain.after_sale_events import Corrected, Returned
from app.domain.decide import decide
from app.domain.drafts import Home, place
from app.domain.events import Accepted, Changed, MarketplaceEvent, Placed
from app.domain.order import Draft, Order, OrderState
from app.domain.replacement_events import ReplacementAnswered
from app.domain.terms import Terms
from app.domain.transitions import ACTIVE, ENDED
from app.errors import Held, Malformed, NotYet, UnknownAccount, Unmapped
from app.hub import Hub
from app.identifiers import new_id
from app.plugin import Fetches, Lists, Marketplace

log = structlog.get_logger()
#: What says of which goods an order consists.
_COMPOSING: Final = (Changed, Returned, Corrected, ReplacementAnswered)


async def process(hub: Hub, item: Item) -> None:
    """Work through one claimed delivery; what it raises goes to the verdict, nothing is written."""
    account = await hub.accounts.by_id(item.account_id) if item.account_id else None
    if account is None:
        raise UnknownAccount
    try:
        await _work(hub, account, item)
    except Unmapped as missing:
        await await_words.wait(hub, item, account, missing)
    except Held as behind:
        await await_words.stay_behind(hub, item, account, behind)


async def _work(hub: Hub, account: Account, item: Item) -> None:
    marketplace = hub.marketplaces[account.adapter]
    delivery, name, at = await _delivery(hub, account, marketplace, item)
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        if delivery.fetched is not None:
            await inbox.fetched(conn, item.id, delivery.fetched)
        events = _events(marketplace, account, delivery, at)
        glimpse = _glimpse(marketplace, delivery, item)
        cause = Entry("delivery", account.code, item.trace_id, {"event": name, "id": str(item.id)})
        for event in events:
            await _apply(conn, hub, account, (glimpse, event), (item, cause))
        if not events:
            await _note_unknown(conn, account, glimpse.order_ref or "", cause)
        await queue.finish(conn, item, None if events else "unknown_event")
    hub.wakes[Queue.OUTBOX].set()
    log.info("delivery processed", account=account.code, delivery=name, trace_id=item.trace_id)


async def _delivery(
    hub: Hub, account: Account, marketplace: Marketplace, item: Item
) -> tuple[Delivery, str, datetime]:
    """The delivery, with what it is about; nothing is locked while the marketplace is asked."""
    async with hub.pools.drains.acquire() as conn:
        delivery, name, at = await inbox.delivery(conn, item.id)
    if (
        isinstance(marketplace, Fetches)
        and delivery.origin == "webhook"
        and marketplace.thin(account, delivery)
    ):
        found = await fetch(hub, account, marketplace, delivery, item.id)
        delivery = replace(delivery, fetched=found)
    return delivery, name, at


def _events(
    marketplace: Marketplace, account: Account, delivery: Delivery, at: datetime
) -> Sequence[MarketplaceEvent]:
    if delivery.origin == "webhook":
        return marketplace.parse(account, delivery, at)
    if not isinstance(marketplace, Lists):
        raise Malformed(f"{marketplace.name} lists no orders any more")
    return marketplace.parse_listed(account, delivery, at)


def _glimpse(marketplace: Marketplace, delivery: Delivery, item: Item) -> Glimpse:
    """Of what was found by asking, only who asked knows which order it is."""
    if delivery.origin == "webhook":
        return marketplace.glimpse(delivery)
    first = item.first_id or item.id  # a replay says nothing new
    return Glimpse(str(first), delivery.origin, item.fifo_key.partition(":")[2])


async def _apply(
    conn: Conn,
    hub: Hub,
    account: Account,
    news: tuple[Glimpse, MarketplaceEvent],
    by: tuple[Item, Entry],
) -> None:
    (glimpse, event), (item, cause) = news, by
    ref = glimpse.order_ref or ""
    order = await orders.lock_by_external(conn, account.id, ref)
    if isinstance(event, Placed):
        if order is None and await _place(conn, hub, account, event.draft, cause):
            return
        order = order or await orders.lock_by_external(conn, account.id, ref)
    if order is None:
        raise NotYet(f"{cause.detail['event']} before its order.created")
    if isinstance(event, Returned | Corrected) and order.state in ACTIVE:
        raise NotYet(f"{cause.detail['event']} of an order that is {order.state}")
    parse = partial(_events, hub.marketplaces[account.adapter], account)
    if await old_news.undone(conn, item, order.id, (cause.detail["event"], event), parse):
        await _note(conn, order, cause, {"ignored": "known, or described anew since"})
        return
    await _carry_out(conn, hub, (account, order), news, by)


async def _carry_out(
    conn: Conn,
    hub: Hub,
    what: tuple[Account, Order],
    news: tuple[Glimpse, MarketplaceEvent],
    by: tuple[Item, Entry],
) -> None:
    (account, order), (glimpse, event), (item, cause) = what, news, by
    if isinstance(event, _COMPOSING) and order.state not in ENDED:
        event = await await_words.next_in_our_words(conn, account, item, event)
    draft = event.draft if isinstance(event, Changed) else None
    decision = decide(order, event, await _terms(conn, hub, (account, order.store_id), draft))
    if again := await old_news.was_taken(conn, item):
        decision = replace(decision, contradicts=False)
    await carry_out(conn, order, decision, cause, _tells(hub, account))
    if draft is not None and order.state is OrderState.DELIVERED and not again:
        await after_sale.compare(conn, order, draft)
    if isinstance(event, Returned | Corrected) and decision.applied:
        source = f"delivery:{glimpse.dedupe_key}"  # a replay says nothing new
        said = Said(cause.actor, source, event.reason, hub.clock(), cause.trace_id)
        await after_sale.hear(conn, order, event, said)


async def _place(conn: Conn, hub: Hub, account: Account, draft: Draft, cause: Entry) -> bool:
    """Place and accept a new order; False when somebody placed it a moment ago."""
    store = await accounts.store_of(conn, account.id, draft.external_store)
    if store is None:
        raise Unmapped("store", draft.external_store)
    placing = await await_words.in_our_words(conn, account, Placed(draft))
    assert isinstance(placing, Placed)
    draft = placing.draft
    number = hub.marketplaces[account.adapter].number(account, draft.external_id)
    home = Home(store.id, account.id, number, cause.trace_id)
    terms = await _terms(conn, hub, (account, store.id), draft)
    placed = place(draft, home, terms)
    if not await orders.insert(conn, placed, draft):
        return False
    await _note(conn, placed, cause, {"to": placed.state, "version": placed.version})
    by_rule = Entry("decision", "hub", cause.trace_id, {"event": "accepted", "rule": "at once"})
    accepted = decide(placed, Accepted(), terms)
    await carry_out(conn, placed, accepted, by_rule, _tells(hub, account))
    await queue.wake(conn, Queue.INBOX, f"{account.id}:{draft.external_id}")
    return True


async def _note(conn: Conn, order: Order, cause: Entry, facts: Mapping[str, Any]) -> None:
    entry = replace(cause, detail={**cause.detail, **facts})
    await timeline.add(conn, order.id, order.store_id, entry)


async def _terms(conn: Conn, hub: Hub, home: tuple[Account, UUID], draft: Draft | None) -> Terms:
    account, store_id = home
    skus = {line.external_id for line in draft.lines} if draft else set()
    known = await goods.by_sku(conn, account.merchant_id, store_id, skus)
    shop = await hub.shops.get(conn, store_id)
    return Terms(known, new_id, shop, account.rules, hub.clock())


async def _note_unknown(conn: Conn, account: Account, ref: str, cause: Entry) -> None:
    """An event we do not follow stays in the inbox, and shows on its order if there is one."""
    order = await orders.lock_by_external(conn, account.id, ref) if ref else None
    if order is not None:
        await _note(conn, order, cause, {"ignored": "an event name we do not follow"})


def _tells(hub: Hub, account: Account) -> frozenset[str]:
    return hub.marketplaces[account.adapter].tells(account)
