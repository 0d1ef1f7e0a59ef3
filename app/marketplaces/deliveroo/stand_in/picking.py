"""Orders of the stand-in for Deliveroo, and its rules for those who pick them."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from app.sandbox.stall import Entry, Goods

UNKNOWN: Final = "no such call"
REASONS: Final = ("INGREDIENT_UNAVAILABLE", "CLOSING_EARLY", "BUSY", "OTHER")
STAGES: Final = ("in_kitchen", "ready_for_collection_soon", "ready_for_collection", "collected")
STATUS: Final = {
    "placed": "placed", "picking": "placed", "accepted": "accepted", "ready": "accepted",
    "taken": "accepted", "delivered": "delivered", "cancelled": "canceled",
}  # fmt: skip


def status(entry: Entry) -> str:
    """Its word: an order is placed until it is picked and accepted."""
    return STATUS[entry.state]


def log(entry: Entry, word: str, now: datetime) -> None:
    """Note a status."""
    entry.more.setdefault("log", []).append({"at": now.isoformat(), "status": word})


def order(entry: Entry) -> dict[str, Any]:
    """An order as webhooks and lists show it."""
    past = entry.more.get("log", [])
    items = rows(entry)
    goods = {each.sku: each for each in entry.basket.goods}
    shown = [_item(row, goods[row["sku"]]) for row in items if row["quantity"]]
    total = sum(each["total_price"]["fractional"] for each in shown)
    return {
        "id": entry.ref, "order_number": entry.ref[-8:], "display_id": entry.ref[-4:],
        "location_id": entry.basket.store, "brand_id": "brand-1", "asap": True,
        "status": past[-1]["status"] if past else status(entry), "status_log": past,
        "fulfillment_type": "deliveroo", "order_notes": entry.basket.comment,
        "prepare_for": (entry.placed_at + timedelta(hours=1)).isoformat(),
        "subtotal": _money(total), "partner_order_subtotal": _money(total),
        "offer_discount": _money(0), "items": shown,
        "archived_items": entry.more.get("archived", []),
    }  # fmt: skip


def rows(entry: Entry) -> list[dict[str, Any]]:
    """The rows as they are now; what is amended has another id."""
    first = [
        {"id": f"item-{n}-{entry.ref[-8:]}", "sku": goods.sku, "quantity": goods.pieces}
        for n, goods in enumerate(entry.basket.goods)
    ]
    kept: list[dict[str, Any]] = entry.more.setdefault("rows", first)
    return kept


def wrong(entry: Entry, verb: str, said: dict[str, Any]) -> str:
    """What is against the rules; "" for nothing."""
    if verb not in _RULES:
        return UNKNOWN
    where, rule = _RULES[verb]
    if entry.state not in where:
        return f"the order is {entry.state}"
    return rule(entry, said)


def take(entry: Entry, verb: str, said: dict[str, Any]) -> bool:
    """Do what a call says; whether the status is another one now."""
    if verb == "amend":
        for one in said["item_amendments"]:
            _amend(entry, one)
    elif verb == "start_picking":
        entry.state = "picking"
    elif verb == "accept":
        entry.state = "accepted"
        for row in rows(entry):
            entry.found[row["sku"]] = entry.found.get(row["sku"], 0) + row["quantity"]
        for goods in entry.basket.goods:
            entry.found.setdefault(goods.sku, 0)
    elif verb == "prep_stage" and said["stage"] == "ready_for_collection":
        entry.state = "ready"
    return verb == "accept"


def substitute(entry: Entry, goods: Goods) -> dict[str, Any]:
    """Goods that may stand for others, in this order."""
    return {
        "substitution_id": f"sub-{goods.sku}{_of(entry)}", "plu": goods.sku, "quantity": 99,
        "category": "", "name": goods.name, "operational_name": goods.name, "price": goods.price,
    }  # fmt: skip


def _of(entry: Entry) -> str:
    return f"-{entry.ref[-8:]}"


def _amend(entry: Entry, one: dict[str, Any]) -> None:
    """The row is archived, another one stands for it."""
    kept = rows(entry)
    old = next(row for row in kept if row["id"] == one["amends"]["id"])
    kept.remove(old)
    entry.more.setdefault("archived", []).append({**old, "amends": None})
    if "substitution_id" in one:
        entry.more.setdefault("substituted", {})[old["sku"]] = one
    elif one["final_quantity"]:
        kept.append({**old, "id": f"{old['id']}-2", "quantity": one["final_quantity"]})
    entry.more.setdefault("amended", set()).update({old["id"], f"{old['id']}-2"})


def _amendments(entry: Entry, said: dict[str, Any]) -> str:
    known = {row["id"]: row for row in rows(entry)}
    changes = said.get("item_amendments")
    if not changes:
        return "no amendments"
    ids = [one.get("amends", {}).get("id") for one in changes]
    if len(set(ids)) != len(ids) or entry.more.get("amended", set()) & set(ids):
        return "an item is amended once"
    return next(filter(None, (_amendment(entry, known, one) for one in changes)), "")


def _amendment(entry: Entry, known: dict[str, dict[str, Any]], one: dict[str, Any]) -> str:
    row, final = known.get(one["amends"]["id"]), one.get("final_quantity")
    if row is None or row["quantity"] != one["amends"].get("quantity"):
        return f"no such item: {one['amends']}"
    if not isinstance(final, int) or final < 0:
        return "no final_quantity"
    if "substitution_id" not in one:
        return "final_quantity is less than the original" if final >= row["quantity"] else ""
    its_own = one["substitution_id"].endswith(_of(entry))
    return "" if its_own else f"no such substitute: {one['substitution_id']}"


def _reason(_entry: Entry, said: dict[str, Any]) -> str:
    return "" if said.get("reject_reason") in REASONS else "no reject_reason"


def _sync(_entry: Entry, said: dict[str, Any]) -> str:
    datetime.fromisoformat(said.get("occurred_at", ""))
    return "" if said.get("status") in ("succeeded", "failed") else "no status"


def _stage(_entry: Entry, said: dict[str, Any]) -> str:
    datetime.fromisoformat(said.get("occurred_at", ""))
    return "" if said.get("stage") in STAGES else "no stage"


def _nothing(_entry: Entry, _said: dict[str, Any]) -> str:
    return ""


#: In which states of ours a call may be made, and what it must say.
_RULES: Final = {
    "sync_status": (tuple(STATUS), _sync),
    "start_picking": (("placed",), _nothing),
    "amend": (("placed", "picking"), _amendments),
    "accept": (("placed", "picking"), _nothing),
    "reject": (("placed", "picking"), _reason),
    "prep_stage": (("accepted",), _stage),
}


def _item(row: dict[str, Any], goods: Goods) -> dict[str, Any]:
    return {
        "id": row["id"], "pos_item_id": goods.sku, "name": goods.name,
        "operational_name": goods.name, "unit_price": _money(goods.price),
        "total_price": _money(goods.price * row["quantity"]), "quantity": row["quantity"],
        "modifiers": [],
    }  # fmt: skip


def _money(pence: int) -> dict[str, Any]:
    return {"fractional": pence, "currency_code": "GBP"}
