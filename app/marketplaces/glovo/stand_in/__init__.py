"""A stand-in for partner picking at Glovo: tells of orders, takes the one PUT, keeps the rules."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar, Final
from uuid import UUID

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.marketplaces.glovo.stand_in import rules
from app.sandbox.stall import Entry, Goods, Stall, Told, form_of

CHAIN: Final = "chain-1"
CLIENT: Final = "client-1"
#: What the hub is told of: an order whole each time. Its rider's way is not.
EVENTS: Final = {"placed": "RECEIVED", "taken": "DISPATCHED", "cancelled": "CANCELLED"}
#: Where a status of the shop's brings an order, in the words of all stand-ins.
STATES: Final = {
    "ACCEPTED": "accepted", "UPDATE_CART": "picking", "READY_FOR_PICKUP": "ready",
    "DISPATCHED": "taken", "CANCELLED": "cancelled",
}  # fmt: skip
TOKEN_LIVES: Final = timedelta(hours=2)
REQUESTS: Final = 60  #: a minute


class StandIn(Stall):
    """Glovo. `transport`, `order_type`: of the next orders; `row_id`: how rows are named;
    `pending`: confirmations to be told."""

    name: ClassVar[str] = "glovo"

    def __init__(self, *given: Any) -> None:
        super().__init__(*given)
        self.transport = "LOGISTICS_DELIVERY"
        self.order_type = "DELIVERY"
        self.row_id = "row-{n}"
        self.pending: list[tuple[Entry, str]] = []
        self.calls: list[datetime] = []
        self.token_until: datetime | None = None

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Its API is right under the address; one shop."""
        return {"url": url, "chain_id": CHAIN, "vendors": ["101"], "client_id": CLIENT}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What webhooks show, and what tokens are got with."""
        return {"webhook_secret": token_hex(16), "client_secret": token_hex(16)}

    def new_ref(self) -> str:
        """Orders have UUIDs."""
        return str(UUID(int=0x807C225F_AC6D_445D_A074_000000000000 + len(self.book) + 1))

    def routes(self) -> list[BaseRoute]:
        """Tokens, orders, lists."""
        order = "/v2/chains/{chain}/orders/{ref}"
        return [
            Route("/v2/oauth/token", self._token, methods=["POST"]),
            Route(order, self._put, methods=["PUT"]),
            Route(order, self._get),
            Route("/v2/chains/{chain}/vendors/{vendor}/orders", self._list),
        ]

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Nothing is told of riders on their way, nor of money."""
        if what == "placed":
            entry.more |= {"transport": self.transport, "type": self.order_type}
        if what not in EVENTS:
            return None
        entry.more["word"] = EVENTS[what]
        return await self._tell(entry, EVENTS[what])

    async def look(self) -> None:
        """What a PUT has done is confirmed a little later."""
        pending, self.pending = self.pending, []
        for entry, word in pending:
            await self._tell(entry, word)

    async def _tell(self, entry: Entry, word: str) -> Told:
        body = json.dumps({**self._order(entry), "status": word}, ensure_ascii=False).encode()
        return await self.post(entry, body, {"authorization": self.secrets["webhook_secret"]})

    def _order(self, entry: Entry) -> dict[str, Any]:
        number = int(entry.ref.replace("-", ""), 16) & 0xFFFF
        shown = {
            "order_id": entry.ref,
            "external_order_id": f"101-{number:06d}",
            "order_code": f"{number:03d}",
            "status": entry.more.get("word", "RECEIVED"),
            "transport_type": entry.more["transport"],
            "order_type": entry.more["type"],
            "isPreorder": False,
            "client": {"chain_id": CHAIN, "store_id": entry.basket.store, "country_code": "es"},
            "customer": {"first_name": "Test", "last_name": "Customer"},
            "comment": entry.basket.comment,
            "items": self._items(entry),
            "payment": {"type": "PAID", "order_total": entry.total() / 100, "delivery_fee": 0},
            "accepted_for": _time(entry.placed_at + timedelta(hours=1)),
            "sys": {"created_at": _time(entry.placed_at), "updated_at": _time(entry.changed_at)},
        }
        if entry.state == "cancelled":
            shown["cancellation"] = entry.more.get(
                "cancellation", {"reason": "CUSTOMER_REQUEST", "cancelled_by": "CUSTOMER"}
            )
        return shown

    def _items(self, entry: Entry) -> list[dict[str, Any]]:
        """As they are now, with what was ordered beside."""
        named = [
            (self.row_id.format(n=n, sku=it.sku), it) for n, it in enumerate(entry.basket.goods)
        ]
        rows = [_item(row, goods) for row, goods in named]
        told = entry.more.get("items", {})
        known = [{**row, **told.get(row["_id"], {})} for row in rows]
        return [*known, *entry.more.get("instead", ())]

    async def _token(self, request: Request) -> Response:
        form = await form_of(request)
        secret = self.secrets["client_secret"]
        if (form.get("client_id"), form.get("client_secret")) != (CLIENT, secret):
            return JSONResponse({"error": "invalid_client"}, 401)
        self.token_until = self.world.clock() + TOKEN_LIVES
        token = f"t-{secret}-{self.token_until.timestamp()}"
        return JSONResponse({"access_token": token, "expires_in": 7200, "token_type": "bearer"})

    def _refusal(self, request: Request) -> Response | None:
        if (status := self.fails()) is not None:
            return JSONResponse({"error": "not now"}, status)
        now, until = self.world.clock(), self.token_until
        token = until and f"Bearer t-{self.secrets['client_secret']}-{until.timestamp()}"
        if until is None or now >= until or request.headers.get("authorization") != token:
            return JSONResponse({"error": self.refuse("no token")}, 401)
        self.calls = [each for each in self.calls if now - each < timedelta(minutes=1)]
        if len(self.calls) >= REQUESTS:
            return JSONResponse({"error": self.refuse("too many")}, 429, {"retry-after": "60"})
        self.calls.append(now)
        if request.path_params["chain"] != CHAIN:
            return JSONResponse({"error": self.refuse("no such chain")}, 403)
        return None

    async def _get(self, request: Request) -> Response:
        entry = self.book.get(request.path_params["ref"])
        no = self._refusal(request)
        if no is not None or entry is None:
            return no or JSONResponse({"error": "no such order"}, 404)
        return JSONResponse(self._order(entry))

    async def _list(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        asked = request.query_params
        size, page = int(asked.get("page_size", 20)), int(asked.get("page", 1))
        since, until = asked.get("start_time", "0"), asked.get("end_time", "9")
        found = [
            entry
            for entry in self.book.values()
            if entry.basket.store == request.path_params["vendor"]
            and since <= _time(entry.placed_at)[:19] <= until
        ]
        shown = [self._order(entry) for entry in found[(page - 1) * size : page * size]]
        pages = -(-len(found) // size)
        return JSONResponse({"orders": shown, "page": page, "total_pages": pages})

    async def _put(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry, said = self.book.get(request.path_params["ref"]), await request.json()
        if entry is None:
            return JSONResponse({"error": self.refuse("no such order")}, 404)
        ids = {row["_id"]: row for row in self._order(entry)["items"] if "_id" in row}
        wrong = rules.wrong(entry.ref, entry.state, entry.more["transport"], ids, said)
        if wrong:
            return JSONResponse({"error": self.refuse(wrong)}, 400)
        self._take(entry, said)
        return JSONResponse(self._order(entry))

    def _take(self, entry: Entry, said: dict[str, Any]) -> None:
        """The cart is as it is told, each time whole."""
        word = said["status"]
        entry.told.append(word)
        entry.state, entry.changed_at = STATES[word], self.world.clock()  # type: ignore[assignment]  # one of States
        entry.more |= {"word": word, "cancellation": said.get("cancellation")}
        if word == "ACCEPTED":
            return
        entry.more["items"] = {
            row["_id"]: {"status": row["status"], "pricing": row["pricing"]}
            for row in said["items"]
            if "_id" in row
        }
        entry.more["instead"] = [row for row in said["items"] if "_id" not in row]
        entry.found = rules.found(said["items"])
        if word in rules.FULFILS:
            self.pending.append((entry, "READY_FOR_PICKUP"))


def _item(row: str, goods: Goods) -> dict[str, Any]:
    weighed = goods.grams is not None
    pricing: dict[str, Any] = {
        "pricing_type": "KG" if weighed else "UNIT",
        "unit_price": goods.price / 100,
        "quantity": goods.pieces,
    }
    if goods.grams is not None:
        pricing["weight"] = goods.grams / 1000
    return {
        "_id": row,
        "sku": goods.sku,
        "name": goods.name,
        "status": "NOT_PROCESSED",
        "pricing": pricing,
        "original_pricing": pricing,
    }


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
