"""What the stand-in for DoorDash shows of an order, and what it reads of tokens and adjustments."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import datetime, timedelta
from typing import Any, Final

from starlette.responses import JSONResponse, Response

from app.sandbox.stall import Entry, Goods

KINDS: Final = ("ITEM_UPDATE", "ITEM_REMOVE", "ITEM_SUBSTITUTE")
OTHER: Final = {"name", "merchant_supplied_id", "price", "quantity"}


def event(kind: str, now: datetime) -> dict[str, Any]:
    """The head of an event."""
    return {"event": {"type": kind, "event_time": now.isoformat()}}


def rows(entry: Entry) -> list[dict[str, Any]]:
    """The rows as they are now: pieces or grams found, "" or what stands for them."""
    first = [
        {"id": f"{entry.ref[:8]}-line-{n}", "sku": goods.sku, "goods": goods,
         "found": goods.pieces if goods.grams is None else goods.grams, "gone": False}
        for n, goods in enumerate(entry.basket.goods)
    ]  # fmt: skip
    kept: list[dict[str, Any]] = entry.more.setdefault("rows", first)
    return kept


def order(entry: Entry) -> dict[str, Any]:
    """An order as webhooks show it."""
    live = [row for row in rows(entry) if not row["gone"]]
    cost = sum(_cost(row["goods"], row["found"]) for row in live)
    return {
        "id": entry.ref, "subtotal": cost, "tax": 0, "is_pickup": False, "currency": "USD",
        "estimated_pickup_time": (entry.placed_at + timedelta(hours=1)).isoformat(),
        "order_special_instructions": entry.basket.comment,
        "store": {"merchant_supplied_id": entry.basket.store, "provider_type": "us"},
        "consumer": {"first_name": "Test", "last_name": "T"},
        "categories": [{"name": "All", "items": [_item(row) for row in live]}],
    }  # fmt: skip


def wrong(entry: Entry, items: list[dict[str, Any]]) -> str:
    """What is against the rules in an adjustment; "" for nothing."""
    live = {row["id"]: row for row in rows(entry) if not row["gone"]}
    if not items:
        return "no items"
    for item in items:
        row, kind = live.get(item.get("line_item_id", "")), item.get("adjustment_type")
        if row is None:
            return f"no such line_item_id: {item.get('line_item_id')}"
        if kind not in KINDS:
            return f"adjustment_type {kind}"
        if kind == "ITEM_SUBSTITUTE" and set(item.get("substituted_item", {})) != OTHER:
            return "substituted_item needs name, merchant_supplied_id, price, quantity"
        if kind == "ITEM_UPDATE" and _amount(row["goods"], item) <= 0:
            return "ITEM_UPDATE needs a quantity, and a weight of what is measured"
    return ""


def adjust(entry: Entry, items: list[dict[str, Any]]) -> None:
    """Do what an adjustment says. The only item in a cart is not taken out: that is OK and nothing
    happens."""
    kept = {row["id"]: row for row in rows(entry)}
    for item in items:
        row = kept[item["line_item_id"]]
        alone = sum(not each["gone"] for each in kept.values()) == 1
        if item["adjustment_type"] == "ITEM_UPDATE":
            row["found"] = _amount(row["goods"], item)
        elif not (alone and item["adjustment_type"] == "ITEM_REMOVE"):
            row.update(found=0, gone=True, other=item.get("substituted_item"))
    entry.found = {row["sku"]: row["found"] for row in kept.values()}


def wrong_token(token: str, secret: str, now: datetime) -> str:
    """What is wrong with a JWT; "" for nothing."""
    head, _, rest = token.partition(".")
    body, _, given = rest.partition(".")
    digest = hmac.new(_bytes(secret), f"{head}.{body}".encode(), hashlib.sha256).digest()
    if not given or not hmac.compare_digest(digest, _bytes(given)):
        return "signature"
    said, claims = json.loads(_bytes(head)), json.loads(_bytes(body))
    if (said.get("alg"), said.get("dd-ver")) != ("HS256", "DD-JWT-V1"):
        return "header"
    if (claims["aud"], claims["iss"], claims["kid"]) != ("doordash", "developer-1", "key-1"):
        return "claims"
    live = now.timestamp() < claims["exp"] <= claims["iat"] + 1800
    return "" if live else "exp"


def error(status: int, message: str) -> Response:
    """DoorDash's shape of an error."""
    return JSONResponse({"code": "error", "message": message}, status)


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _amount(goods: Goods, item: dict[str, Any]) -> int:
    if goods.grams is None:
        return int(item.get("quantity", 0))
    measured = item.get("measured_quantity", {})
    return int(0.5 + measured.get("quantity", 0) * {"kg": 1000}.get(measured.get("unit"), 0))


def _cost(goods: Goods, amount: int) -> int:
    if goods.grams is None:
        return goods.price * amount
    return (2 * goods.price * amount + goods.unit_grams) // (2 * goods.unit_grams)


def _item(row: dict[str, Any]) -> dict[str, Any]:
    goods: Goods = row["goods"]
    item = {
        "line_item_id": row["id"], "merchant_supplied_id": goods.sku, "name": goods.name,
        "price": goods.price, "quantity": row["found"], "purchase_type": "UNIT",
        "extras": [], "substitution_preferences": {"out_of_stock_preference": "contact"},
    }  # fmt: skip
    if goods.grams is None:
        return item
    weight = {"quantity": row["found"] / 1000, "unit": "kg"}
    return item | {"quantity": 1, "purchase_type": "MEASUREMENT", "requested_quantity": weight}
