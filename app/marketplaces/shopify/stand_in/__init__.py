"""A stand-in for Shopify: one shop, its webhooks, the part of its Admin API that the hub needs, and
its rules: who may be edited, fulfilled and called off, how fast one may ask."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import re
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.marketplaces.shopify.stand_in.answers import ANSWERS, SHOP, throttled
from app.marketplaces.shopify.stand_in.book import FIRST, current, line_id
from app.sandbox.stall import Entry, Stall, Told

VERSION: Final = "2025-10"
#: What happens, and the topic that tells it; of couriers it knows nothing.
TOPICS: Final = {
    "placed": "orders/create", "changed": "orders/updated", "edited": "orders/updated",
    "paid": "orders/paid", "taken": "orders/fulfilled", "delivered": "fulfillments/update",
    "cancelled": "orders/cancelled",
}  # fmt: skip


class StandIn(Stall):
    """A shop at Shopify."""

    name: ClassVar[str] = "shopify"
    #: So many queries are answered with THROTTLED.
    busy: int = 0
    #: An order has more lines than an edit shows at once.
    more_lines: bool = False

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Its Admin API is at the address; orders without a location are for store 101."""
        return {"shop": SHOP, "url": url, "api_version": VERSION, "store": "101"}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What signs webhooks, and what the API is shown."""
        return {"client_secret": token_hex(16), "access_token": f"shpat_{token_hex(16)}"}

    def routes(self) -> list[BaseRoute]:
        """The Admin API."""
        api = f"/admin/api/{VERSION}"
        return [
            Route(f"{api}/graphql.json", self._graphql, methods=["POST"]),
            Route(f"{api}/orders.json", self._list),
        ]

    def new_ref(self) -> str:
        """Ids are numbers that only grow."""
        return str(FIRST + len(self.book) + 1)

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Whole orders, or a parcel; every webhook has an id of its own."""
        topic = TOPICS.get(what)
        if topic is None:
            return None
        body = json.dumps(self._parcel(entry) if what == "delivered" else self._order(entry))
        key = self.secrets["client_secret"].encode()
        digest = hmac.digest(key, body.encode(), hashlib.sha256)
        headers = {
            "x-shopify-topic": topic,
            "x-shopify-shop-domain": SHOP,
            "x-shopify-webhook-id": f"wh-{entry.ref}-{len(self.told)}",
            "x-shopify-api-version": VERSION,
            "x-shopify-hmac-sha256": base64.b64encode(digest).decode(),
        }
        return await self.post(entry, body.encode(), headers)

    def _order(self, entry: Entry) -> dict[str, Any]:
        sent = entry.state in ("taken", "delivered")
        total = f"{entry.total() / 100:.2f}"
        return {
            "id": int(entry.ref),
            "name": f"#{int(entry.ref) - FIRST + 1000}",
            "created_at": entry.placed_at.isoformat(),
            "updated_at": entry.changed_at.isoformat(),
            "cancelled_at": entry.changed_at.isoformat() if entry.state == "cancelled" else None,
            "cancel_reason": entry.more.get("reason", "customer")
            if entry.state == "cancelled"
            else None,
            "currency": "RUB",
            "financial_status": "paid" if entry.paid else "authorized",
            "fulfillment_status": "fulfilled" if sent else None,
            "fulfillments": [self._parcel(entry)] if sent else [],
            "tags": ", ".join(entry.more.get("tags", ())),
            "note": entry.basket.comment or None,
            "location_id": None,
            "current_subtotal_price": total,
            "subtotal_price": total,
            "current_total_discounts": "0.00",
            "customer": {"first_name": "Тест"},
            "line_items": [self._line(entry, n) for n, _ in enumerate(entry.basket.goods)],
        }

    def _line(self, entry: Entry, n: int) -> dict[str, Any]:
        goods = entry.basket.goods[n]
        return {
            "id": int(line_id(entry, n)),
            "sku": goods.sku,
            "variant_id": int(goods.sku) + 40_000_000,
            "name": goods.name,
            "title": goods.name,
            "quantity": goods.pieces,
            "current_quantity": current(entry, goods),
            "price": f"{goods.price / 100:.2f}",
        }

    def _parcel(self, entry: Entry) -> dict[str, Any]:
        return {
            "id": int(entry.ref) + 1,
            "order_id": int(entry.ref),
            "status": "success",
            "shipment_status": "delivered" if entry.state == "delivered" else None,
        }

    def _refusal(self, request: Request) -> Response | None:
        if (status := self.fails()) is not None:
            return JSONResponse({"errors": "Service unavailable"}, status)
        if request.headers.get("x-shopify-access-token") != self.secrets["access_token"]:
            said = "[API] Invalid API key or access token"
            return JSONResponse({"errors": self.refuse(said)}, 401)
        return None

    async def _list(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        asked = request.query_params
        since, until = (datetime.fromisoformat(asked[f"updated_at_{e}"]) for e in ("min", "max"))
        found = sorted(
            (ref for ref, it in self.book.items() if since <= it.changed_at <= until), key=int
        )
        rest = [ref for ref in found if int(ref) > int(asked.get("since_id", "0"))]
        page = rest[: min(int(asked.get("limit", "50")), 250)]
        return JSONResponse({"orders": [self._order(self.book[ref]) for ref in page]})

    async def _graphql(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        asked = await request.json()
        name = re.match(r"(?:query|mutation) (\w+)", asked["query"])
        if self.busy > 0:
            self.busy -= 1
            return JSONResponse(throttled())
        if name is None or name[1] not in ANSWERS:
            return JSONResponse({"errors": [{"message": self.refuse("no such field")}]})
        return JSONResponse(await ANSWERS[name[1]](self, asked["variables"]))

    def entry_of(self, gid: str) -> Entry | None:
        """The order with a global id."""
        return self.book.get(gid.rpartition("/")[2])

    async def edited(self, entry: Entry) -> None:
        """The hub hears of its own edits, too."""
        entry.changed_at = self.world.clock()
        await self.announce(entry, "edited")
