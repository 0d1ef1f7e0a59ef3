"""What the stand-in's Admin API answers, and what it does not put up with."""

from __future__ import annotations

import re
from typing import Any, Final, Protocol

from app.marketplaces.shopify.stand_in.book import current, line_id
from app.sandbox.stall import Entry, Told
from app.sandbox.world import World

SHOP: Final = "hub-test.myshopify.com"


class Shop(Protocol):
    """The shop as its API sees it."""

    world: World
    more_lines: bool

    def entry_of(self, gid: str) -> Entry | None:
        """The order with a global id."""

    def refuse(self, why: str) -> str:
        """Keep why a call was against the rules."""

    async def announce(self, entry: Entry, what: str) -> Told | None:
        """Tell the hub."""

    async def edited(self, entry: Entry) -> None:
        """The hub hears of its own edits, too."""


def throttled() -> dict[str, Any]:
    """It is asked too much at once."""
    status = {"maximumAvailable": 2000.0, "currentlyAvailable": 0.0, "restoreRate": 100.0}
    return {
        "errors": [{"message": "Throttled", "extensions": {"code": "THROTTLED"}}],
        "extensions": {"cost": {"requestedQueryCost": 50, "throttleStatus": status}},
    }


def _wrong(stall: Shop, field: str, why: str, name: str = "userErrors") -> dict[str, Any]:
    return {"data": {field: {name: [{"field": None, "message": stall.refuse(why)}]}}}


async def _shop(_stall: Shop, _asked: dict[str, Any]) -> dict[str, Any]:
    return {"data": {"shop": {"myshopifyDomain": SHOP}}}


