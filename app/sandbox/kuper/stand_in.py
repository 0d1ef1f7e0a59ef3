"""The stand-in as a whole: its shipments, customers, webhooks and the world it plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from app.sandbox.credentials import Account, Credentials
from app.sandbox.kuper.hooks import Hooks
from app.sandbox.kuper.life import Life
from app.sandbox.kuper.orders import Customers, Draft
from app.sandbox.kuper.shares import Bounds, Pace, Shares
from app.sandbox.kuper.shipment import Book, Shipment, Webhook, items_of
from app.sandbox.kuper.switches import Dials, Switches
from app.sandbox.kuper.tokens import Tokens
from app.sandbox.outward import client_to_hub
from app.sandbox.world import World

IDLE = 0.2  #: seconds between looks at the rate while it is 0


@dataclass(slots=True)
class StandIn:
    """СМ in one object; `running` must be entered before it can send."""

    credentials: Credentials
    world: World
    switches: Switches
    shares: Shares
    pace: Pace
    bounds: Bounds
    dials: Dials = field(default_factory=Dials)
    book: Book = field(init=False)
    customers: Customers = field(init=False)
    tokens: Tokens = field(init=False)
    life: Life = field(init=False)
    _hooks: Hooks | None = None

    def __post_init__(self) -> None:
        world = self.world
        self.book = Book(self.bounds.shipments)
        self.customers = Customers(self.credentials["stores"], world.rng, world.clock, self.shares)
        self.tokens = Tokens(self.accounts, world.clock, world.token_hex)
        self.life = Life(
            self.hooks, lambda: self.switches, world.clock, world.rng, self.pace, self.shares
        )

    @property
    def accounts(self) -> list[Account]:
        """The hub's connections to this marketplace."""
        return [row for row in self.credentials["accounts"] if row["marketplace"] == "kuper"]

    def hooks(self) -> Hooks:
        """Return the sender; AssertionError while the stand-in is not running."""
        assert self._hooks is not None, "the stand-in is not running"
        return self._hooks

    def place(
        self, draft: Draft, *, plays: bool = True, fields: Mapping[str, Any] | None = None
    ) -> tuple[Shipment, Webhook]:
        """Take a new order into the book and tell the hub.

        `fields` win over the payload in what the hub is told, right or wrong.
        """
        account = self.world.rng.choice(self.accounts)["name"]
        timezone = draft.store["timezone"]
        items, now = items_of(draft.payload), self.world.clock()
        shipment = Shipment(account, timezone, draft.payload, items, now, now)
        shipment.trouble, shipment.plays = draft.trouble, plays
        shipment.integration = draft.integration
        self.book.add(shipment)
        self.dials.counts["orders_created"] += 1
        return shipment, self.life.say(shipment, "order.created", fields)

    def busy(self) -> bool:
        """Whether anything is on its way to the hub, or somebody is about to do something."""
        return self.hooks().busy() or self.life.busy()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[StandIn]:
        """Open the client, place orders at the set rate, stop cleanly."""
        async with AsyncExitStack() as stack:
            client = await stack.enter_async_context(self._client())
            self._hooks = Hooks(
                {row["name"]: row for row in self.accounts},
                client,
                self.bounds,
                self.dials,
                self.world.rng,
                self.life.webhook_settled,
            )
            stack.push_async_callback(self._hooks.close)
            stack.push_async_callback(self.life.close)
            source = asyncio.create_task(self._place_orders())
            stack.callback(source.cancel)
            yield self

    def _client(self) -> httpx.AsyncClient:
        return client_to_hub(
            self.credentials,
            timeout=self.bounds.timeout,
            connections=self.bounds.parallel,
            transport=self.world.transport,
        )

    async def _place_orders(self) -> None:
        """Open loop: orders come at their rate, whether the hub keeps up or not."""
        while True:
            rate = self.switches.rate
            if rate <= 0:
                await asyncio.sleep(IDLE)
                continue
            await asyncio.sleep(self.world.rng.expovariate(rate / 60))
            self.place(self.customers.order())
