"""A stand-in for Uber Eats: thin signed webhooks sent up to seven times, orders to fetch, and calls
that keep to its rules."""

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

from app.marketplaces.uber_eats.stand_in import shown
from app.sandbox.stall import Entry, Stall, Told, form_of

#: Seconds to accept or deny; how often an event is sent at most; tokens an hour; orders a page.
PATIENCE: Final = 690
SENDS: Final = 7
TOKENS: Final = 100
PAGE: Final = 50
EVENTS: Final = {
    "placed": "orders.notification", "cancelled": "orders.cancel", "failed": "orders.failure",
    "resolved": "orders.fulfillment_issues.resolved", "changed": "orders.customer_order_edit",
}  # fmt: skip
COURIER: Final = {
    "courier": "EN_ROUTE_TO_PICKUP", "arrived": "ARRIVED_AT_PICKUP",
    "taken": "EN_ROUTE_TO_DROPOFF", "delivered": "COMPLETED",
}  # fmt: skip
TYPES: Final = ("ITEM_ISSUE", "STORE_CLOSED", "CAPACITY", "OTHER")


class StandIn(Stall):
    """Uber Eats."""

    name: ClassVar[str] = "uber_eats"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.tokens: dict[str, datetime] = {}
        self.pauses: list[int] = []

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Everything at one address; the stores of the bench."""
        token_url = f"{url}/oauth/v2/token"
        return {"url": url, "token_url": token_url, "client_id": "app-1", "store_ids": ["101"]}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """One secret for both ways."""
        return {"client_secret": token_hex(20)}

    def routes(self) -> list[BaseRoute]:
        """Tokens, orders, lists, what a shop says."""
        return [
            Route("/oauth/v2/token", self._token, methods=["POST"]),
            Route("/v1/delivery/store/{store}", self._store),
            Route("/v1/delivery/store/{store}/orders", self._list),
            Route("/v1/delivery/order/{ref}", self._get),
            Route("/v1/delivery/order/{ref}/{verb}", self._post, methods=["POST"]),
        ]

    def new_ref(self) -> str:
        """A UUID."""
        digits = self.world.token_hex(16)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Thin, and signed; charges are not told."""
        if what in COURIER:
            meta = {"order_id": entry.ref, "courier_trip_id": "t", "status": COURIER[what]}
            return await self._event(entry, "delivery.state_changed", meta)
        if what not in EVENTS:
            return None
        name = EVENTS[what]
        if what == "placed" and entry.more.get("scheduled"):
            name = "orders.scheduled.notification"
        meta = {"user_id": entry.basket.store, "resource_id": entry.ref, "status": "pos"}
        return await self._event(entry, name, meta)

    async def _event(self, entry: Entry, name: str, meta: dict[str, str]) -> Told:
        """Sent until it is answered with 200 and nothing, after 1, 2, 4 … seconds."""
        said = {
            "event_id": self.world.token_hex(16), "event_type": name,
            "event_time": int(self.world.clock().timestamp()), "meta": meta,
            "resource_href": f"https://api.uber.com/v1/delivery/order/{entry.ref}",
        }  # fmt: skip
        raw = json.dumps(said).encode()
        key = self.secrets["client_secret"].encode()
        signature = hmac.new(key, raw, hashlib.sha256).hexdigest()
        headers = {"x-uber-signature": signature, "x-environment": "sandbox"}
        for n in range(SENDS):
            told = await self.post(entry, raw, headers)
            if told.status is None or (told.status == 200 and not told.answer):
                break
            self.pauses.append(2**n)
        return told

    async def look(self) -> None:
        """Orders that nobody accepted in time come to nothing."""
        for entry in self.book.values():
            waited = (self.world.clock() - entry.placed_at).total_seconds()
            if entry.state == "placed" and waited > PATIENCE:
                entry.state, entry.more["failure"] = "cancelled", "ACCEPT_TIMED_OUT"
                await self.announce(entry, "failed")

    async def answer(self, ref: str, sku: str, word: str) -> None:
        """The customer's answer to a replacement."""
        entry = self.book[ref]
        row = next(n for n, goods in enumerate(entry.basket.goods) if goods.sku == sku)
        entry.more["issues"][shown.row_id(row)]["customer_ack_type"] = word
        await self.announce(entry, "resolved")

    # --- its API --------------------------------------------------------------------------------

    async def _token(self, request: Request) -> Response:
        form, now = await form_of(request), self.world.clock()
        recent = [at for at in self.tokens.values() if (now - at).total_seconds() < 3600]
        if form.get("client_secret") != self.secrets["client_secret"]:
            return JSONResponse({"error": "invalid_client"}, 401)
        if "eats.order" not in form.get("scope", "").split():
            return JSONResponse({"error": self.refuse("invalid_scope")}, 400)
        if len(recent) >= TOKENS:
            return JSONResponse({"error": self.refuse("rate_limited")}, 429)
        token = self.world.token_hex(16)
        self.tokens[token] = now
        return JSONResponse({"access_token": token, "expires_in": 2_592_000})

    def _refusal(self, request: Request) -> Response | None:
        if (status := self.fails()) is not None:
            return shown.error(status, "not_now", "try again")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        given = self.tokens.get(token)
        if scheme != "Bearer" or given is None or self.world.clock() - given > timedelta(days=30):
            return shown.error(401, "unauthorized", self.refuse("no token"))
        return None

    async def _store(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"id": request.path_params["store"]})

    async def _list(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        asked, store = request.query_params, request.path_params["store"]
        since, until = (datetime.fromisoformat(asked[f"{end}_time"]) for end in ("start", "end"))
        found = sorted(
            entry.ref for entry in self.book.values()
            if entry.basket.store == store and since <= entry.placed_at < until
        )  # fmt: skip
        rest = [ref for ref in found if ref > asked.get("next_page_token", "")]
        paging = {"next_page_token": rest[PAGE - 1]} if len(rest) > PAGE else {}
        data = [shown.order(self.book[ref]) for ref in rest[:PAGE]]
        return JSONResponse({"data": data, "pagination_data": paging})

    async def _get(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry = self.book.get(request.path_params["ref"])
        if entry is None:
            return shown.error(404, "not_found", self.refuse("no such order"))
        await self.look()
        return JSONResponse({"order": shown.order(entry)})

    async def _post(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry, verb = self.book.get(request.path_params["ref"]), request.path_params["verb"]
        verbs = {
            "accept": self._accept, "deny": self._deny, "cancel": self._cancel,
            "ready": self._ready, "resolve-fulfillment-issues": self._resolve,
        }  # fmt: skip
        if entry is None or verb not in verbs:
            return shown.error(404, "not_found", self.refuse("no such order or call"))
        await self.look()
        answer = verbs[verb](entry, json.loads(await request.body() or b"{}"))
        if answer.status_code < 300:
            entry.told.append(verb)
            entry.changed_at = self.world.clock()
        return answer

    def _conflict(self, entry: Entry) -> Response:
        why = self.refuse(f"the order is {entry.state}")
        return shown.error(409, "resource_status_conflict", why)

    def _accept(self, entry: Entry, said: dict[str, Any]) -> Response:
        if entry.state != "placed":
            return self._conflict(entry)
        if "ready_for_pickup_time" in said:
            datetime.fromisoformat(said["ready_for_pickup_time"])
        entry.state = "accepted"
        return JSONResponse({})

    def _deny(self, entry: Entry, said: dict[str, Any]) -> Response:
        if entry.state != "placed":
            return self._conflict(entry)
        return self._off(entry, said.get("deny_reason"), "POS_DENIED", 200)

    def _cancel(self, entry: Entry, said: dict[str, Any]) -> Response:
        if entry.state not in ("accepted", "picking", "ready"):
            return self._conflict(entry)
        return self._off(entry, said.get("cancellation_reason"), "CANCELED", 204)

    def _off(self, entry: Entry, reason: Any, why: str, status: int) -> Response:
        if not isinstance(reason, dict) or reason.get("type") not in TYPES:
            return shown.error(400, "bad_request", self.refuse("no reason"))
        entry.state, entry.more["failure"] = "cancelled", why
        return Response(status_code=status) if status == 204 else JSONResponse({})

    def _resolve(self, entry: Entry, said: dict[str, Any]) -> Response:
        if entry.state not in ("accepted", "picking"):
            return self._conflict(entry)
        issues = said.get("fulfillment_issues") or []
        wrong = "" if issues else "no issues"
        for issue in issues:
            wrong = wrong or shown.wrong(entry, issue)
        if wrong:
            return shown.error(400, "bad_request", self.refuse(wrong))
        known = entry.more.setdefault("issues", {})
        for issue in issues:
            ask = issue.get("action_type") == "REPLACE_FOR_ME"
            word = "AWAITING_ACTION" if ask else "NO_ACK_REQUIRED"
            known[issue["item"]["cart_item_id"]] = {**issue, "customer_ack_type": word}
        entry.state = "picking"
        waits = any(each["customer_ack_type"] == "AWAITING_ACTION" for each in known.values())
        return JSONResponse({"should_wait_for_customer_response": waits})

    def _ready(self, entry: Entry, _said: dict[str, Any]) -> Response:
        if entry.state not in ("accepted", "picking"):
            return self._conflict(entry)
        issues = entry.more.get("issues", {})
        for row, goods in enumerate(entry.basket.goods):
            entry.found[goods.sku] = shown.found(goods, issues.get(shown.row_id(row)))
        entry.state = "ready"
        return JSONResponse({})
