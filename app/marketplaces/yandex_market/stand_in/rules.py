"""What Yandex Market keeps to: where orders stand, what boxes may change, how orders look."""

from __future__ import annotations

from datetime import timedelta, timezone
from typing import Any, Final

from app.sandbox.stall import Entry

ZONE: Final = timezone(timedelta(hours=3))


def stand(entry: Entry) -> tuple[str, str]:
    """Status and stage."""
    status, stage = entry.more.get("status", ("PROCESSING", "STARTED"))
    return status, stage


def counts(entry: Entry) -> dict[str, int]:
    """Pieces that are in the order."""
    ordered = {goods.sku: goods.pieces for goods in entry.basket.goods}
    return {**ordered, **entry.more.get("counts", {})}


def wrong(entry: Entry, said: dict[str, Any]) -> str | None:
    """What is against the rules in boxes."""
    if stand(entry) != ("PROCESSING", "STARTED"):
        return f"boxes after {stand(entry)}"
    items = [item for box in said["boxes"] for item in box["items"]]
    ordered, before = entry.basket.goods, counts(entry)
    kept = dict.fromkeys(range(1, len(ordered) + 1), 0)
    for item in items:
        if item["id"] not in kept or item.get("fullCount", 0) < 1:
            return f"no such item: {item}"
        kept[item["id"]] += item["fullCount"]
    if any(kept[n + 1] > before[goods.sku] for n, goods in enumerate(ordered)):
        return "an order cannot grow"
    gone = [(goods, before[goods.sku] - kept[n + 1]) for n, goods in enumerate(ordered)]
    if any(pieces for _, pieces in gone) and not said.get("allowRemove"):
        return "allowRemove is not said"
    whole = sum(goods.price * before[goods.sku] for goods in ordered)
    if not items or sum(goods.price * pieces for goods, pieces in gone) * 100 >= whole * 99:
        return "99 % of an order cannot be removed: cancel it"
    return None


def order(entry: Entry) -> dict[str, Any]:
    """An order as POST v1/businesses/{id}/orders shows it."""
    status, stage = stand(entry)
    ready_by = (entry.placed_at + timedelta(hours=1)).astimezone(ZONE)
    kept = counts(entry)
    left = [(n, goods) for n, goods in enumerate(entry.basket.goods, 1) if kept[goods.sku]]
    return {
        "orderId": int(entry.ref),
        "campaignId": int(entry.basket.store),
        "programType": "EXPRESS",
        "status": status,
        "substatus": stage,
        "creationDate": entry.placed_at.isoformat(),
        "updateDate": entry.changed_at.isoformat(),
        "paymentType": "PREPAID",
        "paymentMethod": "YANDEX",
        "fake": False,
        "items": [_item(n, goods.sku, goods.price * kept[goods.sku], kept[goods.sku])
                  for n, goods in left],
        "delivery": {"type": "DELIVERY", "shipment": {
            "shipmentDate": f"{ready_by:%Y-%m-%d}", "shipmentTime": f"{ready_by:%H:%M}"}},
        "notes": entry.basket.comment,
    }  # fmt: skip


def _item(n: int, sku: str, cost: int, count: int) -> dict[str, Any]:
    points = cost // 10 if count > 1 else 0
    return {
        "id": n, "offerId": sku, "offerName": f"Товар {sku}", "count": count,
        "prices": {"payment": {"value": (cost - points) / 100, "currencyId": "RUR"},
                   "cashback": {"value": points / 100, "currencyId": "RUR"}},
    }  # fmt: skip
