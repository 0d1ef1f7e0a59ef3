"""What СМ wants to hear: 200, and for `order.created` our number and when we shall be done."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Final

import msgspec

from app.contract import Delivery, Glimpse, Reply
from app.errors import Malformed
from app.marketplaces.json_body import decode
from app.marketplaces.kuper import codes
from app.marketplaces.kuper.parse import DEFAULT_ASSEMBLY, order_ref
from app.marketplaces.kuper.shapes import Id, Moment
from app.marketplaces.text import clean

_NOTHING: Final = msgspec.Raw(b"null")


class _Payload(msgspec.Struct):
    """Each field on its own: nonsense in one of them does not hide the others."""

    originalOrderId: msgspec.Raw = _NOTHING  # noqa: N815
    completeBefore: msgspec.Raw = _NOTHING  # noqa: N815
    delivery: msgspec.Raw = _NOTHING


class _Delivery(msgspec.Struct):
    expectedFrom: msgspec.Raw = _NOTHING  # noqa: N815


class _Envelope(msgspec.Struct):
    event_type: Any = ""
    payload: msgspec.Raw = _NOTHING


def glimpse(delivery: Delivery) -> Glimpse:
    """Event and order as far as they can be made out; СМ sends no delivery id, so the bytes are
    the key: a repeat is a repeat byte for byte, and two changes in one second are two."""
    digest = hashlib.sha256(delivery.body).hexdigest()
    event, payload = _look(delivery)
    return Glimpse(digest, event, _ref(payload))


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
    except Malformed:
        return "", _Payload()
    event = envelope.event_type if isinstance(envelope.event_type, str) else ""
    return clean(event, 100), _read(envelope.payload, _Payload) or _Payload()


def _ref(payload: _Payload) -> str | None:
    given: str | int | None = _read(payload.originalOrderId, Id)
    try:
        return None if given is None else order_ref(given)
    except Malformed:
        return None


def _promise(payload: _Payload, now: datetime) -> datetime:
    """The deadline СМ itself named, else the usual time from now."""
    window = _read(payload.delivery, _Delivery) or _Delivery()
    named: datetime | None = _read(payload.completeBefore, Moment) or _read(
        window.expectedFrom, Moment
    )
    return named or now + DEFAULT_ASSEMBLY


def _read(raw: msgspec.Raw, shape: Any) -> Any:
    """One field as `shape`, None when it is not."""
    try:
        return decode(Delivery({}, bytes(raw)), shape)
    except Malformed:
        return None
