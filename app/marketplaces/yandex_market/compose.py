"""What we tell Yandex Market: what is in the boxes, with marks, and a status. Goods that are in no
box leave the order; others cannot come in."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from app.domain.order import Line, LineState, Order
from app.marketplaces import reading
from app.marketplaces.yandex_market.profile import TOLD


def compose(kind: str, order: Order) -> bytes:
    """Order and shop stand beside what is said, and the calls in their order below."""
    status, stage = TOLD[kind]
    said: dict[str, Any] = {"campaign": order.external_uuid, "order": order.external_id}
    if kind == "ready":
        items = [item for line in order.wanted() for item in _items(line)]
        said["boxes"] = {"boxes": [{"items": items}], "allowRemove": True}
        said["marked"] = any("instances" in item for item in items)
    about = {"status": status} if stage is None else {"status": status, "substatus": stage}
    said["status"] = {"order": about}
    return msgspec.json.encode(said)


def _items(line: Line) -> Iterator[dict[str, Any]]:
    """A line under each of its names there, as long as there are pieces; marks go along."""
    found = line.state in (LineState.PICKED, LineState.SHORT) and line.replaces is None
    left, marks = (line.picked_pieces or 0) if found else 0, list(line.marks)
    for id_, ordered in _names(line):
        count = min(left, ordered)
        if count > 0:
            yield _item(id_, count, marks[:count])
        left, marks = left - count, marks[count:]


def _item(id_: int | str, count: int, marks: list[str]) -> dict[str, Any]:
    item: dict[str, Any] = {"id": id_, "fullCount": count}
    if marks:
        item["instances"] = [{"cis": mark} for mark in marks]
    return item


def _names(line: Line) -> Iterator[tuple[int | str, int]]:
    """Ids of a line there, with the pieces that were ordered under each."""
    for ref in reading.refs(line.ref):
        id_, _, count = ref.partition(":")
        yield int(id_) if id_.isdecimal() else id_, int(count) if count.isdecimal() else 0
