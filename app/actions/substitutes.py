"""What could stand for a line: words of the customer, the marketplace, the chain; a search."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final
from uuid import UUID

import structlog

from app.actions.await_words import in_their_words
from app.actions.gate import spare_turn
from app.actions.write import in_store
from app.contract import Account
from app.db import goods, mappings, replacements
from app.db.conn import Conn
from app.db.people import Picker
from app.domain.barcode import read
from app.domain.candidates import Candidate, Source, candidates
from app.domain.order import Line, Order
from app.domain.refusals import Code, Refused
from app.domain.shop import Shop
from app.domain.terms import Terms
from app.errors import RemoteRefused, RemoteUnavailable
from app.hub import Hub
from app.identifiers import new_id
from app.plugin import Suggests

log = structlog.get_logger()

#: Of one source; a screen shows no more.
_MOST: Final = 20
#: Words of a search that count; letters and digits only, so that they need no quoting.
_WORDS: Final = 6
_WORD: Final = re.compile(r"[^\W_]{1,50}")
#: Seconds a marketplace has to name goods; a picker stands at the shelf meanwhile.
_PATIENCE: Final = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A line and all that decides what may stand for it."""

    order: Order
    line: Line
    account: Account
    shop: Shop


async def substitutes(
    hub: Hub, picker: Picker, ids: tuple[UUID, UUID], q: str
) -> tuple[Order, Line, list[Candidate]]:
    """Candidates for a line, the best first; ids = (order, line), `q` what the picker looks for:
    words of a name, a SKU or a scanned code."""
    async with hub.pools.picking.acquire() as conn:
        asked = await _asked(conn, hub, picker, ids)
        chain = await replacements.chain(
            conn, asked.account.merchant_id, asked.line.external_id, _MOST
        )
        found = await _search(conn, asked, q.strip()) if q.strip() else []
    suggested = await _suggested(hub, asked)
    named = [
        *((sku, Source.CUSTOMER) for sku in asked.line.wish_skus),
        *((sku, Source.MARKETPLACE) for sku in suggested),
        *((sku, Source.CHAIN) for sku in chain),
        *((sku, Source.SEARCH) for sku in found),
    ]
    async with hub.pools.picking.acquire() as conn:
        known = await goods.by_sku(
            conn, asked.account.merchant_id, asked.order.store_id, {sku for sku, _ in named}
        )
    terms = Terms(known, new_id, asked.shop, asked.account.rules, hub.clock())
    return asked.order, asked.line, candidates(asked.order, asked.line, named, terms)


def words_of(q: str) -> list[str]:
    """The words of a search as names are kept: no case, no ё, no punctuation."""
    return _WORD.findall(q.lower().replace("ё", "е"))[:_WORDS]


async def _asked(conn: Conn, hub: Hub, picker: Picker, ids: tuple[UUID, UUID]) -> Asked:
    order = await in_store(conn, ids[0], picker)
    line = order.line(ids[1])
    if line is None:
        raise Refused(Code.LINE_NOT_FOUND, line_id=str(ids[1]))
    account = await hub.accounts.by_id(order.account_id, conn)
    assert account is not None  # orders point at accounts
    return Asked(order, line, account, await hub.shops.get(conn, order.store_id))


async def _search(conn: Conn, asked: Asked, q: str) -> list[str]:
    """A SKU, the goods of a code, then names."""
    merchant_id = asked.account.merchant_id
    scanned = read(q, asked.shop.labels)
    coded = (
        await goods.skus_by_code(conn, merchant_id, scanned.spellings(), scanned.plu)
        if scanned
        else []
    )
    home = merchant_id, asked.order.store_id
    named = await replacements.search(conn, home, words_of(q), asked.line.category, _MOST)
    return [q, *coded, *named]


async def _suggested(hub: Hub, asked: Asked) -> Sequence[str]:
    """What the marketplace names, if it names goods at all; its trouble is not the picker's."""
    marketplace = hub.marketplaces[asked.account.adapter]
    if not isinstance(marketplace, Suggests):
        return ()
    async with hub.pools.picking.acquire() as conn:
        theirs = await in_their_words(conn, asked.order)
        if not await spare_turn(conn, asked.account, marketplace):
            return ()
    line = theirs.line(asked.line.id) or asked.line
    try:
        async with asyncio.timeout(_PATIENCE):
            suggested = await marketplace.suggest(asked.account, theirs, line)
    except (RemoteRefused, RemoteUnavailable, TimeoutError) as error:
        log.warning("no suggestions", account=asked.account.code, error=repr(error)[:200])
        return ()
    async with hub.pools.picking.acquire() as conn:
        ours = await mappings.goods(conn, asked.account.id, suggested[:_MOST])
    return [ours.get(each, each) for each in suggested[:_MOST]]
