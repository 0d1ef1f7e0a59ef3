"""Ask a marketplace what a thin event is about."""

from __future__ import annotations

from uuid import UUID

from app.actions.afresh import with_newest
from app.actions.gate import through
from app.contract import Account, Delivery
from app.hub import Hub
from app.plugin import Fetches


async def fetch(
    hub: Hub, account: Account, marketplace: Fetches, delivery: Delivery, who: UUID
) -> bytes:
    """The order as the marketplace shows it now, for the row `who`; raises what `gate.through`
    raises. While the marketplace is away the row waits, and no try is used up."""

    async def call() -> bytes:
        return await with_newest(hub, account, lambda one: marketplace.fetch(one, delivery))

    return await through(hub, account, hub.marketplaces[account.adapter], "fetch", call, who=who)
