"""A stand-in for Ozon's Seller API and its push notifications, with the rules Ozon publishes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.marketplaces.ozon.stand_in.shown import (
    CHECKING,
    PACKING,
    STATUSES,
    checked,
    error,
    exemplars,
    have,
    looks,
    posting,
    sku_of,
)
from app.sandbox.stall import Entry, Stall, Told

CLIENT_ID: Final = 15
#: What happens, the notification that tells it, and the state it then names.
NOTES: Final[Mapping[str, tuple[str, str]]] = {
    "placed": ("TYPE_NEW_POSTING", ""),
    "changed": ("TYPE_CUTOFF_DATE_CHANGED", ""),
    "taken": ("TYPE_STATE_CHANGED", "posting_transferred_to_courier_service"),
    "delivered": ("TYPE_STATE_CHANGED", "posting_delivered"),
    "cancelled": ("TYPE_POSTING_CANCELLED", "posting_canceled"),
    "taken_out": ("TYPE_POSTING_CANCELLED", "posting_canceled"),  # some of its products
}
#: Reasons a seller may cancel for; 402 needs words.
REASONS: Final = (352, 400, 401, 402)


class StandIn(Stall):
    """Ozon."""

    name: ClassVar[str] = "ozon"
    weighs: ClassVar[bool] = False

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        #: Looks at a posting before the check of its marks is over, and before it is packed; each
        #: call that sets marks begins the check again. How often packing fails.
        self.slow_checks = 0
        self.slow_ships = 0
        self.failed_ships = 0

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """Its notifications come from this machine."""
        return {"url": url, "client_id": CLIENT_ID, "networks": ["127.0.0.0/8", "::1/128"]}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """The key of the Seller API."""
        return {"api_key": token_hex(18)}

    def new_ref(self) -> str:
        """As postings are numbered: the order's number, its part."""
        return f"{24_219_509 + len(self.book)}-0020-1"

    def routes(self) -> list[BaseRoute]:
        """Everything is a POST."""
        calls = {
            "/v1/roles": self._roles,
            "/v3/posting/fbs/get": self._get,
            "/v4/posting/fbs/list": self._list,
            "/v6/fbs/posting/product/exemplar/create-or-get": self._exemplars,
            "/v6/fbs/posting/product/exemplar/set": self._set_marks,
            "/v5/fbs/posting/product/exemplar/status": self._checked,
            "/v4/posting/fbs/ship": self._ship,
            "/v2/posting/fbs/product/cancel": self._remove,
            "/v2/posting/fbs/cancel": self._cancel,
        }
        return [Route(path, self._keyed(call), methods=["POST"]) for path, call in calls.items()]

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Payments and couriers are not told."""
        if what not in NOTES:
            return None
        kind, state = NOTES[what]
        at = entry.changed_at.isoformat().replace("+00:00", "Z")
        note: dict[str, Any] = {
            "message_type": kind,
            "posting_number": entry.ref,
            "products": [{"sku": sku_of(it), "quantity": it.pieces} for it in entry.basket.goods],
            "warehouse_id": int(entry.basket.store),
            "seller_id": CLIENT_ID,
        }
        if state:
            note |= {"new_state": state, "changed_state_date": at}
        if kind == "TYPE_NEW_POSTING":
            note["in_process_at"] = at
        if kind == "TYPE_CUTOFF_DATE_CHANGED":
            note |= {"new_cutoff_date": at, "old_cutoff_date": at}
        if kind == "TYPE_POSTING_CANCELLED":
            note |= {"old_state": "posting_created", "reason": {"id": 402, "message": "Отмена"}}
        return await self.post(entry, json.dumps(note, ensure_ascii=False).encode(), {})

    async def ping(self) -> Told:
        """Ozon's question whether the address is alive."""
        body = {"message_type": "TYPE_PING", "time": self.world.clock().isoformat()}
        return await self.call("POST", "", json.dumps(body).encode(), {})

    # --- the API --------------------------------------------------------------------------------

    def _keyed(self, call: Callable[[dict[str, Any]], Response]) -> Any:
        async def keyed(request: Request) -> Response:
            if (status := self.fails()) is not None:
                return error(status, "not now")
            named = request.headers.get("client-id") == str(CLIENT_ID)
            if not named or request.headers.get("api-key") != self.secrets["api_key"]:
                return error(403, self.refuse("Client-Id or Api-Key is wrong"))
            body = await request.json()
            if "posting_number" in body and body["posting_number"] not in self.book:
                return error(404, self.refuse("posting not found"))
            return call(body)

        return keyed

    def _roles(self, _body: dict[str, Any]) -> Response:
        return JSONResponse({"roles": [{"name": "Admin", "methods": []}]})

    def _get(self, body: dict[str, Any]) -> Response:
        entry = self.book[body["posting_number"]]
        answer = JSONResponse({"result": posting(entry, have(entry), alone=True)})
        if PACKING in entry.more and looks(entry, PACKING) == 0:
            self._packed(entry)
        return answer

    def _list(self, body: dict[str, Any]) -> Response:
        filter_ = body.get("filter", {})
        if not {"since", "to"} <= filter_.keys() or not 1 <= body.get("limit", 0) <= 100:
            return error(400, self.refuse("since, to and a limit up to 100 are required"))
        changed = filter_.get(
            "last_changed_status_date", {"from": filter_["since"], "to": filter_["to"]}
        )
        since, until = (datetime.fromisoformat(changed[end]) for end in ("from", "to"))
        found = sorted(ref for ref, it in self.book.items() if since <= it.changed_at < until)
        rest = [ref for ref in found if ref > body.get("cursor", "")]
        page, more = rest[: body["limit"]], len(rest) > body["limit"]
        postings = [posting(self.book[ref], have(self.book[ref]), alone=False) for ref in page]
        cursor = page[-1] if more else ""
        return JSONResponse({"postings": postings, "cursor": cursor, "has_next": more})

    def _exemplars(self, body: dict[str, Any]) -> Response:
        entry = self.book[body["posting_number"]]
        products = [
            {"product_id": sku, "quantity": count,
             "exemplars": [{"exemplar_id": each} for each in exemplars(entry, sku)]}
            for sku, count in have(entry).items()
        ]  # fmt: skip
        return JSONResponse({"posting_number": entry.ref, "products": products})

    def _set_marks(self, body: dict[str, Any]) -> Response:
        entry = self.book[body["posting_number"]]
        if STATUSES[entry.state] != "awaiting_packaging" or PACKING in entry.more:
            return error(400, self.refuse("too late to set marks"))
        names = {sku_of(goods): goods.sku for goods in entry.basket.goods}
        for product in body["products"]:
            named = [it["exemplar_id"] for it in product["exemplars"]]
            if not set(named) <= set(exemplars(entry, product["product_id"])):
                return error(400, self.refuse("no such exemplar"))
            given = [mark for it in product["exemplars"] for mark in it["marks"]]
            if any(mark["mark_type"] != "mandatory_mark" for mark in given):
                return error(400, self.refuse("unknown mark_type"))
            entry.marks[names[product["product_id"]]] = tuple(mark["mark"] for mark in given)
        entry.more[CHECKING] = self.slow_checks
        return JSONResponse({})

    def _checked(self, body: dict[str, Any]) -> Response:
        entry = self.book[body["posting_number"]]
        if STATUSES[entry.state] != "awaiting_packaging":
            return error(400, self.refuse("Posting must have 'awaiting_packaging' status"))
        answer = JSONResponse(checked(entry))
        looks(entry, CHECKING)
        return answer

    def _ship(self, body: dict[str, Any]) -> Response:
        entry = self.book[body["posting_number"]]
        if STATUSES[entry.state] != "awaiting_packaging" or PACKING in entry.more:
            return error(400, self.refuse("posting is not awaiting_packaging"))
        packed: dict[int, int] = {}
        for product in (it for package in body["packages"] for it in package["products"]):
            packed[product["product_id"]] = (
                packed.get(product["product_id"], 0) + product["quantity"]
            )
        if packed != have(entry):
            return error(400, self.refuse("packages must hold all products of the posting"))
        for goods in entry.basket.goods:
            needed = packed.get(sku_of(goods), 0) if goods.marked else 0
            if len(entry.marks.get(goods.sku, ())) < needed:
                return error(400, self.refuse("mandatory marks are missing"))
        entry.more["packed"] = packed
        if self.failed_ships:
            self.failed_ships -= 1
            entry.more["substatus"] = "ship_failed"
        elif self.slow_ships:
            entry.more |= {PACKING: self.slow_ships, "substatus": "posting_created"}
        else:
            self._packed(entry)
        return JSONResponse({"result": [entry.ref]})

    def _packed(self, entry: Entry) -> None:
        packed = entry.more["packed"]
        entry.more.pop(PACKING, None)
        entry.more["substatus"] = "posting_transferring_to_delivery"
        entry.state, entry.changed_at = "ready", self.world.clock()
        entry.found = {it.sku: packed.get(sku_of(it), 0) for it in entry.basket.goods}
        entry.told.append("ship")

    def _remove(self, body: dict[str, Any]) -> Response:
        entry = self.book[body["posting_number"]]
        if not self._why(body):
            return error(400, self.refuse("no such cancel_reason_id"))
        if STATUSES[entry.state] != "awaiting_packaging":
            return error(409, self.refuse("too late to take products out"))
        left = have(entry)
        for item in body["items"]:
            if not 0 < item["quantity"] <= left.get(item["sku"], 0):
                return error(400, self.refuse("more than there is"))
            left[item["sku"]] -= item["quantity"]
        entry.more["have"] = {sku: count for sku, count in left.items() if count}
        entry.told.append("product/cancel")
        return JSONResponse({"result": entry.ref})

    def _cancel(self, body: dict[str, Any]) -> Response:
        entry = self.book[body["posting_number"]]
        if not self._why(body):
            return error(400, self.refuse("no such cancel_reason_id"))
        if STATUSES[entry.state] not in ("awaiting_packaging", "awaiting_deliver"):
            return error(409, self.refuse("too late to cancel"))
        entry.state, entry.changed_at = "cancelled", self.world.clock()
        entry.told.append("cancel")
        return JSONResponse({"result": True})

    def _why(self, body: dict[str, Any]) -> bool:
        reason = body.get("cancel_reason_id")
        return reason in REASONS and bool(body.get("cancel_reason_message"))
