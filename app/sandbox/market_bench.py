"""A marketplace's stand-in on the sandbox's server: its API, a workbench, orders that play."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import asdict
from typing import Annotated, Any, Final

import msgspec
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from app.sandbox import catalogue
from app.sandbox.answers import Ascii
from app.sandbox.markets import Market, kinds
from app.sandbox.stall import HAPPENINGS, Basket, Entry, Goods, Stall
from app.sandbox.world import World

SHOWN: Final = 50
#: Seconds a customer's order waits for the shop before its courier gives up.
PATIENCE: Final = 3600.0
#: Seconds between looks, and between a courier's steps.
LOOK: Final = 1.0
STEP: Final = 3.0
ROAD: Final = ("paid", "courier", "arrived", "taken", "delivered")


class Play(msgspec.Struct, forbid_unknown_fields=True):
    """Orders a minute that come by themselves, and go through their whole lives."""

    rate: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0


class Bench:
    """One stand-in with what moves it."""

    def __init__(self, market: Market, world: World) -> None:
        self.stall: Stall = kinds()[market["name"]](market["hook_url"], market["secrets"], world)
        self.play = Play()
        self._world = world
        self._tasks: set[asyncio.Task[None]] = set()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Bench]:
        """Orders begin to come when somebody asks for them."""
        self._start(self._customers())
        self._start(self._looks())
        try:
            yield self
        finally:
            for task in list(self._tasks):
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            await self.stall.close()

    def app(self) -> Starlette:
        """The marketplace's own API, and `_control`, `_state`, `_orders` beside it."""
        return Starlette(
            routes=[
                Route("/_control", self._control, methods=["GET", "POST"]),
                Route("/_state", self._state),
                Route("/_orders", self._place, methods=["POST"]),
                Route("/_orders/{ref:path}/{what}", self._happen, methods=["POST"]),
                *self.stall.routes(),
            ]
        )

    def figures(self) -> dict[str, int]:
        """What the index page shows."""
        stall = self.stall
        answered = [told for told in stall.told if told.status is not None]
        return {
            "orders": len(stall.book),
            "webhooks": sum(200 <= (told.status or 0) < 300 for told in answered),
            "webhooks_refused": sum((told.status or 0) >= 300 for told in answered),
            "notifications": sum(len(entry.told) for entry in stall.book.values()),
            "notifications_refused": len(stall.refused),
        }

    def basket(self) -> Basket:
        """A few goods of the catalogue that this marketplace can sell."""
        rows = [row for row in catalogue.PRODUCTS if not row.blocked and not row.marked]
        rows = [row for row in rows if self.stall.weighs or row.kind == "piece"]
        picked = self._world.rng.sample(rows, self._world.rng.randint(1, 6))
        return Basket(tuple(_goods(row, self._world.rng.randint(1, 3)) for row in picked))

    async def _customers(self) -> None:
        while True:
            await asyncio.sleep(60 / self.play.rate if self.play.rate else LOOK)
            if self.play.rate:
                self._start(self._life())

    async def _looks(self) -> None:
        while True:
            await asyncio.sleep(LOOK)
            (amiss,) = await asyncio.gather(self.stall.look(), return_exceptions=True)
            if amiss is not None:  # the hub may be in the middle of a restart: look again
                self.stall.refuse(f"a look came to nothing: {amiss!r}"[:300])

    async def _life(self) -> None:
        ref = await self.stall.place(self.basket())
        entry = self.stall.book[ref]
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                while entry.state not in ("ready", "taken", "cancelled"):  # noqa: ASYNC110 - a customer looks now and then
                    await asyncio.sleep(LOOK)
        if entry.state == "cancelled":
            return
        for what in ROAD:
            await self.stall.happen(ref, what)
            await asyncio.sleep(STEP)

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _control(self, request: Request) -> Response:
        """Faults and the rate; fields left out stay as they are."""
        if request.method == "POST":
            try:
                changes = msgspec.json.decode(await request.body(), type=dict[str, Any])
                play = {"rate": changes.pop("rate", self.play.rate)}
                faults = msgspec.to_builtins(self.stall.faults) | changes
                self.stall.faults = msgspec.convert(faults, type(self.stall.faults))
                self.play = msgspec.convert(play, Play)
            except msgspec.DecodeError as error:
                return Ascii({"error": str(error)}, status_code=400)
        faults = msgspec.to_builtins(self.stall.faults)
        return Ascii(faults | msgspec.to_builtins(self.play))

    async def _state(self, _request: Request) -> Response:
        newest = list(self.stall.book.values())[: -1 - SHOWN : -1]
        shown = {**self.figures(), "refused": self.stall.refused[-SHOWN:]}
        return Ascii({**shown, "newest": [_entry(entry) for entry in newest]})

    async def _place(self, _request: Request) -> Response:
        return Ascii({"order": await self.stall.place(self.basket())}, status_code=201)

    async def _happen(self, request: Request) -> Response:
        ref, what = request.path_params["ref"], request.path_params["what"]
        if ref not in self.stall.book or what not in HAPPENINGS:
            return Ascii({"error": f"no such order, or none of {', '.join(HAPPENINGS)}"}, 404)
        await self.stall.happen(ref, what)
        return Ascii(_entry(self.stall.book[ref]))


def _goods(row: catalogue.Product, count: int) -> Goods:
    if row.kind == "piece":
        return Goods(row.sku, row.name, row.price, count, marked=row.marked)
    return Goods(row.sku, row.name, row.price, 1, 500 * count, row.unit_grams or 1000)


def _entry(entry: Entry) -> dict[str, Any]:
    shown = {name: value for name, value in asdict(entry).items() if name != "more"}
    times = {name: shown[name].isoformat() for name in ("placed_at", "changed_at")}
    return {**shown, **times, "total": entry.total()}
