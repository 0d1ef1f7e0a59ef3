"""The workbench: `_control` sets faults, `_state` shows all, `_orders` makes and moves orders.

Loopback only, no authentication: this is a test bench.
"""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from typing import Any, Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from app.sandbox.answers import Ascii
from app.sandbox.kuper.shipment import Item, Received, Shipment, Webhook
from app.sandbox.kuper.stand_in import StandIn
from app.sandbox.kuper.wishes import Wish, place

ANSWER_WITHIN: Final = 10.0  #: seconds to wait for the hub's first answer
SHOWN: Final = 100  #: shipments shown unless `limit` says more


class Happening(msgspec.Struct, forbid_unknown_fields=True):
    """An event to send: `change` also alters the composition, `payload` adds or replaces fields."""

    event: str
    payload: dict[str, Any] = {}
    wait: bool = True


async def control(request: Request) -> Response:
    """`POST /_control`: change switches (see `Switches`); GET shows them."""
    stand_in: StandIn = request.app.state.stand_in
    if request.method == "POST":
        try:
            changes = msgspec.json.decode(await request.body(), type=dict[str, Any])
            if changes.pop("revoke_tokens", False):
                stand_in.tokens.revoke()
            stand_in.switches = stand_in.switches.with_changes(changes)
        except msgspec.DecodeError as error:
            return Ascii({"error": str(error)}, status_code=400)
    return Ascii(msgspec.to_builtins(stand_in.switches))


async def state(request: Request) -> Response:
    """`GET /_state?order=…&limit=…`: counts, refusals and the newest shipments, newest first."""
    stand_in: StandIn = request.app.state.stand_in
    wanted = request.query_params.get("order")
    if wanted is not None:
        shipment = stand_in.book.find(wanted)
        return Ascii(describe(shipment)) if shipment else _no_such_order()
    limit = request.query_params.get("limit", "")
    newest = list(stand_in.book)[: -1 - (int(limit) if limit.isdecimal() else SHOWN) : -1]
    return Ascii(
        {
            "counts": dict(stand_in.dials.counts),
            "refusals": list(stand_in.dials.refusals),
            "switches": msgspec.to_builtins(stand_in.switches),
            "known": len(stand_in.book),
            "shipments": [describe(shipment) for shipment in newest],
        }
    )


async def create(request: Request) -> Response:
    """`POST /_orders`: place one order as wished (see `Wish`); answers after the hub did."""
    stand_in: StandIn = request.app.state.stand_in
    try:
        wish = msgspec.json.decode(await request.body() or b"{}", type=Wish)
        shipment, webhook = place(stand_in, wish)
    except (msgspec.DecodeError, ValueError) as error:
        return Ascii({"error": str(error)}, status_code=400)
    if wish.wait:
        await _first_answer(webhook)
    return Ascii(
        {
            "originalOrderId": shipment.order_id,
            "orderUUID": shipment.payload["orderUUID"],
            "webhook": _webhook(webhook),
        },
        status_code=201,
    )


async def happen(request: Request) -> Response:
    """`POST /_orders/{id}/events`: send an event now; the order plays by itself no more."""
    stand_in: StandIn = request.app.state.stand_in
    shipment = stand_in.book.find(request.path_params["order_id"])
    if shipment is None:
        return _no_such_order()
    try:
        wanted = msgspec.json.decode(await request.body(), type=Happening)
    except msgspec.DecodeError as error:
        return Ascii({"error": str(error)}, status_code=400)
    shipment.plays = False
    life = stand_in.life
    if wanted.event in ("order.changed", "order.updated") and not wanted.payload:
        webhook = life.change(shipment, wanted.event)
    else:
        webhook = life.say(shipment, wanted.event, wanted.payload)
    if wanted.wait:
        await _first_answer(webhook)
    return Ascii({"state": shipment.state, "webhook": _webhook(webhook)})


def describe(shipment: Shipment) -> dict[str, Any]:
    """Show one shipment whole: state, items, what the hub said, what it was told."""
    return {
        "originalOrderId": shipment.order_id,
        "orderUUID": shipment.payload["orderUUID"],
        "number": shipment.number,
        "account": shipment.account,
        "integration": shipment.integration,
        "state": shipment.state,
        "paymentState": shipment.payment_state,
        "plays": shipment.plays,
        "payload": shipment.payload,
        "items": [_item(item) for item in shipment.items.values()],
        "notifications": [_received(row) for row in shipment.received],
        "webhooks": [_webhook(row) for row in shipment.webhooks],
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        "id": item.product.sku,
        "name": item.product.name,
        "kind": item.product.kind,
        "state": item.state,
        "quantity": item.quantity,
        "grams": item.grams,
        "price": item.price,
        "discount_price": item.discount_price,
        "replaced_by": item.replaced_by,
        "marks": item.marks,
    }


def _received(row: Received) -> dict[str, Any]:
    return asdict(row) | {"at": row.at.isoformat()}


def _webhook(webhook: Webhook) -> dict[str, Any]:
    return {
        "event_type": webhook.event_type,
        "outcome": webhook.outcome,
        "attempts": webhook.attempts,
        "status": webhook.status,
        "answer": webhook.answer,
        "body": webhook.body.decode(),
    }


async def _first_answer(webhook: Webhook) -> None:
    """Wait until the hub answered once, or give up waiting quietly: the answer shows which."""
    try:
        await asyncio.wait_for(webhook.answered.wait(), ANSWER_WITHIN)
    except TimeoutError:
        return


def _no_such_order() -> Response:
    return Ascii({"error": "no such order (or forgotten by now)"}, status_code=404)
