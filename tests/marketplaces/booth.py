"""An adapter and its stand-in over HTTP, without a hub: who tries the platform's rules one by one.
What the stand-in tells the hub is noted and answered with 200; the clock is moved by hand."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

import httpx
from starlette.applications import Starlette

from app.contract import Account, Delivery, Message
from app.domain.order import Line, LineState, Order, OrderState
from app.marketplaces.registry import REGISTRY
from app.marketplaces.tools import Tools
from app.plugin import Marketplace
from app.sandbox.stall import Basket, Stall, Told
from app.sandbox.world import World
from tests.domain.build import uid
from tests.marketplaces import patient
from tests.marketplaces.party import Party
from tests.sandbox.conftest import counting_hex, listening, serving

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class KeptTokens:
    """Tokens as the hub keeps them, in memory: what was `kept` comes back."""

    def __init__(self) -> None:
        self.known: dict[str, str] = {}
        self.kept: str | None = None

    async def get(self, account, kinds, ask):
        key = str(account.secrets)
        if key not in self.known:
            token = await ask(self.kept)
            self.known[key], self.kept = token.value, token.kept
        return self.known[key]

    async def drop(self, account, kinds, value):
        self.known = {key: each for key, each in self.known.items() if each != value}


@dataclass
class Booth:
    """Both sides. `now` is the stand-in's clock."""

    party: Party
    market: Marketplace
    tokens: KeptTokens
    now: datetime = NOON
    stall: Stall = field(init=False)
    account: Account = field(init=False)

    async def place(self, *goods) -> str:
        return await self.stall.place(Basket(goods or self.party.goods))

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def order(self, told: Told | None = None, **changes):
        """The order of a delivery (by default the last one told) as our side has it."""
        delivery = await self.delivery(told)
        placed = self.market.parse(self.account, delivery, self.now)[0]
        return ordered(placed.draft, **changes)

    async def delivery(self, told: Told | None = None) -> Delivery:
        told = told or self.stall.told[-1]
        delivery = Delivery(dict(told.headers), told.body)
        if hasattr(self.market, "thin") and self.market.thin(self.account, delivery):
            found = await self.market.fetch(self.account, delivery)
            delivery = replace(delivery, fetched=found)
        return delivery

    async def say(self, kind: str, order, *, unsure: bool = False):
        """Tell the marketplace something of an order."""
        body = self.market.compose(self.account, kind, order)
        return await self.send(kind, body, unsure=unsure)

    async def send(self, kind: str, body: bytes, *, unsure: bool = False):
        return await self.market.send(self.account, Message(uid(5), kind, body, unsure, "trace"))


def ordered(draft, **changes):
    """An order of ours as it is right after it was placed."""
    lines = tuple(
        Line(
            id=uid(n), position=n, external_id=each.external_id, name=each.name, unit=each.unit,
            price=each.price, requested_pieces=each.pieces, requested_grams=each.grams,
            unit_grams=each.unit_grams, ref=each.ref,
        )
        for n, each in enumerate(draft.lines, 1)
    )  # fmt: skip
    known = {
        "id": uid(900), "store_id": uid(901), "account_id": uid(902), "number": "OWN-1",
        "external_id": draft.external_id, "external_uuid": draft.external_uuid,
        "state": OrderState.ACCEPTED, "lines": lines, "due_at": draft.due_at,
        "requested_total": draft.requested_total, "planned": draft.planned,
        "pickup": draft.pickup, "currency": draft.currency,
    }  # fmt: skip
    return Order(**(known | changes))


def found(order, **amounts):
    """The order with its lines picked: all that was ordered, or so much of a SKU."""

    def picked(line):
        wanted = line.requested_grams if line.unit_grams else line.requested_pieces
        amount = amounts.get(line.external_id, amounts.get(f"_{line.external_id}", wanted))
        state = LineState.PICKED if amount >= wanted else LineState.SHORT
        what = {"picked_grams" if line.unit_grams else "picked_pieces": amount}
        return replace(line, state=state if amount else LineState.DROPPED, **what)

    return replace(order, lines=tuple(map(picked, order.lines)))


@asynccontextmanager
async def booth(party: Party) -> AsyncIterator[Booth]:
    """Both sides, served on loopback."""
    assert party.stand_in is not None
    async with patient.client() as http:
        tokens = KeptTokens()
        found_ = Booth(party, REGISTRY[party.account.adapter](Tools(http, tokens)), tokens)
        hub = httpx.MockTransport(lambda _request: httpx.Response(200))
        world = World(lambda: found_.now, Random(1), counting_hex(), hub)
        secrets = party.stand_in.made_up(world.token_hex)
        found_.stall = party.stand_in("http://hub/hooks/market", secrets, world)
        async with serving(Starlette(routes=found_.stall.routes()), listening()) as url:
            found_.account = replace(
                party.account,
                settings=found_.stall.settings(url),
                secrets={kind: (value,) for kind, value in secrets.items()},
            )
            found_.market.check(found_.account)
            yield found_
            await found_.stall.close()
