"""Taking the last operation back, or a named one: its lines become what they were."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.actions.verbs.shape import Asked, Plan, Verb
from app.db import operations
from app.db.conn import Conn
from app.db.operations import Done
from app.domain import events as ev
from app.domain.order import OrderState
from app.domain.path import zone_of
from app.domain.pick_job import must_hold
from app.domain.refusals import Code, Refused
from app.hub import Hub


class Undo(msgspec.Struct):
    """`op_id`: the Idempotency-Key of the operation to take back; none: the last one that changed
    lines and still stands."""

    op_id: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,100}$(?!\n)")] | None = None


async def _look(conn: Conn, _hub: Hub, asked: Asked) -> Done | None:
    """Whoever did it; but where several pick one order by zones, "the last" is one's own last."""
    body: Undo = asked.body
    own = asked.picker.id if asked.shop.zone_picking and body.op_id is None else None
    return await operations.last(conn, asked.order.id, body.op_id, own)


def _undo(asked: Asked) -> Plan:
    body: Undo = asked.body
    done: Done | None = asked.found
    if done is None:
        raise Refused(Code.NOTHING_TO_UNDO, op_id=body.op_id)
    if done.undone_by is not None:
        raise Refused(Code.NOTHING_TO_UNDO, op_id=done.key, undone=True)
    for line in done.after:
        must_hold(asked.claims, asked.picker.id, zone_of(asked.order, line))
    detail = {
        "undone": done.key,
        "undone_verb": done.verb,
        "undone_of": done.badge,
        "line_ids": [str(line.id) for line in done.after],
    }
    return Plan((ev.LinesRestored(done.before, done.after),), detail=detail, undoes=done)


UNDO: Final = {
    "undo": Verb(
        Undo,
        _undo,
        "Take an operation back: its lines become what they were",
        states=(OrderState.PICKING,),
        look=_look,
    ),
}
