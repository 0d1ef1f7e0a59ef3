"""A stand-in for Wolt: thin signed webhooks, orders to fetch, calls that keep to its rules."""

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

from app.marketplaces.wolt.stand_in import shown
from app.sandbox.stall import Entry, Stall, Told, form_of

#: Seconds an order waits to be accepted, and a token is good for.
PATIENCE: Final = 180
TOKEN: Final = 3600
#: What happens: a status, or a type of its own.
STATUS: Final = {
    "placed": "CREATED", "arrived": "COURIER ARRIVAL", "delivered": "DELIVERED",
    "cancelled": "CANCELED", "production": "PRODUCTION", "ready": "READY",
}  # fmt: skip
TYPE: Final = {"courier": "courier.notification", "taken": "pickup_completed.notification"}
WORDS: Final = {
    "placed": "received", "accepted": "production", "picking": "production", "ready": "ready",
    "taken": "ready", "delivered": "delivered", "cancelled": "rejected",
}  # fmt: skip
CODES: Final = ("GENERIC", "ITEMS_UNAVAILABLE", "VENUE_CLOSING_SOON")


class StandIn(Stall):
    """Wolt."""

    name: ClassVar[str] = "wolt"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.refresh: str | None = self.secrets["refresh_token"]
        self.used: set[str] = set()
        self.tokens: dict[str, datetime] = {}
        self.rejected_in_a_row = 0

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """The order API and the token endpoint at one address."""
        return {"url": url, "token_url": f"{url}/oauth2/token", "client_id": "partner-1"}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What signs webhooks, and what the first token is got with."""
        kinds = ("signing", "client_secret", "refresh_token")
        return {kind: token_hex(16) for kind in kinds}

    def routes(self) -> list[BaseRoute]:
        """Tokens, orders, what a shop says of them."""
        return [
            Route("/oauth2/token", self._token, methods=["POST"]),
            Route("/venues/{venue}/status", self._venue),
            Route("/v2/orders/{ref}", self._get),
            Route("/orders/{ref}/{verb:path}", self._put, methods=["PUT"]),
        ]

    def new_ref(self) -> str:
        """Twenty-four hexadecimal digits."""
        return self.world.token_hex(12)

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Thin, and signed; changes and charges are not told."""
        if what not in STATUS and what not in TYPE:
            return None
        order = {"id": entry.ref, "venue_id": entry.basket.store}
        if what in STATUS:
            order["status"] = STATUS[what]
        order["resource_url"] = f"https://pos-integration-service.wolt.com/orders/{entry.ref}"
        body: dict[str, Any] = {
            "id": self.world.token_hex(12),
            "type": TYPE.get(what, "order.notification"),
            "order": order,
            "created_at": self.world.clock().isoformat(),
        }
        if what == "taken":
            body["details"] = {"is_pickup_completed": True}
        raw = json.dumps(body).encode()
        signature = hmac.new(self.secrets["signing"].encode(), raw, hashlib.sha256).hexdigest()
        return await self.post(entry, raw, {"wolt-signature": signature})

    # --- its API --------------------------------------------------------------------------------

    async def _token(self, request: Request) -> Response:
        """A refresh token is good once; who shows one again loses what came of it."""
        form = await form_of(request)
        shown = form.get("refresh_token", "")
        if form.get("client_secret") != self.secrets["client_secret"]:
            return JSONResponse({"error": "invalid_client"}, 401)
        if shown in self.used:
            self.refresh, self.tokens = None, {}
            return JSONResponse({"error": self.refuse("invalid_grant: used before")}, 400)
        if form.get("grant_type") != "refresh_token" or shown != self.refresh:
            return JSONResponse({"error": self.refuse("invalid_grant")}, 400)
        self.used.add(shown)
        self.refresh, token = self.world.token_hex(16), self.world.token_hex(16)
        self.tokens[token] = self.world.clock() + timedelta(seconds=TOKEN)
        found = {"access_token": token, "expires_in": TOKEN, "refresh_token": self.refresh}
        return JSONResponse(found)

    def _refusal(self, request: Request) -> Response | None:
        if (status := self.fails()) is not None:
            return shown.error(status, "NOT_NOW", "try again")
        _, _, token = request.headers.get("authorization", "").partition(" ")
        if self.tokens.get(token, self.world.clock()) <= self.world.clock():
            return shown.error(401, "UNAUTHORIZED", self.refuse("no token"))
        return None

    async def _venue(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"status": {"is_online": True}})

    async def _get(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry = self.book.get(request.path_params["ref"])
        if entry is None:
            return shown.error(404, "NOT_FOUND", self.refuse("no such order"))
        self._expire(entry)
        return JSONResponse(self._order(entry))

    async def _put(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry, verb = self.book.get(request.path_params["ref"]), request.path_params["verb"]
        verbs = {
            "accept": self._accept, "confirm-preorder": self._confirm, "reject": self._reject,
            "self-delivery/accept": self._accept, "replace-items": self._replace,
            "ready": self._ready, "delivered": self._delivered,
        }  # fmt: skip
        if entry is None or verb not in verbs:
            return shown.error(404, "NOT_FOUND", self.refuse("no such order or call"))
        self._expire(entry)
        raw = await request.body()
        status, wrong = verbs[verb](entry, json.loads(raw or b"{}"))
        if wrong:
            return shown.error(status, "REFUSED", self.refuse(f"{verb}: {wrong}"))
        entry.changed_at = self.world.clock()
        entry.told.append(verb)
        if verb in ("accept", "ready"):
            await self.announce(entry, "production" if verb == "accept" else "ready")
        return JSONResponse({}, 202)

    def _expire(self, entry: Entry) -> None:
        waited = (self.world.clock() - entry.placed_at).total_seconds()
        if entry.state == "placed" and not entry.more.get("preorder") and waited > PATIENCE:
            entry.state = "cancelled"

    def _accept(self, entry: Entry, said: dict[str, Any]) -> tuple[int, str]:
        if entry.more.get("preorder"):
            return 409, "a pre-order is confirmed"
        if entry.state != "placed":
            return 409, f"the order is {entry.state}"
        if (when := said.get("adjusted_pickup_time")) is not None:
            datetime.fromisoformat(when)
        entry.state, self.rejected_in_a_row = "accepted", 0
        return 202, ""

    def _confirm(self, entry: Entry, _said: dict[str, Any]) -> tuple[int, str]:
        if not entry.more.get("preorder") or entry.state != "placed":
            return 409, "nothing to confirm"
        entry.state = "accepted"
        return 202, ""

    def _reject(self, entry: Entry, said: dict[str, Any]) -> tuple[int, str]:
        if entry.state != "placed":
            return 409, f"the order is {entry.state}"
        if not said.get("reason") or said.get("code", "GENERIC") not in CODES:
            return 422, "a rejection needs a reason"
        entry.state = "cancelled"
        self.rejected_in_a_row += 1
        return 202, ""

    def _replace(self, entry: Entry, said: dict[str, Any]) -> tuple[int, str]:
        if entry.state not in ("accepted", "picking"):
            return 409, f"the order is {entry.state}"
        goods = entry.basket.goods
        changes = said.get("item_changes")
        if not isinstance(changes, list) or not changes:
            return 422, "no changes"
        found = {}
        for change in changes:
            row = change.get("row_number")
            if not isinstance(row, int) or not 0 <= row < len(goods):
                return 422, f"no such row: {row}"
            amounts = [shown.replacement(goods[row], each) for each in change["replacement_items"]]
            if None in amounts:
                return 422, f"row {row}: not a replacement"
            found[row] = change["replacement_items"]
        entry.more.setdefault("rows", {}).update(found)
        return 202, ""

    def _ready(self, entry: Entry, _said: dict[str, Any]) -> tuple[int, str]:
        if entry.state not in ("accepted", "picking"):
            return 409, f"the order is {entry.state}"
        changed = entry.more.get("rows", {})
        for row, goods in enumerate(entry.basket.goods):
            entry.found[goods.sku] = shown.found(goods, changed.get(row))
        entry.state = "ready"
        return 202, ""

    def _delivered(self, entry: Entry, _said: dict[str, Any]) -> tuple[int, str]:
        if not entry.more.get("self_delivery") or entry.state not in ("ready", "taken"):
            return 409, "not with a courier of the shop"
        entry.state = "delivered"
        return 202, ""

    def _order(self, entry: Entry) -> dict[str, Any]:
        total = shown.money(entry.total())
        return {
            "id": entry.ref,
            "order_number": str(len(self.book)),
            "venue": {"id": entry.basket.store, "name": "Shop", "external_venue_id": None},
            "order_status": WORDS[entry.state],
            "type": "preorder" if entry.more.get("preorder") else "instant",
            "delivery": {"type": "homedelivery", "self_delivery": False, "location": None},
            "items": [shown.item(n, goods) for n, goods in enumerate(entry.basket.goods)],
            "basket_price": {"total": total, "price_breakdown": {"total_before_discounts": total}},
            "created_at": entry.placed_at.isoformat(),
            "modified_at": entry.changed_at.isoformat(),
            "pickup_eta": (entry.placed_at + timedelta(hours=1)).isoformat(),
            "consumer_comment": entry.basket.comment or None,
            "consumer_name": "Test T.",
        }
