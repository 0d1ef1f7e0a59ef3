"""What every marketplace's stand-in has: orders in a book, a way to the hub with faults, an API.

A stand-in lives in its adapter's folder (app/marketplaces/*/stand_in.py) and knows nothing of the
adapter: it speaks the platform's protocol and enforces the platform's published rules.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any, ClassVar, Final, Literal
from urllib.parse import parse_qsl

import httpx
import msgspec
from starlette.requests import Request
from starlette.routing import BaseRoute

from app.sandbox.world import World

Share = Annotated[float, msgspec.Meta(ge=0, le=1)]

#: How far an order is, in the words all stand-ins use for the bench (each has its own for the hub).
States = Literal["placed", "accepted", "picking", "ready", "taken", "delivered", "cancelled"]
#: What happens at the marketplace's side. `accepted` to `ready` are the shop's to say.
HAPPENINGS: Final = ("changed", "paid", "courier", "arrived", "taken", "delivered", "cancelled")


@dataclass(frozen=True, slots=True)
class Goods:
    """One line of a customer's basket. `price`: kopecks (or cents) a piece, or per `unit_grams`."""

    sku: str
    name: str
    price: int
    pieces: int = 1
    grams: int | None = None
    unit_grams: int = 1000
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Basket:
    """What a customer orders, and from which of the marketplace's stores."""

    goods: tuple[Goods, ...]
    store: str = "101"
    comment: str = ""


@dataclass(slots=True)
class Entry:
    """One order in the marketplace's book. `found`: pieces, or grams of weighed goods, by SKU, as
    the shop told them; empty before it did. `told`: what the shop said, in order; `more`: whatever
    else the stand-in keeps of it."""

    ref: str
    basket: Basket
    placed_at: datetime
    changed_at: datetime
    state: States = "placed"
    paid: bool = False
    found: dict[str, int] = field(default_factory=dict)
    marks: dict[str, tuple[str, ...]] = field(default_factory=dict)
    bags: int | None = None
    told: list[str] = field(default_factory=list)
    more: dict[str, Any] = field(default_factory=dict)

    def total(self) -> int:
        """Kopecks for what was found, or ordered while nothing was told."""
        return sum(_cost(goods, self._amount(goods)) for goods in self.basket.goods)

    def _amount(self, goods: Goods) -> int:
        ordered = goods.pieces if goods.grams is None else goods.grams
        return self.found.get(goods.sku, 0) if self.found else ordered


class Faults(msgspec.Struct, forbid_unknown_fields=True):
    """What goes wrong on the way to the hub: parts of the messages that are never sent, sent twice,
    sent late; and answers to the hub's calls that are not given."""

    drop: Share = 0.0
    double: Share = 0.0
    shuffle: Share = 0.0
    late: float = 0.2  #: seconds a shuffled message is late at most
    fail_next: int = 0  #: calls of the hub answered with `fail_status`
    fail_status: int = 503


@dataclass(frozen=True, slots=True)
class Told:
    """One message to the hub and its answer; no status: it was dropped or nobody answered."""

    ref: str | None
    body: bytes
    headers: Mapping[str, str] = field(repr=False)
    status: int | None = None
    answer: bytes = b""


