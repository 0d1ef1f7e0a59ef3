"""A stand-in for Yandex Eats: it logs in to the hub's server, places orders there, asks how they
are, and keeps to the published rules: statuses only go forward, 401 means to log in again."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any, ClassVar, Final
from urllib.parse import urlencode

from starlette.routing import BaseRoute

from app.sandbox.stall import Entry, Goods, Stall, States, Told

#: Its statuses in their order, and the words all stand-ins have for them.
ROAD: Final[dict[str, States]] = {
    "NEW": "placed", "ACCEPTED_BY_RESTAURANT": "accepted", "COOKING": "picking", "READY": "ready",
    "TAKEN_BY_COURIER": "taken", "DELIVERED": "delivered", "CANCELLED": "cancelled",
}  # fmt: skip
#: What it tells of what happens; the rest of it only its couriers know.
TELLS: Final = {
    "taken": "TAKEN_BY_COURIER", "delivered": "DELIVERED", "cancelled": "CANCELLED",
}  # fmt: skip
ORDER: Final = "application/vnd.eats.order.v2+json"
STATUS: Final = "application/vnd.eats.order.status.v1+json"
ENDED: Final = ("delivered", "cancelled")


class StandIn(Stall):
    """Yandex Eats. `delivery`: whose couriers new orders are for, `yandex` or `marketplace`."""

    name: ClassVar[str] = "yandex_eats"
    delivery: str = "yandex"

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """It has no API for the hub to call."""
        del url
        return {"client_id": "yandex"}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What it logs in with."""
        return {"client_secret": token_hex(16)}

    def routes(self) -> list[BaseRoute]:
        """None: it calls."""
        return []

    def new_ref(self) -> str:
        """DDDDDD-DDDDDDD."""
        return f"{self.world.clock():%y%m%d}-{len(self.book) + 1:07d}"

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """A new order is posted; taken, delivered and called off are put."""
        if what == "placed":
            entry.more.setdefault("delivery", self.delivery)
            return await self._tell(entry, "POST", "/order", _order(entry))
        if what not in TELLS:
            return None
        said = {
            "status": TELLS[what], "platform": "YE", "attributes": [], "comment": "",
            "updatedAt": entry.changed_at.isoformat(timespec="microseconds"),
        }  # fmt: skip
        if what == "cancelled":
            said["reason"] = "client.does_not_want_to_wait"
        return await self._tell(entry, "PUT", f"/order/{self._id(entry)}/status", said)

    async def look(self) -> None:
        """Place again what nobody took; ask of the others how they are, and what is in those that
        are ready. A cancellation of the shop's is told back to it."""
        for entry in list(self.book.values()):
            if "id" not in entry.more:
                await self.announce(entry, "placed")
            if entry.state not in ENDED and "id" in entry.more:
                await self._ask(entry)

    async def _ask(self, entry: Entry) -> None:
        said = await self._read(entry, f"/order/{self._id(entry)}/status")
        if said is None:
            return
        state, was = ROAD.get(said.get("status", "")), entry.state
        if state is None or list(ROAD.values()).index(state) < list(ROAD.values()).index(was):
            self.refuse(f"{said} after {was}")
        elif state != was:
            entry.state, entry.changed_at = state, self.world.clock()
            entry.told.append(said["status"])
            entry.bags = said.get("packagesCount", entry.bags)
            await self._follow(entry, said)

    async def _follow(self, entry: Entry, said: dict[str, Any]) -> None:
        if entry.state == "cancelled":
            if not said.get("reason"):
                self.refuse("CANCELLED without a reason")
            await self.announce(entry, "cancelled")
        if entry.state == "ready":
            whole = await self._read(entry, f"/order/{self._id(entry)}")
            self._found(entry, whole or {})

    def _found(self, entry: Entry, whole: dict[str, Any]) -> None:
        kind = entry.more["delivery"]
        if whole.get("eatsId") != entry.ref or whole.get("discriminator") != kind:
            self.refuse(f"another order: {whole.get('eatsId')}")
        if kind == "marketplace" and not whole.get("deliveryInfo"):
            self.refuse("no deliveryInfo")
        ordered = {goods.sku: goods for goods in entry.basket.goods}
        for item in whole.get("items", ()):
            goods = ordered.get(item["id"])
            weighed = goods is not None and goods.grams is not None
            amount = item["quantity"] * (goods.unit_grams if goods and weighed else 1)
            entry.found[item["id"]] = round(amount)
            entry.marks[item["id"]] = tuple(m["datamatrix"] for m in item.get("marking", ()))

    def _id(self, entry: Entry) -> str:
        """The hub's number of an order; before it told one, nobody knows the order."""
        return str(entry.more.get("id", entry.ref))

    async def _read(self, entry: Entry, path: str) -> dict[str, Any] | None:
        """A GET; an order that is not known there is no order."""
        for _ in range(2):
            told = await self.call("GET", path, b"", self._shown(), entry)
            if told.status != 401:
                break
            await self._login()
        if told.status == 404:
            self.refuse(f"{path}: not known")
        return json.loads(told.answer) if told.status == 200 else None

    async def _tell(self, entry: Entry, method: str, path: str, said: dict[str, Any]) -> Told:
        """Once more with a new token when the old one is not taken."""
        body = json.dumps(said, ensure_ascii=False).encode()
        for _ in range(2):
            headers = {**self._shown(), "content-type": ORDER if path == "/order" else STATUS}
            told = await self.post(entry, body, headers, path, method)
            if told.status != 401:
                break
            await self._login()
        if told.status is not None and told.status not in (200, 204):
            self.refuse(f"{method} {path}: {told.status} {told.answer[:200]!r}")
        return told

    def _shown(self) -> dict[str, str]:
        """An empty token is no header that a client over the network would send."""
        return {"authorization": f"Bearer {self._token}"} if self._token else {}

    _token = ""

    async def _login(self) -> None:
        form = {
            "client_id": "yandex", "client_secret": self.secrets["client_secret"],
            "grant_type": "client_credentials", "scope": "read write",
        }  # fmt: skip
        kind = {"content-type": "application/x-www-form-urlencoded"}
        told = await self.call("POST", "/security/oauth/token", urlencode(form).encode(), kind)
        self._token = json.loads(told.answer)["access_token"] if told.status == 200 else ""

    def _note(self, told: Told) -> Told:
        """Whichever answer to an order comes first names it."""
        if told.ref is not None and told.status == 200 and b'"orderId"' in told.answer:
            self.book[told.ref].more["id"] = json.loads(told.answer)["orderId"]
        return super()._note(told)


def _order(entry: Entry) -> dict[str, Any]:
    kind = entry.more["delivery"]
    comes = "courierArrivementDate" if kind == "yandex" else "deliveryDate"
    return {
        "discriminator": kind,
        "eatsId": entry.ref,
        "platform": "YE",
        "restaurantId": entry.basket.store,
        "comment": f"Код курьера: 4563. {entry.basket.comment}",
        "deliveryInfo": {
            "clientName": "Тест",
            "phoneNumber": "+70000000000 доб. 12099",
            comes: (entry.placed_at + timedelta(hours=1)).isoformat(),
            "isSlotDelivery": False,
        },
        "paymentInfo": {"itemsCost": entry.total() / 100, "paymentType": "CARD"},
        "items": [_item(goods) for goods in entry.basket.goods],
    }


def _item(goods: Goods) -> dict[str, Any]:
    weighed = goods.grams is not None
    amount = (goods.grams or 0) / goods.unit_grams if weighed else goods.pieces
    price = goods.price / 100
    return {
        "id": goods.sku, "name": goods.name, "quantity": amount, "price": price,
        "originPrice": price,
    }  # fmt: skip