async def _tag(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    entry = stall.entry_of(asked["id"])
    if entry is None:
        return _wrong(stall, "tagsAdd", "Order does not exist")
    tags = entry.more.setdefault("tags", [])
    tags += [tag for tag in asked["tags"] if tag not in tags]
    entry.told += asked["tags"]
    if "picking" in tags and entry.state == "placed":
        entry.state = "picking"
    if "packed" in tags and entry.state in ("placed", "picking"):
        entry.state = "ready"
        entry.found = {goods.sku: current(entry, goods) for goods in entry.basket.goods}
    await stall.edited(entry)
    return {"data": {"tagsAdd": {"userErrors": []}}}


async def _begin(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    """An order that is called off or sent takes no edit."""
    entry = stall.entry_of(asked["id"])
    if entry is None or entry.state in ("cancelled", "taken", "delivered"):
        return _wrong(stall, "orderEditBegin", "The order cannot be edited")
    entry.more["edit"] = {}
    lines = [
        {
            "id": f"gid://shopify/CalculatedLineItem/{line_id(entry, n)}",
            "sku": goods.sku,
            "quantity": current(entry, goods),
            "variant": {"id": f"gid://shopify/ProductVariant/{int(goods.sku) + 40_000_000}"},
        }
        for n, goods in enumerate(entry.basket.goods)
    ]
    ordered = {goods.sku for goods in entry.basket.goods}
    for n, (sku, count) in enumerate(sorted(entry.found.items())):
        if sku not in ordered:
            row = {"id": f"gid://shopify/CalculatedLineItem/9{n}", "sku": sku, "quantity": count}
            lines.append(row)
    shown = {"nodes": lines, "pageInfo": {"hasNextPage": stall.more_lines}}
    order = {"id": f"gid://shopify/CalculatedOrder/{entry.ref}", "lineItems": shown}
    return {"data": {"orderEditBegin": {"calculatedOrder": order, "userErrors": []}}}


async def _set(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    entry = stall.entry_of(asked["id"])
    line = asked["line"].rpartition("/")[2]
    skus = {line_id(entry, n): it.sku for n, it in enumerate(entry.basket.goods)} if entry else {}
    if entry is None or line not in skus or asked["quantity"] < 0 or "edit" not in entry.more:
        return _wrong(stall, "orderEditSetQuantity", "The line item does not exist")
    entry.more["edit"][skus[line]] = asked["quantity"]
    return {"data": {"orderEditSetQuantity": {"userErrors": []}}}


async def _variants(_stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    found = re.fullmatch(r"sku:'(\d+)'", asked["wanted"])
    known = [{"id": f"gid://shopify/ProductVariant/{found[1]}", "sku": found[1]}] if found else []
    return {"data": {"productVariants": {"nodes": known}}}


async def _add(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    entry = stall.entry_of(asked["id"])
    if entry is None or asked["quantity"] < 1 or "edit" not in entry.more:
        return _wrong(stall, "orderEditAddVariant", "Quantity must be greater than 0")
    entry.more["edit"][asked["variant"].rpartition("/")[2]] = asked["quantity"]
    return {"data": {"orderEditAddVariant": {"userErrors": []}}}


async def _commit(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    entry = stall.entry_of(asked["id"])
    if entry is None or not entry.more.get("edit"):
        return _wrong(stall, "orderEditCommit", "There are no staged changes")
    base = {goods.sku: current(entry, goods) for goods in entry.basket.goods}
    entry.found = base | entry.found | entry.more.pop("edit")
    await stall.edited(entry)
    return {"data": {"orderEditCommit": {"userErrors": []}}}


async def _parts(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    """What nobody said otherwise of (`parts`: statuses of its parts) is all of it in one."""
    entry = stall.entry_of(asked["id"])
    if entry is None:
        return {"data": {"order": None}}
    done = entry.state in ("taken", "delivered", "cancelled")
    statuses = entry.more.get("parts", ["CLOSED" if done else "OPEN"])
    part = {"id": asked["id"].replace("/Order/", "/FulfillmentOrder/")}
    nodes = [part | {"status": status} for status in statuses]
    return {"data": {"order": {"fulfillmentOrders": {"nodes": nodes}}}}


async def _fulfil(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    [part] = asked["fulfillment"]["lineItemsByFulfillmentOrder"]
    entry = stall.entry_of(part["fulfillmentOrderId"])
    if entry is None or entry.state not in ("placed", "accepted", "picking", "ready"):
        return _wrong(stall, "fulfillmentCreate", "Fulfillment order is closed")
    if "parts" in entry.more:
        entry.more["parts"].remove("OPEN")
        entry.more["parts"].append("CLOSED")
    if {*entry.more.get("parts", ())} - {"CLOSED"}:
        return {"data": {"fulfillmentCreate": {"userErrors": []}}}
    entry.state, entry.changed_at = "taken", stall.world.clock()
    await stall.announce(entry, "taken")
    return {"data": {"fulfillmentCreate": {"userErrors": []}}}


async def _parcels(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    entry = stall.entry_of(asked["id"])
    found = []
    if entry is not None and entry.state in ("taken", "delivered"):
        status = "DELIVERED" if entry.state == "delivered" else "FULFILLED"
        found = [{"id": asked["id"].replace("/Order/", "/Fulfillment/"), "displayStatus": status}]
    return {"data": {"order": {"fulfillments": found}}}


async def _event(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    entry = stall.entry_of(asked["event"]["fulfillmentId"])
    if entry is None or entry.state != "taken":
        return _wrong(stall, "fulfillmentEventCreate", "Fulfillment does not exist")
    entry.state, entry.changed_at = "delivered", stall.world.clock()
    await stall.announce(entry, "delivered")
    return {"data": {"fulfillmentEventCreate": {"userErrors": []}}}


async def _cancelled(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    entry = stall.entry_of(asked["id"])
    off = entry is not None and entry.state == "cancelled"
    return {"data": {"order": {"cancelledAt": "2026-03-02T10:00:00Z" if off else None}}}


async def _cancel(stall: Shop, asked: dict[str, Any]) -> dict[str, Any]:
    """What was called off already, or sent, cannot be."""
    entry = stall.entry_of(asked["id"])
    if entry is None or entry.state in ("cancelled", "taken", "delivered"):
        return _wrong(stall, "orderCancel", "Cannot cancel the order", "orderCancelUserErrors")
    entry.state, entry.changed_at = "cancelled", stall.world.clock()
    entry.more["reason"] = asked["reason"].lower()
    await stall.announce(entry, "cancelled")
    return {"data": {"orderCancel": {"job": {"id": "1"}, "orderCancelUserErrors": []}}}


ANSWERS: Final[dict[str, Any]] = {
    "shop": _shop, "tagsAdd": _tag, "orderEditBegin": _begin, "orderEditSetQuantity": _set,
    "productVariants": _variants, "orderEditAddVariant": _add, "orderEditCommit": _commit,
    "fulfillmentOrders": _parts, "fulfillmentCreate": _fulfil, "fulfillments": _parcels,
    "fulfillmentEventCreate": _event, "cancelled": _cancelled, "orderCancel": _cancel,
}  # fmt: skip
