"""A stand-in for DoorDash: orders whole, adjustments received at once and answered with an event
later, and calls that need its allow-list."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.marketplaces.doordash.stand_in import shown
from app.sandbox.stall import Entry, Stall, Told

DASHER: Final = {
    "courier": "dasher_confirmed", "arrived": "arrived_at_store",
    "taken": "dasher_out_for_delivery", "delivered": "dropoff",
}  # fmt: skip
REASONS: Final = ("ITEM_OUT_OF_STOCK", "STORE_CLOSED", "KITCHEN_BUSY", "OTHER")
#: Hours for which a reason closes a store.
CLOSES: Final = {"STORE_CLOSED": 12.0, "KITCHEN_BUSY": 0.25}


class StandIn(Stall):
    """DoorDash. `allowed`: what its account managers let this integration do."""

    name: ClassVar[str] = "doordash"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.allowed = {"adjustment", "cancellation"}
        self.closed_hours = 0.0
        self.owed: list[str] = []

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Its API is below /marketplace."""
        who = {"developer_id": "developer-1", "key_id": "key-1", "store_id": "101"}
        return {"url": f"{url}/marketplace", **who}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What webhooks show, and what tokens are signed with."""
        key = base64.urlsafe_b64encode(bytes.fromhex(token_hex(32))).decode().rstrip("=")
        return {"webhook_secret": token_hex(16), "signing_secret": key}

    def routes(self) -> list[BaseRoute]:
        """Stores and orders."""
        orders = "/marketplace/api/v1/orders/{ref}"
        return [
            Route("/marketplace/api/v1/stores/{store}/store_details", self._store),
            Route(orders, self._confirm, methods=["PATCH"]),
            Route(f"{orders}/adjustment", self._adjustment, methods=["PATCH"]),
            Route(f"{orders}/cancellation", self._cancellation, methods=["PATCH"]),
            Route(f"{orders}/events/order_ready_for_pickup", self._ready, methods=["PATCH"]),
        ]

    def new_ref(self) -> str:
        """A UUID."""
        digits = self.world.token_hex(16)
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Orders whole, Dashers, and cancellations of what was confirmed."""
        if what == "placed":
            body = shown.event("OrderCreate", self.world.clock())
            return await self._post(entry, body | {"order": shown.order(entry)})
        if what in DASHER:
            body = shown.event("dasher_status_update", self.world.clock())
            delivery = {"external_order_id": entry.ref, "dasher_status": DASHER[what]}
            return await self._post(entry, body | {"delivery": delivery})
        if what == "cancelled" and entry.told:
            store = {"merchant_supplied_id": entry.basket.store, "provider_type": "us"}
            gone = {"external_order_id": entry.ref, "client_order_id": entry.more.get("number")}
            return await self._post(entry, gone | {"store": store, "is_asap": True})
        return None

    async def look(self) -> None:
        """What was adjusted is told some seconds later, with what the goods come to then."""
        owed, self.owed = self.owed, []
        for ref in owed:
            entry = self.book[ref]
            body = shown.event("OrderAdjust", self.world.clock())
            meta = {"adjustment_source": "merchant", "adjusted_order_items": []}
            order = shown.order(entry) | {"order_adjustment_metadata": meta}
            await self._post(entry, body | {"order": order})

    async def _post(self, entry: Entry, body: dict[str, Any]) -> Told:
        login = base64.b64encode(f"doordash:{self.secrets['webhook_secret']}".encode()).decode()
        raw = json.dumps(body).encode()
        return await self.post(entry, raw, {"authorization": f"Basic {login}"})

    # --- its API --------------------------------------------------------------------------------

    def _refusal(self, request: Request, needs: str = "") -> Response | None:
        if (status := self.fails()) is not None:
            return shown.error(status, "not now")
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        secret = self.secrets["signing_secret"]
        wrong = shown.wrong_token(token, secret, self.world.clock())
        if scheme != "Bearer" or wrong or request.headers.get("auth-version") != "v2":
            return shown.error(401, self.refuse(wrong or "no token"))
        if needs and needs not in self.allowed:
            return shown.error(403, self.refuse(f"{needs}: not on the allow-list"))
        if request.path_params.get("ref", "") not in {"", *self.book}:
            return shown.error(404, self.refuse("no such order"))
        return None

    async def _store(self, request: Request) -> Response:
        return self._refusal(request) or JSONResponse({"is_active": not self.closed_hours})

    async def _confirm(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry, said = self.book[request.path_params["ref"]], await request.json()
        if entry.state != "placed":
            return shown.error(400, self.refuse(f"the order is {entry.state}"))
        if said.get("order_status") == "fail" and said.get("failure_reason"):
            entry.state = "cancelled"
            return JSONResponse({}, 202)
        if said.get("order_status") != "success":
            return shown.error(400, self.refuse("order_status, and why it fails"))
        entry.state, entry.more["number"] = "accepted", said.get("merchant_supplied_id")
        entry.told.append("confirm")
        return JSONResponse({}, 202)

    async def _adjustment(self, request: Request) -> Response:
        if (no := self._refusal(request, "adjustment")) is not None:
            return no
        entry, said = self.book[request.path_params["ref"]], await request.json()
        if entry.state in ("placed", "cancelled"):
            return shown.error(400, self.refuse(f"the order is {entry.state}"))
        wrong = shown.wrong(entry, said.get("items") or [])
        if wrong:
            status = 404 if wrong.startswith("no such") else 400
            return shown.error(status, self.refuse(wrong))
        shown.adjust(entry, said["items"])
        entry.told.append("adjustment")
        self.owed.append(entry.ref)
        return JSONResponse({}, 202)

    async def _cancellation(self, request: Request) -> Response:
        if (no := self._refusal(request, "cancellation")) is not None:
            return no
        entry, said = self.book[request.path_params["ref"]], await request.json()
        if entry.state not in ("accepted", "picking", "ready"):
            return shown.error(400, self.refuse(f"the order is {entry.state}"))
        if said.get("cancel_reason") not in REASONS:
            return shown.error(400, self.refuse("no cancel_reason"))
        self.closed_hours = max(self.closed_hours, CLOSES.get(said["cancel_reason"], 0.0))
        entry.state = "cancelled"
        entry.told.append("cancellation")
        return JSONResponse({}, 202)

    async def _ready(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry, said = self.book[request.path_params["ref"]], await request.json()
        if entry.state not in ("accepted", "picking"):
            return shown.error(400, self.refuse(f"the order is {entry.state}"))
        if said.get("merchant_supplied_id") != entry.more["number"]:
            return shown.error(400, self.refuse("not the merchant_supplied_id of the confirmation"))
        entry.state = "ready"
        shown.adjust(entry, [])
        entry.told.append("ready")
        return JSONResponse({}, 202)
