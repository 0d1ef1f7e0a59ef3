"""What Yandex Eats reads of an order: how far it is, and what is in it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from app.contract import Account, Question, Reply
from app.domain.order import Line, LineState, Order
from app.marketplaces.account import settings_of
from app.marketplaces.yandex_eats.profile import (
    CANCELLED,
    REASON_OF,
    REASONS,
    STATUS_OF,
    YandexEatsSettings,
)
from app.marketplaces.yandex_eats.server import STATUS, error, json


def answer(account: Account, question: Question, order: Order | None) -> Reply:
    """404 for an order that never came."""
    if order is None:
        return error(404, "no such order")
    if question.what == STATUS:
        return json(200, status(order))
    return json(200, composition(order, settings_of(account, YandexEatsSettings)))


def status(order: Order) -> dict[str, Any]:
    """How far it is, and since when."""
    said: dict[str, Any] = {"status": STATUS_OF[order.state]}
    bags = order.bag_count or len(order.live_bags())
    if bags:
        said["packagesCount"] = bags
    if said["status"] == CANCELLED:
        said["reason"] = _reason(order)
    if order.since is not None:
        said["updatedAt"] = _moment(order.since)
    return said


def composition(order: Order, settings: YandexEatsSettings) -> dict[str, Any]:
    """What was found, and of the rest what was ordered; a line that is left out is none."""
    items = [_item(line) for line in order.wanted() if _counts(line)]
    found = [item for item in items if item["quantity"]]
    said: dict[str, Any] = {
        "discriminator": "pickup" if order.pickup else order.external_uuid or settings.delivery,
        "eatsId": order.external_id,
        "items": list(_each_once(found)),
    }
    if said["discriminator"] == "marketplace":
        said["deliveryInfo"] = {"deliveryDate": _moment(order.delivery_to or order.due_at)}
    return said


def _each_once(items: Iterable[dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """What was ordered and also stands for something else is one item, as long as it costs the
    same."""
    known: dict[tuple[str, float], dict[str, Any]] = {}
    for item in items:
        same = known.setdefault((item["id"], item["price"]), item)
        if same is not item:
            same["quantity"] = round(same["quantity"] + item["quantity"], 6)
            marks = [*same.get("marking", ()), *item.get("marking", ())]
            same |= {"marking": marks} if marks else {}
    return known.values()


def _counts(line: Line) -> bool:
    """Offered replacements are not in the order yet, replaced lines not any more."""
    offered = line.state is LineState.PROPOSED and line.replaces is not None
    return not offered and line.state not in (LineState.DROPPED, LineState.REPLACED)


def _item(line: Line) -> dict[str, Any]:
    item = {
        "id": line.external_id,
        "name": line.name,
        "quantity": _quantity(line),
        "price": line.price / 100,
    }
    if line.list_price is not None:
        item["originPrice"] = line.list_price / 100
    if line.marks:
        item["marking"] = [_mark(line, code) for code in line.marks]
    return item


def _quantity(line: Line) -> float:
    """Pieces, or measures of weighed goods: 1040 grams of goods by the kilogram are 1.04."""
    found = line.state in (LineState.PICKED, LineState.SHORT)
    if line.unit_grams is not None:
        grams = (line.picked_grams if found else line.requested_grams) or 0
        return round(grams / line.unit_grams, 6)
    return (line.picked_pieces if found else line.requested_pieces) or 0


def _mark(line: Line, code: str) -> dict[str, Any]:
    """A code as it was scanned, GS included; a part of it; the check that let it pass."""
    use = line.mark_use(code)
    mark: dict[str, Any] = {"datamatrix": code, "quantity": use.part / 1000}
    if use.check_id is not None and use.checked_at is not None:
        checked = use.checked_at.isoformat(" ", "microseconds")
        mark["gisMarkCheck"] = {"id": use.check_id, "datetime": checked}
    return mark


def _reason(order: Order) -> str:
    word = order.cancel_reason or ""
    if word in REASONS:
        return word
    ours = order.cancelled_by != "marketplace"
    return REASON_OF.get(word, "place.some_other_reason" if ours else "other")


def _moment(moment: datetime) -> str:
    """RFC 3339 with microseconds."""
    return moment.isoformat(timespec="microseconds")
