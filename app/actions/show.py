"""Everything known of one order, in one piece: what an operator looks at first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from asyncpg import Record

from app.db import documents, incidents, orders, outbox, picks, timeline
from app.db.conn import Conn
from app.domain.order import Line, Order
from app.domain.pick_job import PickJob
from app.render.document_json import document_json


async def show(conn: Conn, order_id: UUID) -> dict[str, Any]:
    """The order as JSON-able values; money in kopecks, weights in grams, no personal data."""
    order = await orders.read(conn, order_id)
    assert order is not None  # the id comes from find_id
    names = await orders.names(conn, order_id)
    claims = await picks.claims(conn, order_id)
    messages, attempts = await outbox.of_order(conn, order_id)
    issued = [
        document_json(document)
        for document in await documents.read(conn, await documents.of_order(conn, order_id))
    ]
    return {
        **_order(order),
        **dict(names),
        "picker": _job(claims.jobs[0] if claims.jobs else PickJob()),
        "zones": [_job(job) for job in claims.jobs if job.zone],
        "lines": [_line(line) for line in order.lines],
        "timeline": _rows(await timeline.read(conn, order_id)),
        "messages": _rows(messages),
        "attempts": _rows(attempts),
        "documents": issued,
        "incidents": _rows(await incidents.of_order(conn, order_id)),
    }


def _order(order: Order) -> dict[str, Any]:
    return {
        "id": order.id,
        "number": order.number,
        "external_id": order.external_id,
        "state": order.state,
        "version": order.version,
        "due_at": order.due_at,
        "delivery_from": order.delivery_from,
        "delivery_to": order.delivery_to,
        "replacement_policy": order.replacement,
        "comment": order.comment,
        "courier": order.courier,
        "implied": order.implied,
        "cancelled_by": order.cancelled_by,
        "cancel_reason": order.cancel_reason,
        "payment": {"paid": order.paid, "methods": order.payment_methods},
        "totals": {
            "currency": order.currency,
            "requested": order.requested_total,
            "final": order.final_total,
            "paid": order.paid_total,
            "delivery_fee": order.delivery_fee,
            "discount": order.discount,
        },
        "trace_id": order.trace_id,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "position": line.position,
        "sku": line.external_id,
        "name": line.name,
        "unit": line.unit,
        "unit_grams": line.unit_grams,
        "price": line.price,
        "list_price": line.list_price,
        "vat": line.vat,
        "requested_pieces": line.requested_pieces,
        "requested_grams": line.requested_grams,
        "picked_pieces": line.picked_pieces,
        "picked_grams": line.picked_grams,
        "state": line.state,
        "reason": line.reason,
        "replaces": line.replaces,
        "decide_by": line.decide_by,
        "marks": line.marks,
        "total": line.total(),
    }


def _job(job: PickJob) -> dict[str, Any]:
    zone = {"zone": job.zone} if job.zone else {}
    return {"state": job.state, "badge": job.badge, "lease_until": job.lease_until, **zone}


def _rows(rows: Iterable[Record]) -> list[dict[str, Any]]:
    return [dict(row) for row in rows]
