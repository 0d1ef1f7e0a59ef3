"""A stand-in for the demo marketplace: makes orders, tells the hub, keeps to its own rules."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.sandbox.stall import Entry, Goods, Stall, Told, form_of

#: What happens, and the event that tells it.
EVENTS: Final = {
    "placed": "order.created", "changed": "order.changed", "paid": "order.paid",
    "courier": "courier.assigned", "arrived": "courier.arrived", "taken": "order.taken",
    "delivered": "order.delivered", "cancelled": "order.cancelled",
}  # fmt: skip
#: From which statuses a shop may set which.
ALLOWED: Final = {
    "accepted": ("placed",),
    "picking": ("placed", "accepted", "picking"),
    "ready": ("picking",),
    "cancelled": ("placed", "accepted", "picking", "ready"),
}
PAGE: Final = 50


class StandIn(Stall):
    """The demo marketplace."""

    name: ClassVar[str] = "demo"

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Its API is right under the address."""
        return {"url": url, "client_id": "shop-1"}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What signs webhooks, and what tokens are got with."""
        return {"signing": token_hex(16), "client_secret": token_hex(16)}

    def routes(self) -> list[BaseRoute]:
        """Tokens, statuses, lists."""
        return [
            Route("/token", self._token, methods=["POST"]),
            Route("/me", self._me),
            Route("/orders", self._list),
            Route("/orders/{ref}/status", self._status, methods=["PUT"]),
        ]

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Everything is told, whole, and signed."""
        body = json.dumps({"event": EVENTS[what], "order": self._order(entry)}).encode()
        id_, time = f"evt-{len(self.told)}-{entry.ref}", str(int(self.world.clock().timestamp()))
        signed = f"{id_}.{time}.".encode() + body
        signature = hmac.new(self.secrets["signing"].encode(), signed, hashlib.sha256).hexdigest()
        headers = {"x-demo-id": id_, "x-demo-time": time, "x-demo-signature": signature}
        return await self.post(entry, body, headers)

    def _order(self, entry: Entry) -> dict[str, Any]:
        return {
            "id": entry.ref,
            "store": entry.basket.store,
            "status": "new" if entry.state == "placed" else entry.state,
            "paid": entry.paid,
            "ready_by": (entry.placed_at + timedelta(hours=1)).isoformat(),
            "changed_at": entry.changed_at.isoformat(),
            "comment": entry.basket.comment,
            "total": entry.total(),
            "items": [_item(n, goods) for n, goods in enumerate(entry.basket.goods)],
            "reason": "changed their mind" if entry.state == "cancelled" else "",
        }

    async def _token(self, request: Request) -> Response:
        secret = self.secrets["client_secret"]
        if (await form_of(request)).get("client_secret") != secret:
            return JSONResponse({"error": "invalid_client"}, 401)
        return JSONResponse({"access_token": f"t-{secret}", "expires_in": 300})

    def _refusal(self, request: Request) -> Response | None:
        if (status := self.fails()) is not None:
            return JSONResponse({"error": "not now"}, status)
        if request.headers.get("authorization") != f"Bearer t-{self.secrets['client_secret']}":
            return JSONResponse({"error": self.refuse("no token")}, 401)
        return None

    async def _me(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"client_id": "shop-1"})

    async def _list(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        asked = request.query_params
        since, until = (datetime.fromisoformat(asked[f"changed_{end}"]) for end in ("from", "to"))
        found = sorted(ref for ref, it in self.book.items() if since <= it.changed_at < until)
        rest = [ref for ref in found if ref > asked.get("after", "")]
        page = {"orders": [self._order(self.book[ref]) for ref in rest[:PAGE]]}
        return JSONResponse(page | {"next": rest[PAGE - 1] if len(rest) > PAGE else None})

    async def _status(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry, said = self.book.get(request.path_params["ref"]), await request.json()
        if entry is None:
            return JSONResponse({"error": self.refuse("no such order")}, 404)
        wanted = said.get("status")
        if entry.state not in ALLOWED.get(wanted, ()):
            return JSONResponse({"error": self.refuse(f"{wanted} after {entry.state}")}, 409)
        wrong = _wrong(entry, said)
        if wrong:
            return JSONResponse({"error": self.refuse(wrong)}, 422)
        entry.state, entry.changed_at = wanted, self.world.clock()
        entry.told.append(wanted)
        for row in said.get("items") or ():
            entry.found[row["sku"]] = row["quantity"]
            entry.marks[row["sku"]] = tuple(row.get("marks") or ())
        entry.bags = said.get("bags", entry.bags)
        return JSONResponse({"ok": True})


def _item(n: int, goods: Goods) -> dict[str, Any]:
    return {
        "line": f"l{n}",
        "sku": goods.sku,
        "name": goods.name,
        "price": goods.price,
        "unit": "pcs" if goods.grams is None else "g",
        "quantity": goods.pieces if goods.grams is None else goods.grams,
        "per": goods.unit_grams,
    }


def _wrong(entry: Entry, said: dict[str, Any]) -> str | None:
    """What is against the rules in what a shop says it found."""
    lines = {f"l{n}" for n, _ in enumerate(entry.basket.goods)}
    rows = said.get("items")
    if said["status"] == "ready" and not isinstance(rows, list):
        return "ready needs items"
    for row in rows or ():
        if row.get("line") not in lines and row.get("replaces") not in lines:
            return f"no such line: {row.get('line')}"
        if not isinstance(row.get("quantity"), int) or row["quantity"] < 0:
            return "a quantity is a whole number"
    told = {row.get("line") or row.get("replaces") for row in rows or ()}
    if said["status"] == "ready" and lines - told:
        return "ready needs every line"
    return None
