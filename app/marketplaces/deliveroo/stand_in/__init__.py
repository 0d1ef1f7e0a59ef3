"""A stand-in for Deliveroo: signed webhooks with the whole order, and a picking API that keeps to
its published limits."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.marketplaces.deliveroo.stand_in import picking
from app.sandbox.stall import Entry, Goods, Stall, Told, form_of

#: Seconds: until a tablet asks somebody, until nobody's order is rejected, a token's life, between
#: two calls about one order; and rejections in a quarter of an hour that close a site.
SYNC: Final = 180
PATIENCE: Final = 600
TOKEN: Final = 300
APART: Final = 30
CLOSED: Final = 3
PAGE: Final = 50
RIDER: Final = {
    "courier": "rider_assigned", "arrived": "rider_arrived", "taken": "rider_in_transit",
}  # fmt: skip
REASONS: Final = ("INGREDIENT_UNAVAILABLE", "CLOSING_EARLY", "BUSY", "OTHER")


class StandIn(Stall):
    """Deliveroo."""

    name: ClassVar[str] = "deliveroo"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.tokens: dict[str, datetime] = {}
        self.prompts: list[str] = []
        self.rejections: list[datetime] = []
        self.closed = False
        self.substitutes: tuple[Goods, ...] = ()

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Everything at one address; one brand with one site."""
        token_url = f"{url}/oauth2/token"
        sites = {"brand_id": "brand-1", "site_ids": ["101"]}
        return {"url": url, "token_url": token_url, "client_id": "client-1", **sites}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What signs webhooks, and what tokens are got with."""
        return {"webhook_secret": token_hex(24), "client_secret": token_hex(24)}

    def routes(self) -> list[BaseRoute]:
        """Tokens, orders, lists, picking."""
        return [
            Route("/oauth2/token", self._token, methods=["POST"]),
            Route("/picking/v1/sites/{site}/orders/active", self._active),
            Route("/order/v2/brand/{brand}/restaurant/{site}/orders", self._list),
            Route("/order/v2/orders/{ref}", self._get),
            Route("/order/v1/orders/{ref}/{verb}", self._say, methods=["POST"]),
            Route("/picking/v1/orders/{ref}/items/{item}/substitute", self._substitute),
            Route("/picking/v1/orders/{ref}/{verb}", self._say, methods=["PUT"]),
            Route("/picking/v2/orders/{ref}", self._say, methods=["PUT"]),
        ]

    def new_ref(self) -> str:
        """A market, and a UUID."""
        digits = self.world.token_hex(16)
        return "gb:" + "-".join(
            digits[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32))
        )

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Signed over a GUID and the body; changes and charges are not told."""
        if what in RIDER:
            log = [{"at": self.world.clock().isoformat(), "status": RIDER[what]}]
            body = {"order_id": entry.ref, "stacked_with": [], "riders": [{"status_log": log}]}
            return await self._event(entry, "rider.status_update", body)
        word = {"placed": "placed", "delivered": "delivered", "cancelled": "canceled"}.get(what)
        if word is None:
            return None
        picking.log(entry, word, self.world.clock())
        name = "order.new" if what == "placed" else "order.status_update"
        return await self._event(entry, name, {"order": picking.order(entry)})

    async def _event(self, entry: Entry, name: str, body: dict[str, Any]) -> Told:
        raw, guid = json.dumps({"event": name, "body": body}).encode(), self.world.token_hex(16)
        key = self.secrets["webhook_secret"].encode()
        signature = hmac.new(key, f"{guid} ".encode() + raw, hashlib.sha256).hexdigest()
        headers = {"x-deliveroo-sequence-guid": guid, "x-deliveroo-hmac-sha256": signature}
        return await self.post(entry, raw, headers)

    async def _status(self, entry: Entry, word: str) -> None:
        picking.log(entry, word, self.world.clock())
        entry.changed_at = self.world.clock()
        await self._event(entry, "order.status_update", {"order": picking.order(entry)})

    async def look(self) -> None:
        """Tablets ask, and orders that nobody accepts are rejected."""
        for entry in self.book.values():
            waited = (self.world.clock() - entry.placed_at).total_seconds()
            if waited > SYNC and "sync_status" not in entry.told and entry.ref not in self.prompts:
                self.prompts.append(entry.ref)
            if waited > PATIENCE and entry.state in ("placed", "picking"):
                await self._reject(entry)

    async def _reject(self, entry: Entry) -> None:
        """Three of them within 15 minutes close a site."""
        now, entry.state = self.world.clock(), "cancelled"
        quarter = now - timedelta(minutes=15)
        self.rejections = [*(at for at in self.rejections if at > quarter), now]
        self.closed = self.closed or len(self.rejections) >= CLOSED
        await self._status(entry, "rejected")

    # --- its API --------------------------------------------------------------------------------

    async def _token(self, request: Request) -> Response:
        login = f"client-1:{self.secrets['client_secret']}".encode()
        basic = f"Basic {base64.b64encode(login).decode()}"
        if request.headers.get("authorization") != basic:
            return JSONResponse({"error": "invalid_client"}, 401)
        if (await form_of(request)).get("grant_type") != "client_credentials":
            return JSONResponse({"error": self.refuse("unsupported_grant_type")}, 400)
        token = self.world.token_hex(16)
        self.tokens[token] = self.world.clock() + timedelta(seconds=TOKEN)
        return JSONResponse({"access_token": token, "expires_in": TOKEN})

    async def _refusal(self, request: Request, *, order: bool = True) -> Response | None:
        if (status := self.fails()) is not None:
            return JSONResponse({"error": "not now"}, status)
        _, _, token = request.headers.get("authorization", "").partition(" ")
        if self.tokens.get(token, self.world.clock()) <= self.world.clock():
            return JSONResponse({"error": self.refuse("no token")}, 401)
        await self.look()
        if order and request.path_params["ref"] not in self.book:
            return JSONResponse({"error": self.refuse("no such order")}, 404)
        return None

    async def _active(self, request: Request) -> Response:
        if (no := await self._refusal(request, order=False)) is not None:
            return no
        asked = request.query_params
        if "page" not in asked or "per_page" not in asked:
            return JSONResponse({"error": self.refuse("page and per_page")}, 400)
        live = [each for each in self.book.values() if picking.status(each) == "placed"]
        return JSONResponse(
            {"orders": [picking.order(each) for each in live][: int(asked["per_page"])]}
        )

    async def _list(self, request: Request) -> Response:
        if (no := await self._refusal(request, order=False)) is not None:
            return no
        asked, site = request.query_params, request.path_params["site"]
        since, until = (datetime.fromisoformat(asked[f"{end}_date"]) for end in ("start", "end"))
        found = sorted(
            each.ref for each in self.book.values()
            if each.basket.store == site and since <= each.placed_at < until
        )  # fmt: skip
        rest = [ref for ref in found if ref > asked.get("cursor", "")]
        paging = {"next_cursor": rest[PAGE - 1] if len(rest) > PAGE else None}
        orders = [picking.order(self.book[ref]) for ref in rest[:PAGE]]
        return JSONResponse({"orders": orders, "pagination": paging})

    async def _get(self, request: Request) -> Response:
        no = await self._refusal(request)
        return no or JSONResponse(picking.order(self.book[request.path_params["ref"]]))

    async def _substitute(self, request: Request) -> Response:
        if (no := await self._refusal(request)) is not None:
            return no
        entry, asked = self.book[request.path_params["ref"]], request.query_params
        if "limit" not in asked or "quantity" not in asked or len(asked.get("needle", "")) > 10:
            return JSONResponse({"error": self.refuse("limit and quantity, a short needle")}, 400)
        if picking.status(entry) != "placed":
            return JSONResponse({"error": self.refuse("not placed")}, 400)
        if request.path_params["item"] not in [row["id"] for row in picking.rows(entry)]:
            return JSONResponse({"error": self.refuse("no such item")}, 404)
        if (wait := self._too_soon(entry, "substitute")) is not None:
            return wait
        needle = asked.get("needle", "").lower()
        found = [each for each in self.substitutes if needle in each.name.lower()]
        shown = [picking.substitute(entry, each) for each in found[: int(asked["limit"])]]
        return JSONResponse(shown)

    def _too_soon(self, entry: Entry, what: str) -> Response | None:
        now, last = self.world.clock(), entry.more.get(f"last {what}")
        left = APART if last is None else (now - last).total_seconds()
        if left < APART:
            wait = {"Retry-After": str(int(APART - left) + 1)}
            return JSONResponse({"error": self.refuse("too many requests")}, 429, wait)
        entry.more[f"last {what}"] = now
        return None

    async def _say(self, request: Request) -> Response:
        if (no := await self._refusal(request)) is not None:
            return no
        entry, verb = (
            self.book[request.path_params["ref"]],
            request.path_params.get("verb", "amend"),
        )
        if verb == "amend" and (wait := self._too_soon(entry, verb)) is not None:
            return wait
        said = json.loads(await request.body() or b"{}")
        wrong = picking.wrong(entry, verb, said)
        if wrong:
            status = 404 if wrong == picking.UNKNOWN else 400
            return JSONResponse({"error": self.refuse(f"{verb}: {wrong}")}, status)
        entry.told.append(verb)
        if verb == "reject":
            await self._reject(entry)
        elif picking.take(entry, verb, said):
            await self._status(entry, picking.status(entry))
        return JSONResponse({})
