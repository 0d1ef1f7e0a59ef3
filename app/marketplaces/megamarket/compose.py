"""What we tell MegaMarket: lots by their indexes. The token is put in when it is sent, so that
nothing that is kept has it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from app.domain.order import Line, Order
from app.marketplaces import rows, steps
from app.marketplaces.megamarket.profile import REASON, MegamarketSettings

_NOT_A_CODE: Final = re.compile(r"[^A-Za-z0-9_-]")


def compose(kind: str, order: Order, settings: MegamarketSettings) -> bytes:
    """The calls of one message."""
    return steps.write(*_STEPS[kind](order, settings))


def _confirm(order: Order, settings: MegamarketSettings) -> Sequence[steps.Step]:
    del settings
    lots = [_lot(line, row.name) for line in order.wanted() for row in rows.ordered(line)]
    return (_step("confirm", _shipment(order, lots)),)


def _pack(order: Order, settings: MegamarketSettings) -> Sequence[steps.Step]:
    """Everything that is packed; what is not is called off, lot by lot."""
    packed, missing = _sorted(order)
    found = [_step("packing", _shipment(order, _boxed(order, packed, settings)))] if packed else []
    return (*found, *_reject(order, missing))


def _call_off(order: Order, settings: MegamarketSettings) -> Sequence[steps.Step]:
    del settings
    lots = [(line, row.name) for line in order.wanted() for row in rows.ordered(line)]
    return _reject(order, lots)


def _ship(order: Order, settings: MegamarketSettings) -> Sequence[steps.Step]:
    packed, _ = _sorted(order)
    date = {"shippingDate": _moment(order)}
    lots = [lot | {"shipping": date} for lot in _boxed(order, packed, settings)]
    return (_step("shipping", _shipment(order, lots)),)


def _close(order: Order, settings: MegamarketSettings) -> Sequence[steps.Step]:
    del settings
    packed, _ = _sorted(order)
    lots = [{"itemIndex": name, "handoverResult": True} for _, name, _ in packed]
    said = _shipment(order, lots) | {"closeDate": _moment(order)}
    return (_step("close", said),)


def _sorted(order: Order) -> tuple[list[tuple[Line, str, int]], list[tuple[Line, str]]]:
    """Lots of which something was found, and the others."""
    packed, missing = [], []
    for line in order.wanted():
        if line.replaces is not None:
            continue  # it is no lot of theirs
        for row, amount in rows.found(line):
            if amount > 0:
                packed.append((line, row.name, min(amount, row.amount)))
            else:
                missing.append((line, row.name))
    return packed, missing


def _boxed(
    order: Order, packed: Sequence[tuple[Line, str, int]], settings: MegamarketSettings
) -> list[dict[str, Any]]:
    """Lots dealt out to as many boxes as there are bags: no box is empty, each has a code."""
    code, boxes = _code(order), min(order.bag_count or 1, len(packed))
    dealt = [(n % boxes + 1, name, amount) for n, (_, name, amount) in enumerate(packed)]
    return [
        {
            "itemIndex": name,
            "quantity": amount,
            "boxes": [{"boxIndex": box, "boxCode": f"{settings.merchant_id}*{code}*{box}"}],
        }
        for box, name, amount in dealt
    ]


def _reject(order: Order, lots: Sequence[tuple[Line, str]]) -> Sequence[steps.Step]:
    if not lots:
        return ()
    said = _shipment(order, [_lot(line, name) for line, name in lots])
    return (_step("reject", said | {"reason": {"type": REASON, "comment": ""}}),)


def _lot(line: Line, name: str) -> dict[str, Any]:
    return {"itemIndex": name, "offerId": line.external_id}


def _shipment(order: Order, lots: list[dict[str, Any]]) -> dict[str, Any]:
    about = {"shipmentId": order.external_id, "orderCode": _code(order), "items": lots}
    return {"shipments": [about]}


def _code(order: Order) -> str:
    """Our number there: Latin letters, digits, _ and - only."""
    return _NOT_A_CODE.sub("-", order.number)


def _moment(order: Order) -> str:
    moment: datetime = order.since or order.due_at
    return moment.isoformat(timespec="seconds")


def _step(path: str, data: dict[str, Any]) -> steps.Step:
    return steps.Step("POST", f"/order/{path}", data)


_STEPS: Final = {
    "accepted": _confirm,
    "ready": _pack,
    "cancelled": _call_off,
    "handed_over": _ship,
    "delivered": _close,
}