class Stall:
    """The ground of a stand-in. Subclasses say `name`, settings and secrets of the hub's account,
    their routes, and what they tell the hub when something happens."""

    name: ClassVar[str]
    weighs: ClassVar[bool] = True  #: whether it sells by weight

    def __init__(self, hook_url: str, secrets: Mapping[str, str], world: World) -> None:
        """`hook_url`: where the hub listens for this account, without a slash at its end."""
        self.hook_url = hook_url
        self.secrets = secrets
        self.world = world
        self.book: dict[str, Entry] = {}
        self.faults = Faults()
        self.told: list[Told] = []
        self.refused: list[str] = []
        self._client = world.client(10.0)
        self._late: set[asyncio.Task[Told]] = set()

    # --- what a stand-in says of itself ---------------------------------------------------------

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Settings of the hub's account for a stand-in that is served at `url`."""
        raise NotImplementedError

    @classmethod
    def made_up(cls, token_hex: Any) -> dict[str, str]:
        """Secrets of the hub's account, by kind; `token_hex(n)` gives 2n random digits."""
        raise NotImplementedError

    def routes(self) -> list[BaseRoute]:
        """The marketplace's own API, as the hub calls it."""
        raise NotImplementedError

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Tell the hub that an order was "placed" or one of HAPPENINGS; None: it is not told."""
        raise NotImplementedError

    # --- what the bench asks of it --------------------------------------------------------------

    async def place(self, basket: Basket) -> str:
        """A customer orders; the order's reference once the hub was told."""
        now = self.world.clock()
        entry = Entry(self.new_ref(), basket, now, now)
        self.book[entry.ref] = entry
        await self.announce(entry, "placed")
        return entry.ref

    async def happen(self, ref: str, what: str) -> None:
        """Something happens at the marketplace; the hub is told where the platform tells it."""
        entry = self.book[ref]
        self._move(entry, what)
        entry.changed_at = self.world.clock()
        await self.announce(entry, what)

    def new_ref(self) -> str:
        """A reference as the platform makes them."""
        return f"{self.name[:2].upper()}{len(self.book) + 1:08d}"

    async def look(self) -> None:
        """Ask the hub how its orders are, where the platform asks instead of being told."""

    async def close(self) -> None:
        """Bring late messages to their end."""
        await asyncio.gather(*self._late)
        await self._client.aclose()

    # --- what a stand-in is made of -------------------------------------------------------------

    async def post(
        self, entry: Entry | None, body: bytes, headers: Mapping[str, str], path: str = "",
        method: str = "POST",
    ) -> Told:  # fmt: skip
        """Send one message to the hub, or not, or twice, or late, as the faults say."""
        chance, faults = self.world.rng.random, self.faults
        if chance() < faults.drop:
            return self._note(Told(_ref(entry), body, headers))
        times = 2 if chance() < faults.double else 1
        if chance() < faults.shuffle:
            task = asyncio.create_task(self._send_late(entry, body, headers, path, method))
            self._late.add(task)
            task.add_done_callback(self._late.discard)
            return Told(_ref(entry), body, headers)
        said = [await self.call(method, path, body, headers, entry) for _ in range(times)]
        return said[0]

    async def call(
        self, method: str, path: str, body: bytes, headers: Mapping[str, str],
        entry: Entry | None = None,
    ) -> Told:  # fmt: skip
        """One call to the hub, whatever the faults."""
        sent = {"content-type": "application/json", **headers}
        try:
            answer = await self._client.request(
                method, self.hook_url + path, content=body, headers=sent
            )
        except httpx.HTTPError:
            return self._note(Told(_ref(entry), body, headers))
        told = Told(_ref(entry), body, headers, answer.status_code, answer.content)
        return self._note(told)

    async def _send_late(
        self, entry: Entry | None, body: bytes, headers: Mapping[str, str], path: str, method: str
    ) -> Told:
        await asyncio.sleep(self.world.rng.uniform(0, self.faults.late))
        return await self.call(method, path, body, headers, entry)

    def fails(self) -> int | None:
        """The status to answer this call of the hub with, None when nothing is to fail."""
        if self.faults.fail_next <= 0:
            return None
        self.faults.fail_next -= 1
        return self.faults.fail_status

    def refuse(self, why: str) -> str:
        """Keep why a call of the hub was against the rules; returned for the answer."""
        self.refused.append(why)
        return why

    def _note(self, told: Told) -> Told:
        self.told.append(told)
        return told

    def _move(self, entry: Entry, what: str) -> None:
        if what == "paid":
            entry.paid = True
        elif what in ("taken", "delivered", "cancelled"):
            entry.state = what  # type: ignore[assignment]  # one of States


async def form_of(request: Request) -> dict[str, str]:
    """The fields of a form, as token endpoints get them."""
    return dict(parse_qsl((await request.body()).decode()))


def _ref(entry: Entry | None) -> str | None:
    return None if entry is None else entry.ref


def _cost(goods: Goods, amount: int) -> int:
    if goods.grams is None:
        return goods.price * amount
    return (2 * goods.price * amount + goods.unit_grams) // (2 * goods.unit_grams)
