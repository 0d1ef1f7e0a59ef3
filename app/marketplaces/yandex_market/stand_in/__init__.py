"""A stand-in for Yandex Market: thin notifications, the partner API, and its published rules: what
leaves an order stays out, nothing comes in, no READY_TO_SHIP without marks that were checked."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.marketplaces.yandex_market.stand_in import rules
from app.sandbox.stall import Entry, Stall, Told

BUSINESS: Final = 7001
PAGE: Final = 50
#: What happens, and status and stage then.
NEWS: Final = {
    "courier": ("PROCESSING", "COURIER_FOUND"),
    "arrived": ("PROCESSING", "COURIER_ARRIVED_TO_SENDER"),
    "taken": ("DELIVERY", "COURIER_RECEIVED"),
    "delivered": ("DELIVERED", "DELIVERED_USER_RECEIVED"),
    "cancelled": ("CANCELLED", "USER_CHANGED_MIND"),
}


class StandIn(Stall):
    """Yandex Market. `bad`: marks that are not valid; `slow`: looks until marks are checked, anew
    whenever they are told; `flaky`: checks of an order that fail before one comes to an end;
    `limited`: marks were looked at too often in this hour."""

    name: ClassVar[str] = "yandex_market"
    weighs: ClassVar[bool] = False
    bad: frozenset[str] = frozenset()
    slow: int = 0
    flaky: int = 0
    limited: bool = False

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """A test machine is in none of Yandex's networks."""
        networks = ["127.0.0.0/8", "::1/128"]
        return {"business_id": BUSINESS, "url": url, "networks": networks}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """What the hub shows."""
        return {"api_key": f"ACMA:{token_hex(16)}"}

    def routes(self) -> list[BaseRoute]:
        """Keys, orders, boxes, marks, statuses."""
        order = "/v2/campaigns/{campaign}/orders/{ref}"
        return [
            Route("/v2/auth/token", self._key, methods=["POST"]),
            Route("/v1/businesses/{business:int}/orders", self._orders, methods=["POST"]),
            Route(f"{order}/boxes", self._boxes, methods=["PUT"]),
            Route(f"{order}/identifiers/status", self._marks, methods=["POST"]),
            Route(f"{order}/status", self._status, methods=["PUT"]),
        ]

    def new_ref(self) -> str:
        """Whole numbers."""
        return str(500_000_001 + len(self.book))

    async def ping(self) -> Told:
        """What it sends to see whether somebody is there."""
        time = self.world.clock().isoformat()
        body = json.dumps({"notificationType": "PING", "time": time}).encode()
        return await self.call("POST", "/notification", body, {})

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """All of it is thin; that somebody paid is not told."""
        if what in NEWS:
            entry.more["status"] = NEWS[what]
        if what == "paid":
            return None
        now = entry.changed_at.isoformat()
        said: dict[str, Any] = {"orderId": int(entry.ref), "campaignId": int(entry.basket.store)}
        items = [{"offerId": goods.sku, "count": goods.pieces} for goods in entry.basket.goods]
        if what == "placed":
            said |= {"notificationType": "ORDER_CREATED", "items": items, "createdAt": now}
        elif what == "cancelled":
            said |= {"notificationType": "ORDER_CANCELLED", "items": items, "cancelledAt": now}
        elif what == "changed":
            said |= {"notificationType": "ORDER_UPDATED", "updateType": "UNKNOWN"}
            said |= {"updatedAt": now}
        else:
            status, stage = rules.stand(entry)
            said |= {"notificationType": "ORDER_STATUS_UPDATED", "status": status}
            said |= {"substatus": stage, "updatedAt": now}
        return await self.post(entry, json.dumps(said).encode(), {}, "/notification")

    def _refusal(self, request: Request) -> Response | None:
        if (status := self.fails()) is not None:
            return _error(status, "not now")
        if request.headers.get("api-key") != self.secrets["api_key"]:
            return _error(401, self.refuse("no key"))
        return None

    async def _key(self, request: Request) -> Response:
        scopes = {"name": "hub", "authScopes": ["inventory-and-order-processing"]}
        answer = {"status": "OK", "result": {"apiKey": scopes}}
        return self._refusal(request) or JSONResponse(answer)

    async def _orders(self, request: Request) -> Response:
        if (no := self._refusal(request)) is not None:
            return no
        asked, params = await request.json(), request.query_params
        limit = min(int(params.get("limit", PAGE)), PAGE)
        found = sorted(self.book)
        if ids := asked.get("orderIds"):
            found = [ref for ref in found if int(ref) in ids]
        if dates := asked.get("dates"):
            since, until = (datetime.fromisoformat(dates[f"updateDate{x}"]) for x in ("From", "To"))
            found = [ref for ref in found if since <= self.book[ref].changed_at < until]
        found = [ref for ref in found if ref > params.get("pageToken", "")]
        token = found[limit - 1] if len(found) > limit else None
        orders = [rules.order(self.book[ref]) for ref in found[:limit]]
        return JSONResponse({"orders": orders, "paging": {"nextPageToken": token}})

    async def _one(self, request: Request) -> Entry | Response:
        if (no := self._refusal(request)) is not None:
            return no
        entry = self.book.get(request.path_params["ref"])
        if entry is None or entry.basket.store != request.path_params["campaign"]:
            return _error(404, self.refuse("no such order"))
        return entry

    async def _boxes(self, request: Request) -> Response:
        entry = await self._one(request)
        if isinstance(entry, Response):
            return entry
        said = await request.json()
        wrong = rules.wrong(entry, said)
        if wrong:
            return _error(400, self.refuse(wrong))
        items = [item for box in said["boxes"] for item in box["items"]]
        kept = {item["id"]: item["fullCount"] for item in items}
        counts, goods = entry.more.setdefault("counts", {}), entry.basket.goods
        for n, each in enumerate(goods):
            counts[each.sku] = kept.get(n + 1, 0)
        marks = {item["id"]: item.get("instances") or () for item in items}
        entry.marks = {
            each.sku: tuple(mark["cis"] for mark in marks.get(n + 1, ()))
            for n, each in enumerate(goods)
        }
        entry.more |= {"looks": 0, "checks": entry.more.get("checks", 0) + 1}
        return JSONResponse({"status": "OK", "result": {"boxes": said["boxes"]}})

    async def _marks(self, request: Request) -> Response:
        entry = await self._one(request)
        if isinstance(entry, Response):
            return entry
        if self.limited:
            return _error(420, "too many looks")
        entry.more["looks"] = entry.more.get("looks", 0) + 1
        items = [
            {"id": n + 1, "cis": [{"value": m, "status": self._checked(entry, m)} for m in marks]}
            for n, marks in enumerate(entry.marks.get(g.sku, ()) for g in entry.basket.goods)
            if marks
        ]
        return JSONResponse({"status": "OK", "result": {"items": items}})

    def _checked(self, entry: Entry, mark: str) -> str:
        if entry.more.get("looks", 0) <= self.slow:
            return "IN_PROGRESS"
        if entry.more.get("checks", 0) <= self.flaky:
            return "FAILED"
        return "INVALID" if mark in self.bad or "\x1d" not in mark else "OK"

    async def _status(self, request: Request) -> Response:
        entry = await self._one(request)
        if isinstance(entry, Response):
            return entry
        said = (await request.json())["order"]
        wanted = said["status"], said.get("substatus")
        wrong = self._not_allowed(entry, wanted)
        if wrong:
            return _error(400, self.refuse(wrong))
        entry.more["status"], entry.changed_at = wanted, self.world.clock()
        entry.told.append(wanted[1] or wanted[0])
        if wanted[0] == "CANCELLED":
            entry.state = "cancelled"
        else:
            entry.state, entry.found = "ready", rules.counts(entry)
        return JSONResponse({"order": {"id": int(entry.ref), "status": wanted[0]}})

    def _not_allowed(self, entry: Entry, wanted: tuple[str, str | None]) -> str | None:
        now = rules.stand(entry)
        if wanted == ("CANCELLED", "SHOP_FAILED"):
            return None if now[0] == "PROCESSING" else f"CANCELLED after {now}"
        if wanted != ("PROCESSING", "READY_TO_SHIP") or now[1] != "STARTED":
            return f"{wanted} after {now}"
        counts = rules.counts(entry)
        for goods in entry.basket.goods:
            marks = entry.marks.get(goods.sku, ())
            if goods.marked and len(set(marks)) != counts[goods.sku]:
                return f"{goods.sku}: a mark for each piece"
            if any(self._checked(entry, mark) != "OK" for mark in marks):
                return f"{goods.sku}: marks are not checked"
        return None


def _error(status: int, message: str) -> Response:
    errors = [{"code": "BAD_REQUEST", "message": message}]
    return JSONResponse({"status": "ERROR", "errors": errors}, status)
