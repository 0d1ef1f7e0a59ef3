"""Who is told things by both cells: an ERP, and a retailer's own system that hears of orders."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx

from app.actions.porter import DOCUMENTS, Cargo, carry, carry_due
from app.integrators.post import Poster
from tests.cells.two import Side, Two
from tests.erp.town import StandIn, Town, with_stand_in
from tests.integrators.ears import Ears


@dataclass
class Listener:
    """A system of a retailer's own, without sockets: how often each event came."""

    heard: Counter[str] = field(default_factory=Counter)

    async def __call__(self, scope, receive, send) -> None:
        while (await receive()).get("more_body"):
            pass
        self.heard[dict(scope["headers"])[b"webhook-id"].decode()] += 1
        await send({"type": "http.response.start", "status": 204, "headers": []})
        await send({"type": "http.response.body"})


@dataclass
class Outside:
    """Both, and the lanes of each cell that go to them."""

    erp: StandIn
    listener: Listener
    lanes: list[tuple[Town | Ears, Cargo]]

    def carrying(self, stopping: asyncio.Event) -> list[asyncio.Task[None]]:
        """A task for each lane of each cell."""
        return [
            asyncio.create_task(carry(world.hub, stopping, cargo)) for world, cargo in self.lanes
        ]

    async def rest(self) -> None:
        """What is still to be said is said."""
        for world, cargo in self.lanes:
            await carry_due(world.hub, asyncio.Event(), cargo)


@asynccontextmanager
async def outside(two: Two) -> AsyncIterator[Outside]:
    """Known to the first cell; the other one learns of them with the store."""
    listener = Listener()
    ears_http = httpx.AsyncClient(transport=httpx.ASGITransport(listener))
    async with with_stand_in(two.a.hub) as (town, erp), ears_http:
        here, there = (_ears(side, ears_http) for side in (two.a, two.b))
        await here.subscribe("http://127.0.0.1:9/events")
        towns = town, Town(two.b.hub, town.http)
        lanes = [(each, DOCUMENTS) for each in towns] + [
            (each, each.cargo) for each in (here, there)
        ]
        yield Outside(erp, listener, lanes)


def _ears(side: Side, http: httpx.AsyncClient) -> Ears:
    return Ears(side.hub, side.api, Poster(http))
