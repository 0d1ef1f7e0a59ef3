"""A stand-in for MegaMarket: each unit is a lot, the token is in the body, and what happens after
packing is told to nobody: it stands in the list."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.sandbox.stall import Entry, Stall, Told

MERCHANT: Final = 4824
CODE: Final = re.compile(r"[A-Za-z0-9_-]+")
#: From which statuses of its lots a call leads where.
CALLS: Final = {
    "confirm": (("NEW",), "CONFIRMED"),
    "packing": (("CONFIRMED", "PACKED"), "PACKED"),
    "reject": (("NEW", "CONFIRMED"), "MERCHANT_CANCELED"),
    "shipping": (("PACKED",), "SHIPPED"),
    "close": (("PACKED", "SHIPPED"), "DELIVERED"),
}
OFF: Final = ("MERCHANT_CANCELED", "CUSTOMER_CANCELED")
HAPPENS: Final = {"taken": "SHIPPED", "delivered": "DELIVERED", "cancelled": "CUSTOMER_CANCELED"}


class StandIn(Stall):
    """MegaMarket. Its lots are in `more["lots"]`: SKU, kopecks and status by index."""

    name: ClassVar[str] = "megamarket"
    weighs: ClassVar[bool] = False

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Its API is right under the address."""
        return {"merchant_id": MERCHANT, "url": url}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What it shows the hub, and what the hub shows it."""
        return {"inbound_token": token_hex(16), "api_token": token_hex(16).upper()}

    def routes(self) -> list[BaseRoute]:
        """Calls about lots; lists."""
        return [
            Route("/order/search", self._search, methods=["POST"]),
            Route("/order/get", self._get, methods=["POST"]),
            Route("/order/{call}", self._lots, methods=["POST"]),
        ]

    def new_ref(self) -> str:
        """Nine digits."""
        return str(900_000_001 + len(self.book))

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """A new order, and one that is called off."""
        lots = entry.more.setdefault("lots", _lots(entry))
        if what in HAPPENS:
            for lot in lots.values():
                if lot["status"] not in OFF:
                    lot["status"] = HAPPENS[what]
        if what == "placed":
            return await self._post(entry, "/order/new", _shipment(entry))
        return await self._call_off(entry, lots) if what == "cancelled" else None

    async def call_off(self, ref: str, *indexes: str) -> Told:
        """The customer calls off some lots; the others stay."""
        entry = self.book[ref]
        for index in indexes:
            entry.more["lots"][index]["status"] = HAPPENS["cancelled"]
        entry.changed_at = self.world.clock()
        return await self._call_off(entry, indexes)

    async def _call_off(self, entry: Entry, indexes: Iterable[str]) -> Told:
        lots = entry.more["lots"]
        items = [{"itemIndex": index, "offerId": lots[index]["sku"]} for index in indexes]
        return await self._post(entry, "/order/cancel", {"shipmentId": entry.ref, "items": items})

    async def _post(self, entry: Entry, path: str, shipment: dict[str, Any]) -> Told:
        shown = f"megamarket:{self.secrets['inbound_token']}".encode()
        headers = {"authorization": f"Basic {base64.b64encode(shown).decode()}"}
        data = {"merchantId": MERCHANT, "shipments": [shipment]}
        body = json.dumps({"data": data, "meta": {"source": "OMS"}}, ensure_ascii=False)
        return await self.post(entry, body.encode(), headers, path)

    async def _data(self, request: Request) -> dict[str, Any] | Response:
        """The body of a call; unavailability is 500 here."""
        if self.fails() is not None:
            return JSONResponse({"success": 0, "error": [{"message": "not now"}]}, 500)
        data: dict[str, Any] = (await request.json())["data"]
        if data.pop("token", None) != self.secrets["api_token"]:
            return _no(self.refuse("the token is not known"), 401)
        return data

    async def _search(self, request: Request) -> Response:
        data = await self._data(request)
        if isinstance(data, Response):
            return data
        since, until = (data.get(name) for name in ("dateFrom", "dateTo"))
        found = [
            entry.ref for entry in self.book.values()
            if (not since or datetime.fromisoformat(since) <= entry.placed_at)
            and (not until or entry.placed_at < datetime.fromisoformat(until))
            and _statuses(entry) & set(data["statuses"])
        ]  # fmt: skip
        return _yes({"shipments": found})

    async def _get(self, request: Request) -> Response:
        data = await self._data(request)
        if isinstance(data, Response):
            return data
        known = [self.book[ref] for ref in data["shipments"] if ref in self.book]
        return _yes({"shipments": [_shipment(entry, shown=True) for entry in known]})

    async def _lots(self, request: Request) -> Response:
        data, call = await self._data(request), request.path_params["call"]
        if isinstance(data, Response):
            return data
        (said,) = data["shipments"]
        entry = self.book.get(said["shipmentId"])
        wrong = "no such order" if entry is None else _wrong(entry, call, said, data)
        if wrong or entry is None:
            return _no(self.refuse(f"{call}: {wrong}"))
        lots = entry.more["lots"]
        if call == "packing":  # whatever is not listed is not packed
            lots |= {i: x | {"status": "CONFIRMED"} for i, x in lots.items()
                     if x["status"] == "PACKED"}  # fmt: skip
        for item in said["items"]:
            lots[item["itemIndex"]]["status"] = CALLS[call][1]
        self._follow(entry, call, said["items"])
        return _yes({"result": 1})

    def _follow(self, entry: Entry, call: str, items: list[dict[str, Any]]) -> None:
        entry.told.append(call)
        entry.changed_at = self.world.clock()
        lots = entry.more["lots"].values()
        if call == "confirm":
            entry.state = "accepted"
        if call == "packing":
            entry.state = "ready"
            entry.bags = len({box["boxCode"] for item in items for box in item["boxes"]})
            for sku in {lot["sku"] for lot in lots}:
                packed = [x for x in lots if x["sku"] == sku and x["status"] == "PACKED"]
                entry.found[sku] = len(packed)
        if all(lot["status"] in OFF for lot in lots):
            entry.state = "cancelled"


def _wrong(entry: Entry, call: str, said: dict[str, Any], data: dict[str, Any]) -> str | None:
    """What is against the rules in a call about lots."""
    if call not in CALLS or not said["items"]:
        return "no such call, or no lots"
    if not CODE.fullmatch(said.get("orderCode", "-")):
        return f"orderCode {said['orderCode']}"
    indexes = [item["itemIndex"] for item in said["items"]]
    if len(set(indexes)) != len(indexes):
        return "a lot twice"
    if call == "reject" and not data.get("reason", {}).get("type"):
        return "no reason"
    wrong = [_wrong_lot(entry, call, item, said) for item in said["items"]]
    return next((each for each in wrong if each), None)


def _wrong_lot(entry: Entry, call: str, item: dict[str, Any], said: dict[str, Any]) -> str | None:
    lot = entry.more["lots"].get(item["itemIndex"])
    if lot is None or lot["status"] not in CALLS[call][0]:
        return f"lot {item['itemIndex']}: {lot and lot['status']}"
    if call == "packing" and not _boxed(item, said["orderCode"]):
        return f"quantity is 1, boxes have codes: {item}"
    return None


def _boxed(item: dict[str, Any], code: str) -> bool:
    boxes = item.get("boxes") or ()
    right = [box["boxCode"] == f"{MERCHANT}*{code}*{box['boxIndex']}" for box in boxes]
    return item.get("quantity") == 1 and bool(right) and all(right)


def _lots(entry: Entry) -> dict[str, dict[str, Any]]:
    units = [goods for goods in entry.basket.goods for _ in range(goods.pieces)]
    return {
        str(n): {"sku": goods.sku, "name": goods.name, "price": goods.price, "status": "NEW"}
        for n, goods in enumerate(units, 1)
    }


def _statuses(entry: Entry) -> set[str]:
    return {lot["status"] for lot in entry.more["lots"].values()}


def _shipment(entry: Entry, *, shown: bool = False) -> dict[str, Any]:
    """As order/new sends it, and as order/get shows it."""
    ready_by = (entry.placed_at + timedelta(hours=1)).isoformat()
    items = [
        {"itemIndex": index, "offerId": lot["sku"], "price": lot["price"] / 100,
         "finalPrice": lot["price"] / 100, "quantity": 1,
         **({"status": lot["status"], "goodsData": {"name": lot["name"]}} if shown
            else {"itemName": lot["name"]})}
        for index, lot in entry.more["lots"].items()
    ]  # fmt: skip
    about: dict[str, Any] = {"shipmentId": entry.ref, "items": items}
    if shown:
        return about | {"packingTimeLimit": ready_by, "shippingPoint": entry.basket.store}
    shipping = {"shippingDate": ready_by, "shippingPoint": entry.basket.store}
    return about | {"shipping": shipping, "fulfillmentMethod": "FULFILLMENT_BY_MERCHANT"}


def _yes(data: dict[str, Any]) -> Response:
    return JSONResponse({"success": 1, "meta": {}, "data": data})


def _no(message: str, status: int = 200) -> Response:
    error = [{"message": message}]
    return JSONResponse({"success": 0, "meta": {}, "error": error}, status)
