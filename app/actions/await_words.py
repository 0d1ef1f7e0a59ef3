"""What a delivery says in words that nobody has explained waits, and goes on once somebody does."""

from __future__ import annotations

from typing import Final, NoReturn

import structlog

from app import metrics
from app.contract import Account
from app.db import mappings, queue
from app.db.conn import Conn
from app.db.queue import Item
from app.domain.events import MarketplaceEvent
from app.domain.order import Order
from app.domain.retry import Verdict
from app.domain.translate import goods_of, into_ours, into_theirs, wished_in
from app.errors import Held, Malformed, Paced, Unmapped
from app.hub import Hub

log = structlog.get_logger()
#: Seconds until a delivery is looked at again although nobody said anything that it waits for.
LATER: Final = 3600.0
#: Seconds until it is when somebody has just said it.
SOON: Final = 0.05
#: Characters of a word that anybody may say something about.
LONGEST: Final = 200
_BEHIND: Final = "an earlier delivery of the same order waits for somebody to say what a word means"


async def in_our_words(conn: Conn, account: Account, event: MarketplaceEvent) -> MarketplaceEvent:
    """The event with our SKUs; Unmapped for goods that nobody said what they are, where the
    account's rule is that they must be mapped."""
    needed, wished = goods_of(event), wished_in(event)
    if not needed and not wished:
        return event
    known = await mappings.goods(conn, account.id, needed | wished)
    missing = sorted(needed - known.keys())
    if missing and account.rules.goods == "mapped":
        raise Unmapped("goods", *missing)
    return into_ours(event, known)


async def next_in_our_words(
    conn: Conn, account: Account, item: Item, event: MarketplaceEvent
) -> MarketplaceEvent:
    """The same for an order that is there. Held while an earlier delivery of it waits for a word:
    what an order is made of is told in its order."""
    if await mappings.behind(conn, item.fifo_key, item.id):
        raise Held(_BEHIND, LATER)
    return await in_our_words(conn, account, event)


async def in_their_words(conn: Conn, order: Order) -> Order:
    """The order with the marketplace's ids of goods, as it is told and asked."""
    skus = {line.external_id for line in order.lines}
    return into_theirs(order, await mappings.back(conn, order.account_id, skus))


async def wait(hub: Hub, item: Item, account: Account, missing: Unmapped) -> NoReturn:
    """Park a delivery until somebody says what its words mean. Raises Held once it is written down,
    or Paced when somebody has said it meanwhile. Who says it locks the account, as we do, so that
    either they find this row waiting, or we find what they said."""
    if any(len(each) > LONGEST or "\x00" in each for each in missing.words):
        raise Malformed(f"no {missing.kind} can be called so") from missing
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await mappings.hold(conn, account.id)
        said = await mappings.known(conn, account.id, missing.kind, missing.words)
        unsaid = [word for word in missing.words if not _is_news(account, missing.kind, word, said)]
        if not unsaid:
            hub.accounts.forget(account)
            raise Paced(SOON)
        words, ref = (missing.kind, unsaid), item.fifo_key.partition(":")[2]
        await mappings.wait(conn, item.id, account.id, words, ref)
        await _park(conn, item, missing.reason, str(missing))
    metrics.FAILED.labels(item.queue, missing.reason).inc()
    log.warning("words unmapped", account=account.code, kind=missing.kind, trace_id=item.trace_id)
    raise Held(str(missing), LATER)  # the row is no longer ours: nothing more is written on it


async def stay_behind(hub: Hub, item: Item, account: Account, held: Held) -> NoReturn:
    """Park a delivery behind an earlier one. Raises Held once it is written down, or Paced when no
    word is waited for any more: it comes again after what goes on. Locked as in `wait`."""
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await mappings.hold(conn, account.id)
        if await mappings.behind(conn, item.fifo_key, item.id) != {"parked"}:
            raise Paced(SOON)
        await _park(conn, item, held.reason, str(held))
    raise held


async def _park(conn: Conn, item: Item, reason: str, said: str) -> None:
    verdict = Verdict(reason, said[:2000], LATER, parked=True, counted=False)
    await queue.fail(conn, item, verdict)


def _is_news(account: Account, kind: str, word: str, said: dict[str, str]) -> bool:
    """Whether somebody has said what a word means, and not just what the adapter was told and does
    not understand."""
    return word in said and account.codes.get(kind, {}).get(word) != said[word]
