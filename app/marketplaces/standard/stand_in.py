"""A shop as its own developers might have made it: in words and places of its own, which the
mapping in its settings explains; signatures are as the specification says."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any, ClassVar, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from app.sandbox.stall import Entry, Goods, Stall, Told

#: What docs/own-shop.json says of this shop (a test compares).
MAPPING: Final[dict[str, Any]] = {
    "event": "action",
    "order": "payload.order",
    "events": {
        "order_created": "placed", "order_edited": "changed", "money_taken": "paid",
        "courier_found": "courier_assigned", "courier_here": "courier_arrived",
        "sent": "taken", "received": "delivered", "called_off": "cancelled",
    },
    "fields": {
        "id": "no", "store": "branch.code", "lines": "basket", "status": "stage",
        "changed_at": "edited", "ready_by": "slot.until", "total": "sums.goods",
        "paid": "sums.paid", "comment": "note", "replacement": "if_missing",
        "customer": "buyer", "address": "where", "reason": "why",
    },
    "line": {
        "sku": "article", "name": "title", "quantity": "amount", "unit": "measure",
        "price": "cost", "ref": "row",
    },
    "list": {"orders": "found", "next": "more"},
    "statuses": {
        "new": "accepted", "in_shop": "picking", "packed": "ready", "on_its_way": "handed_over",
        "received": "delivered", "called_off": "cancelled",
    },
    "units": {"шт": "piece", "кг": "kilogram"},
    "replacements": {"call me": "call_or_replace", "no": "remove"},
    "zone": "Europe/Moscow",
}  # fmt: skip
ACTIONS: Final = {
    "placed": "order_created", "changed": "order_edited", "paid": "money_taken",
    "courier": "courier_found", "arrived": "courier_here", "taken": "sent",
    "delivered": "received", "cancelled": "called_off",
}  # fmt: skip
STAGES: Final = {
    "placed": "new", "accepted": "new", "picking": "in_shop", "ready": "packed",
    "taken": "on_its_way", "delivered": "received", "cancelled": "called_off",
}  # fmt: skip
#: What the hub tells, and from which states it may.
MOVES: Final = {
    "order.accepted": ("accepted", ("placed", "accepted")),
    "order.in_work": ("picking", ("placed", "accepted", "picking")),
    "order.amended": ("picking", ("accepted", "picking")),
    "order.ready": ("ready", ("accepted", "picking", "ready")),
    "order.cancelled": ("cancelled", ("placed", "accepted", "picking", "ready")),
}
MOSCOW: Final = timezone(timedelta(hours=3))
PAGE: Final = 50
TOLERANCE: Final = 300


class StandIn(Stall):
    """A retailer's own shop."""

    name: ClassVar[str] = "standard"

    @classmethod
    def settings(cls, url: str) -> dict[str, Any]:
        """One address for our messages, one for its list."""
        tell = ["accepted", "in_work", "amended", "ready", "cancelled"]
        addresses = {"url": f"{url}/hub", "orders_url": f"{url}/orders"}
        return {**addresses, "tell": tell, "mapping": MAPPING}

    @classmethod
    def made_up(cls, token_hex: Callable[[int], str]) -> dict[str, str]:
        """One secret each way, and what opens the list."""
        secrets = {
            name: f"whsec_{base64.b64encode(bytes.fromhex(token_hex(32))).decode()}"
            for name in ("signing", "sending")
        }
        return {**secrets, "list_token": token_hex(16)}

    def routes(self) -> list[BaseRoute]:
        """What the hub calls."""
        return [Route("/hub", self._hear, methods=["POST"]), Route("/orders", self._list)]

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Everything is told, whole, under an id of its own."""
        said = {"action": ACTIONS[what], "payload": {"order": self._order(entry)}}
        body = json.dumps(said, ensure_ascii=False).encode()
        id_, moment = f"msg_{entry.ref}_{len(self.told)}", str(int(self._now().timestamp()))
        signature = self._signature("signing", id_, moment, body)
        headers = {"webhook-id": id_, "webhook-timestamp": moment, "webhook-signature": signature}
        return await self.post(entry, body, headers)

    def _now(self) -> datetime:
        return self.world.clock().astimezone(MOSCOW)

    def _signature(self, kind: str, id_: str, moment: str, body: bytes) -> str:
        key = base64.b64decode(self.secrets[kind].removeprefix("whsec_"))
        signed = f"{id_}.{moment}.".encode() + body
        return f"v1,{base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()}"

    def _order(self, entry: Entry) -> dict[str, Any]:
        """As this shop keeps it; its times are Moscow's and say no zone."""
        due = entry.placed_at.astimezone(MOSCOW) + timedelta(hours=1)
        rows = [_row(n, goods, entry) for n, goods in enumerate(entry.basket.goods)]
        return {
            "no": entry.ref,
            "branch": {"code": entry.basket.store, "city": "Москва"},
            "basket": [row for row in rows if row is not None],
            "stage": STAGES[entry.state],
            "edited": _local(entry.changed_at),
            "slot": {"until": due.strftime("%Y-%m-%d %H:%M:%S")},
            "sums": {"goods": _roubles(entry.total()), "paid": entry.paid},
            "note": entry.basket.comment,
            "if_missing": "call me",
            "buyer": {"name": "Тест"},
            "where": "Тестовая улица, 1",
            "why": "передумали" if entry.state == "cancelled" else None,
        }

    async def _hear(self, request: Request) -> Response:
        body = await request.body()
        if (status := self.fails()) is not None:
            return JSONResponse({"error": "not now"}, status)
        if (wrong := self._forged(request, body)) is not None:
            return JSONResponse({"error": self.refuse(wrong)}, 401)
        said = json.loads(body)
        if said["type"] == "ping":
            return JSONResponse({"ok": True})
        return self._take(said, request.headers["webhook-id"])

    def _forged(self, request: Request, body: bytes) -> str | None:
        id_, moment, given = (
            request.headers.get(f"webhook-{part}", "") for part in ("id", "timestamp", "signature")
        )
        if not moment.isdecimal() or abs(int(moment) - self._now().timestamp()) > TOLERANCE:
            return "an old time stamp"
        right = self._signature("sending", id_, moment, body)
        return None if right in given.split(" ") else "no signature of ours"

    def _take(self, said: dict[str, Any], id_: str) -> Response:
        data, entry = said["data"], self.book.get(said["data"].get("id", ""))
        if entry is None or said["type"] not in MOVES:
            return JSONResponse({"error": self.refuse("no such order or message")}, 404)
        if id_ in entry.more.setdefault("seen", set()):
            return JSONResponse({"ok": True})  # the same id again: it was done
        state, allowed = MOVES[said["type"]]
        if entry.state not in allowed:
            return JSONResponse({"error": self.refuse(f"{said['type']} in {entry.state}")}, 422)
        wrong = _wrong(entry, said)
        if wrong:
            return JSONResponse({"error": self.refuse(wrong)}, 422)
        entry.state, entry.changed_at = state, self.world.clock()  # type: ignore[assignment]
        entry.told.append(said["type"])
        entry.more["seen"].add(id_)
        if state == "ready":
            entry.found = {row["sku"]: row["found"] for row in data["lines"]}
            entry.marks = {row["sku"]: tuple(row.get("marks") or ()) for row in data["lines"]}
            entry.bags = data["bags"]
        return JSONResponse({"ok": True})

    async def _list(self, request: Request) -> Response:
        if (status := self.fails()) is not None:
            return JSONResponse({"error": "not now"}, status)
        if request.headers.get("authorization") != f"Bearer {self.secrets['list_token']}":
            return JSONResponse({"error": self.refuse("no token")}, 401)
        asked = request.query_params
        since, until = (datetime.fromisoformat(asked[f"changed_{end}"]) for end in ("from", "to"))
        found = sorted(ref for ref, it in self.book.items() if since <= it.changed_at < until)
        rest = [ref for ref in found if ref > asked.get("cursor", "")]
        more = rest[PAGE - 1] if len(rest) > PAGE else None
        return JSONResponse(
            {"found": [self._order(self.book[r]) for r in rest[:PAGE]], "more": more}
        )


