"""A hostile JSON body as typed values, or Malformed with the place and the reason."""

from __future__ import annotations

from typing import TypeVar

import msgspec

from app.contract import Delivery
from app.errors import Malformed
from app.marketplaces.text import clean

T = TypeVar("T")


def decode(delivery: Delivery, shape: type[T]) -> T:
    """Decode strictly; every way in which bytes can fail to be `shape` ends as Malformed."""
    encoding = delivery.headers.get("content-encoding", "").strip().lower()
    if encoding not in ("", "identity"):
        raise Malformed(f"a {encoding[:20]} body: compressed deliveries are kept, not opened")
    try:
        delivery.body.decode()  # msgspec skips what no field asks for, bad UTF-8 included
        return msgspec.json.decode(delivery.body, type=shape)
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        raise Malformed(f"not the JSON we expect: {error}") from None


def glance(delivery: Delivery, *path: str) -> str | None:
    """A short text or whole number somewhere in a JSON body, as text that can be kept; None when
    there is nothing of the kind. Never raises: nonsense beside it does not hide it."""
    raw = delivery.body
    try:
        for key in path:
            raw = bytes(decode(Delivery({}, raw), dict[str, msgspec.Raw])[key])
        text = str(decode(Delivery({}, raw), str | int))  # type: ignore[arg-type]  # a union
    except (Malformed, KeyError):
        return None
    return text if text and clean(text, 100) == text else None
