"""What СМ wants to hear: 200, and for `order.created` our number and when we shall be done."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any

import msgspec

from app.errors import Malformed
from app.marketplaces.json_body import decode
from app.marketplaces.kuper import codes
from app.marketplaces.kuper.parse import DEFAULT_ASSEMBLY, Id, Moment, order_ref
from app.ports import Delivery, Glimpse, Reply


class _Payload(msgspec.Struct):
    originalOrderId: Id | None = None  # noqa: N815
    completeBefore: Any = None  # noqa: N815
    delivery: Any = None


class _Envelope(msgspec.Struct):
    event_type: Any = ""
    payload: Any = None


def glimpse(delivery: Delivery) -> Glimpse:
    """Event and order as far as they can be made out; СМ sends no delivery id, so the bytes are
    the key: a repeat is a repeat byte for byte, and two changes in one second are two."""
    digest = hashlib.sha256(delivery.body).hexdigest()
    event, payload = _look(delivery)
    return Glimpse(digest, event[:100], _ref(payload))


def reply(delivery: Delivery, number: str | None, now: datetime) -> Reply:
    """The answer once the delivery is on disk."""
    event, payload = _look(delivery)
    if event != codes.CREATED or number is None:
        return Reply(200, b'{"status":"ok"}')
    answer = {
        "status": "created",
        "number": number,
        "expectedAssemblyTime": _promise(payload, now).isoformat(timespec="seconds"),
    }
    return Reply(200, msgspec.json.encode(answer))


def _look(delivery: Delivery) -> tuple[str, _Payload]:
    try:
        envelope = decode(delivery, _Envelope)
        event = envelope.event_type if isinstance(envelope.event_type, str) else ""
        payload = msgspec.convert(envelope.payload or {}, _Payload)
    except (Malformed, msgspec.ValidationError):
        return "", _Payload()
    return event.replace("\x00", ""), payload


def _ref(payload: _Payload) -> str | None:
    try:
        return None if payload.originalOrderId is None else order_ref(payload.originalOrderId)
    except Malformed:
        return None


def _promise(payload: _Payload, now: datetime) -> datetime:
    """The deadline СМ itself named, else the usual time from now."""
    for given in (
        payload.completeBefore,
        (payload.delivery or {}).get("expectedFrom")
        if isinstance(payload.delivery, dict)
        else None,
    ):
        try:
            return msgspec.convert(given, Moment)
        except msgspec.ValidationError:
            continue
    return now + DEFAULT_ASSEMBLY