def _row(n: int, goods: Goods, entry: Entry) -> dict[str, Any] | None:
    """A line as ordered, or as it was found; None when nothing was."""
    ordered = goods.pieces if goods.grams is None else goods.grams
    amount = entry.found.get(goods.sku, 0) if entry.found else ordered
    shown = amount if goods.grams is None else amount / 1000
    measure = "шт" if goods.grams is None else "кг"
    row = {"row": n + 1, "article": goods.sku, "title": goods.name, "measure": measure}
    return {**row, "amount": shown, "cost": _roubles(goods.price)} if amount else None


def _wrong(entry: Entry, said: dict[str, Any]) -> str | None:
    """What is against this shop's rules in what the hub says it found."""
    if said["type"] != "order.ready":
        return None
    rows = {row["sku"]: row for row in said["data"]["lines"]}
    if (
        set(rows)
        - {goods.sku for goods in entry.basket.goods}
        - {row["sku"] for row in rows.values() if row.get("replaces")}
    ):
        return "a line that nobody ordered"
    total = sum(round(float(row["total"]) * 100) for row in rows.values())
    return None if f"{total / 100:.2f}" == said["data"]["total"] else "sums that differ"


def _roubles(kopecks: int) -> str:
    return f"{kopecks / 100:.2f}"


def _local(moment: datetime) -> str:
    return moment.astimezone(MOSCOW).replace(tzinfo=None).isoformat()
