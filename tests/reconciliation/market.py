"""A marketplace whose list is a dict, beside the real adapter; how asking it fails."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from app.actions.reconcile import Manners, reconcile
from app.contract import Account, Page
from app.errors import HubError
from app.hub import Hub
from app.marketplaces.kuper import listing
from tests.conftest import RecordingKuper, quick
from tests.factories import placed, settle

#: Nothing has to settle, and windows end when the look begins.
AT_ONCE = Manners(timedelta(0), timedelta(minutes=15), seconds=600.0)
#: As in life.
PATIENT = Manners(seconds=600.0)


class Listing(RecordingKuper):
    """The real adapter; its list is `orders`, so many on a page. `fails` of lists are `breaks`."""

    def __init__(self) -> None:
        super().__init__()
        self.orders: dict[str, dict] = {}
        self.raw: list[str] = []  #: what is listed besides
        self.size = 50
        self.asked: list[tuple[datetime, datetime, str | None]] = []
        self.breaks: list[HubError] = []
        self.before: Callable[[], None] | None = None
        self.endless = False

    async def listed(
        self, account: Account, since: datetime, until: datetime, cursor: str | None
    ) -> Page:
        self.asked.append((since, until, cursor))
        if self.before:
            self.before()
        if self.breaks:
            raise self.breaks.pop(0)
        rows = [one for one in self.orders.values() if since <= _at(one) < until]
        texts = [*(json.dumps(one, ensure_ascii=False) for one in sorted(rows, key=_at)), *self.raw]
        begin = int(cursor or 0)
        there = texts[begin % (len(texts) or 1) :][: self.size]
        goes_on = self.endless or begin + self.size < len(texts)
        body = {"nextPageToken": str(begin + self.size) if goes_on else None}
        text = json.dumps(body)[:-1] + f', "data": [{", ".join(there)}]}}'
        return listing.page(account, text.encode(), since)

    def show(self, ref="H1", *positions, state="ready", paid=False, minutes=10.0, **fields) -> None:
        """List an order as it changed some minutes ago."""
        payload = json.loads(placed(ref, *positions))["payload"]
        moment = (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()
        self.orders[ref] = {**payload, "state": state, "updatedAt": moment,
                            "paymentState": "paid" if paid else "not_paid", **fields}  # fmt: skip


def _at(order: dict) -> datetime:
    return datetime.fromisoformat(order["updatedAt"])


@dataclass
class World:
    """A hub with such a marketplace, whose account has been here for days."""

    hub: Hub
    market: Listing = field(default_factory=Listing)

    @classmethod
    async def of(cls, hub: Hub) -> World:
        world = cls(hub)
        world.hub = quick(hub, marketplaces={"kuper": world.market})
        await world.sql("UPDATE account SET created_at = now() - interval '2 days'")
        return world

    async def sql(self, statement, *values):
        async with self.hub.pools.picking.acquire() as conn:
            return await conn.fetch(statement, *values)

    async def look(self, manners=AT_ONCE, *, work=True) -> str:
        """A look at once, whatever the schedule says; what it found is worked through."""
        await self.sql("UPDATE reconciliation SET asked_at = now(), retry_at = '-infinity'")
        await self.sql("UPDATE account_gate SET arrival = 'epoch', rest_until = 'epoch'")
        said = await reconcile(self.hub, manners)
        if work:
            await settle(self.hub)
        return said

    async def order(self, ref="H1"):
        (row,) = await self.sql("SELECT * FROM orders WHERE external_id = $1", ref)
        return row

    async def differing(self):
        """What people are told: order, kind, theirs, ours."""
        rows = await self.sql(
            "SELECT order_ref, kind, said_theirs, said_ours FROM reconciliation_mismatch"
            " WHERE resolved_at IS NULL AND told_at IS NOT NULL ORDER BY order_ref, kind"
        )
        return [tuple(row) for row in rows]

    async def open(self):
        rows = await self.sql(
            "SELECT kind FROM reconciliation_mismatch WHERE resolved_at IS NULL ORDER BY kind"
        )
        return [row["kind"] for row in rows]

    async def standing(self):
        (row,) = await self.sql("SELECT * FROM reconciliation")
        return row

    async def runs(self):
        return await self.sql("SELECT * FROM reconciliation_run ORDER BY started_at, id")
