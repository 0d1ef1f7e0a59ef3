"""A stand-in for WooCommerce: one shop, its webhooks with the rule that disables them, the part of
its REST API that the hub needs."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.sandbox.stall import Entry, Goods, Stall, Told

#: What happens, and the topic that tells it; of couriers it knows nothing.
TOPICS: Final = {
    "placed": "order.created", "changed": "order.updated", "paid": "order.updated",
    "delivered": "order.updated", "cancelled": "order.updated",
}  # fmt: skip
STATUSES: Final = (
    "pending", "processing", "on-hold", "completed", "cancelled", "refunded", "failed",
)  # fmt: skip
#: What follows from a status a shop sets; any other one brings an order back.
STATES: Final[dict[str, Any]] = {"completed": "delivered", "cancelled": "cancelled"}
#: More failures in a row than this, and the webhook is disabled.
FAILURES: Final = 5
API: Final = "/wp-json/wc/v3"


class StandIn(Stall):
    """A shop with WooCommerce. `tax`: percent on top of what it shows of lines."""

    name: ClassVar[str] = "woocommerce"
    failures: int = 0
    tax: int = 0

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """The site is at the address; its orders are for store 101."""
        return {"url": url, "store": "101"}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What signs webhooks, and the pair of keys."""
        return {
            "webhook_secret": token_hex(20),
            "consumer_key": f"ck_{token_hex(20)}",
            "consumer_secret": f"cs_{token_hex(20)}",
        }

    def routes(self) -> list[BaseRoute]:
        """Orders, one and many."""
        return [
            Route(f"{API}/orders", self._list),
            Route(f"{API}/orders/{{ref}}", self._get),
            Route(f"{API}/orders/{{ref}}", self._put, methods=["PUT"]),
        ]

    def new_ref(self) -> str:
        """Ids are numbers that only grow."""
        return str(1000 + len(self.book) + 1)

    async def ping(self) -> Told:
        """A new webhook is tried, unsigned."""
        kind = {"content-type": "application/x-www-form-urlencoded"}
        return await self.call("POST", "", b"webhook_id=7", kind)

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """The whole order, however little of it is new; nothing at all once it is disabled, and
        no second try."""
        topic = TOPICS.get(what)
        if topic is None or self.failures > FAILURES:
            return None
        body = json.dumps(self.order_of(entry)).encode()
        digest = hmac.digest(self.secrets["webhook_secret"].encode(), body, hashlib.sha256)
        headers = {
            "x-wc-webhook-source": "https://shop.example/",
            "x-wc-webhook-topic": topic,
            "x-wc-webhook-resource": "order",
            "x-wc-webhook-event": topic.partition(".")[2],
            "x-wc-webhook-signature": base64.b64encode(digest).decode(),
            "x-wc-webhook-id": "7",
            "x-wc-webhook-delivery-id": f"d{len(self.told)}",
        }
        told = await self.post(entry, body, headers)
        if told.status is not None:
            self.failures = 0 if 200 <= told.status <= 302 else self.failures + 1
        return told

    def order_of(self, entry: Entry) -> dict[str, Any]:
        """An order as the API shows it."""
        noted = entry.more.get("noted")
        return {
            "id": int(entry.ref),
            "number": entry.ref,
            "status": _status(entry),
            "currency": "RUB",
            "date_created_gmt": _gmt(entry.placed_at),
            "date_modified_gmt": _gmt(entry.changed_at),
            "date_paid_gmt": _gmt(entry.changed_at) if entry.paid else None,
            "customer_note": entry.basket.comment,
            "shipping_total": "0.00",
            "billing": {"first_name": "Тест"},
            "meta_data": [{"id": 1, "key": "order_hub_state", "value": noted}] if noted else [],
            "line_items": [*_items(entry, self.tax), *_added(entry, self.tax)],
        }

    def _refusal(self, request: Request) -> Response | None:
        if (status := self.fails()) is not None:
            return _error(status, "internal_server_error", "There has been a critical error")
        pair = f"{self.secrets['consumer_key']}:{self.secrets['consumer_secret']}"
        if (
            request.headers.get("authorization")
            != f"Basic {base64.b64encode(pair.encode()).decode()}"
        ):
            return _error(401, "woocommerce_rest_cannot_view", self.refuse("wrong keys"))
        ref = request.path_params.get("ref")
        if ref is not None and ref not in self.book:
            return _error(404, "woocommerce_rest_shop_order_invalid_id", self.refuse("Invalid ID."))
        return None

    async def _get(self, request: Request) -> Response:
        no = self._refusal(request)
        return no or JSONResponse(self.order_of(self.book[request.path_params["ref"]]))

    async def _list(self, request: Request) -> Response:
        """Exclusive at both ends, to the second, and by pages."""
        if (no := self._refusal(request)) is not None:
            return no
        asked = request.query_params
        size = int(asked.get("per_page", "10"))
        if size > 100:
            return _error(400, "rest_invalid_param", self.refuse("Invalid parameter(s): per_page"))
        since = asked.get("modified_after", "0000")
        until = asked.get("modified_before", "9999")
        found = sorted(
            (it for it in self.book.values() if since < _gmt(it.changed_at) < until),
            key=lambda it: (_gmt(it.changed_at), int(it.ref)),
        )
        start = (int(asked.get("page", "1")) - 1) * size
        return JSONResponse([self.order_of(entry) for entry in found[start : start + size]])

    async def _put(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry, said = self.book[request.path_params["ref"]], await request.json()
        wrong = _wrong(entry, said)
        if wrong is not None:
            return _error(400, *wrong[:1], self.refuse(wrong[1]))
        for row in said.get("line_items", ()):
            _set(entry, row)
        self._noted(entry, said)
        entry.changed_at = self.world.clock()
        await self.announce(entry, "changed")  # it tells the hub of the hub's own changes
        return JSONResponse(self.order_of(entry))

    def _noted(self, entry: Entry, said: dict[str, Any]) -> None:
        for each in said.get("meta_data", ()):
            entry.more["noted"] = each["value"]
            entry.told.append(each["value"])
            over = entry.state in ("cancelled", "delivered")  # notes change nothing of it
            if each["value"] in ("picking", "ready") and not over:
                entry.state = each["value"]
        if entry.state == "ready" and not entry.found:
            entry.found = {goods.sku: goods.pieces for goods in entry.basket.goods}
        if "status" in said:
            entry.told.append(said["status"])
            entry.more["status"] = said["status"]
            over = entry.state in ("cancelled", "delivered")
            entry.state = STATES.get(said["status"], "accepted" if over else entry.state)


def _status(entry: Entry) -> str:
    """What the shop's own side did counts for more than what we set it to before."""
    done = {"delivered": "completed", "cancelled": "cancelled"}
    return done.get(entry.state) or entry.more.get("status") or "processing"


def _gmt(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S")


def _items(entry: Entry, tax: int) -> list[dict[str, Any]]:
    found = [_item(entry, n, goods, tax) for n, goods in enumerate(entry.basket.goods)]
    return [item for item in found if item is not None]


def _added(entry: Entry, tax: int) -> list[dict[str, Any]]:
    """Lines of goods that stand for others."""
    ordered = {goods.sku for goods in entry.basket.goods}
    rows = []
    for n, (sku, count) in enumerate(sorted(entry.found.items())):
        if sku not in ordered and count:
            sums = {"quantity": count, **_sums(entry.more["totals"][sku], tax)}
            rows.append({"id": 900 + n, "name": sku, "sku": sku, "product_id": int(sku), **sums})
    return rows


def _item(entry: Entry, n: int, goods: Goods, tax: int) -> dict[str, Any] | None:
    """A line; one that was set to 0 is gone."""
    count = entry.found.get(goods.sku, 0) if entry.found else goods.pieces
    net = f"{goods.price * goods.pieces / (100 + tax):.2f}"
    sums = _sums(entry.more.get("totals", {}).get(goods.sku, net), tax)
    named = {"id": n + 1, "name": goods.name, "sku": goods.sku, "product_id": int(goods.sku)}
    return {**named, "variation_id": 0, "quantity": count, **sums} if count else None


def _sums(net: str, tax: int) -> dict[str, str]:
    """What is set of a line, and the tax that is reckoned on top of it."""
    on_top = f"{float(net) * tax / 100:.2f}"
    return {"subtotal": net, "total": net, "subtotal_tax": on_top, "total_tax": on_top}


def _set(entry: Entry, row: dict[str, Any]) -> None:
    goods = entry.basket.goods
    entry.found = entry.found or {each.sku: each.pieces for each in goods}
    sku = goods[row["id"] - 1].sku if "id" in row else row["sku"]
    entry.found[sku] = row["quantity"]
    entry.more.setdefault("totals", {})[sku] = row["total"]


def _wrong(entry: Entry, said: dict[str, Any]) -> tuple[str, str] | None:
    """What is against the rules of an update."""
    if said.get("status", "processing") not in STATUSES:
        return "rest_invalid_param", "Invalid parameter(s): status"
    ids = {n for n, _ in enumerate(entry.basket.goods, 1)}
    for row in said.get("line_items", ()):
        if "id" in row and row["id"] not in ids:
            return "woocommerce_rest_invalid_item_id", "Order item ID provided is not associated"
        if "id" not in row and not str(row.get("sku", "")).isdecimal():
            return "woocommerce_rest_required_product_reference", "Product ID or SKU is required."
        if not isinstance(row.get("total"), str) or "subtotal" not in row:
            return "rest_invalid_param", "a quantity without its sums"
    return None


def _error(status: int, code: str, message: str) -> Response:
    return JSONResponse({"code": code, "message": message, "data": {"status": status}}, status)
