"""Short ways to a situation: an order placed, picked, delivered; a chat that remembers."""

from __future__ import annotations

from uuid import UUID

import httpx

from app.errors import HubError
from app.hub import Hub
from app.ports import Saying
from tests.conftest import TOKEN
from tests.factories import BANANAS, BREAD, Handheld, news, placed, settle


class RecordingChat:
    """The way to people as a list; `fails` are raised first, one per call."""

    def __init__(self) -> None:
        self.said: list[tuple[int, str, int | None]] = []
        self.sayings: list[Saying] = []
        self.fails: list[HubError] = []

    async def tell(self, saying: Saying) -> int:
        if self.fails:
            raise self.fails.pop(0)
        self.sayings.append(saying)
        self.said.append((saying.chat_id, saying.text, saying.edit))
        return saying.edit or len(self.said)


async def hook(api: httpx.AsyncClient, content: bytes) -> httpx.Response:
    return await api.post("/hooks/sm-demo", content=content, headers=TOKEN)


async def place(
    api: httpx.AsyncClient, hub: Hub, order_id: str = "H1", *positions, **fields
) -> UUID:
    """An accepted order; its id."""
    answer = await hook(api, placed(order_id, *positions, **fields))
    assert answer.status_code == 200
    await settle(hub)
    async with hub.pools.picking.acquire() as conn:
        return await conn.fetchval("SELECT id FROM orders WHERE external_id = $1", order_id)


async def know(hub: Hub, *positions: dict, vat: str = "standard") -> None:
    """Goods come to the catalogue, unless it has them: nothing is sold that is in none."""
    async with hub.pools.picking.acquire() as conn:
        await conn.executemany(
            "INSERT INTO product (merchant_id, sku, name, vat)"
            " SELECT id, $1, $2, $3 FROM merchant ON CONFLICT DO NOTHING",
            [(goods["id"], goods["name"], vat) for goods in positions],
        )


async def make_ready(api: httpx.AsyncClient, hub: Hub) -> Handheld:
    """The most urgent order picked as ordered and made ready."""
    handheld = await Handheld(api).sign_in()
    await handheld.next()
    await handheld.do("start")
    for line in handheld.order["lines"]:
        if line["unit"] == "weight":
            await handheld.do("weigh", line=line["sku"], grams=line["requested"]["grams"])
        else:
            await handheld.do("pick", line=line["sku"], quantity=line["requested"]["pieces"])
    await handheld.do("complete")
    await handheld.do("ready")
    await settle(hub)
    return handheld


async def deliver_one(api: httpx.AsyncClient, hub: Hub, order_id: str, *positions) -> UUID:
    """An order of goods of the catalogue, all the way to the customer."""
    goods = positions or (BREAD, BANANAS)
    await know(hub, *goods)
    id_ = await place(api, hub, order_id, *goods)
    await make_ready(api, hub)
    for event in ("order.paid", "order.received", "order.delivered"):
        await hook(api, news(event, order_id))
    await settle(hub)
    return id_
