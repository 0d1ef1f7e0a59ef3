"""Where something is in a JSON document: dotted ("data.order.id") or a JSON Pointer (RFC 6901,
"/data/order/id"); "" is the document itself."""

from __future__ import annotations

from typing import Any


def parts(place: str) -> list[str]:
    """The keys on the way; ValueError for a place that cannot be one."""
    if not place:
        return []
    if place.startswith("/"):
        return [each.replace("~1", "/").replace("~0", "~") for each in place[1:].split("/")]
    found = place.split(".")
    if not all(found):
        raise ValueError(f"{place!r} has an empty part")
    return found


def at(document: Any, place: str | None) -> Any:
    """What is there, None when nothing is; a whole number counts in a list."""
    if place is None:
        return None
    for key in parts(place):
        if isinstance(document, dict):
            document = document.get(key)
        elif isinstance(document, list) and key.isascii() and key.isdecimal() and len(key) < 5:
            document = document[int(key)] if int(key) < len(document) else None
        else:
            return None
    return document
