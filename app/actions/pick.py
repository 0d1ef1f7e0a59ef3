"""The picker's writes: one transaction, one effect per operation id, and an answer that never waits
for a marketplace."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any, Final
from uuid import UUID

from app.actions.admission import must_be_on_shift
from app.actions.refused_scan import keeping
from app.actions.verbs import VERBS
from app.actions.verbs.order import Claim
from app.actions.write import Answer, Request, write
from app.db import operations, picks
from app.db.conn import Conn
from app.db.queue import Queue
from app.domain.refusals import Code, Refused
from app.hub import Hub

#: A write of the same order or key that is under way elsewhere is waited for this long.
_WAIT: Final = "SET LOCAL lock_timeout = '1s'"
#: What the chosen order may have become before it was locked; the next look sees it.
_TOO_LATE: Final = (Code.ALREADY_CLAIMED, Code.ORDER_CANCELLED, Code.ILLEGAL_TRANSITION)
_LOOKS: Final = 5


async def perform(hub: Hub, order_id: UUID, request: Request) -> Answer:
    """Do one verb on one order; raises Refused with nothing changed."""
    async with keeping(hub, request, order_id):
        proved = await prove(hub, request)

        async def act(conn: Conn) -> Answer:
            return await write(conn, hub, order_id, request, proved=proved)

        return await once(hub, request, act)


async def take_next(hub: Hub, request: Request) -> Answer:
    """Go on with the order in hand, or claim the most urgent one; 204 when there is none to pick.
    The request is a claim; its zone says of which lines."""

    async def act(conn: Conn) -> Answer:
        await must_be_on_shift(conn, request.picker)
        await picks.lock_picker(conn, request.picker)
        own = await picks.own(conn, request.picker)
        if own is not None:
            mine = replace(request, body=Claim(own[1]))
            return await write(conn, hub, own[0], mine)
        for _ in range(_LOOKS):
            found = await picks.next_orders(conn, request.picker, request.body.zone, 1)
            if not found:
                break
            try:
                return await write(conn, hub, found[0], request)
            except Refused as refusal:
                if refusal.code not in _TOO_LATE:
                    raise
        return Answer(204, b"", None)

    return await once(hub, request, act)


async def once(hub: Hub, request: Request, act: Callable[[Conn], Awaitable[Answer]]) -> Answer:
    """The key is checked before anything else, so that a repeat of a success stays a success."""
    async with hub.pools.picking.acquire() as conn, conn.transaction():
        await conn.execute(_WAIT)
        if not await picks.begin_operation(conn, request.picker, request.key, request.request_hash):
            return await _repeat(conn, request)
        answer = await act(conn)
        if not answer.kept:
            await operations.forget(conn, request.picker, request.key)
            return answer
        await picks.finish_operation(
            conn, request.picker, request.key, answer.etag, (answer.status, answer.body)
        )
    hub.wakes[Queue.OUTBOX].set()
    return answer


async def prove(hub: Hub, request: Request) -> Any:
    """Slow proof before the transaction, for `write`; a repeat needs none, its answer is stored."""
    verb = VERBS[request.verb]
    if verb.prove is None or not verb.proves(request.body):
        return None
    async with hub.pools.picking.acquire() as conn:
        done = await picks.operation(conn, request.picker, request.key)
    return None if done else await verb.prove(hub, request.picker, request.body)


async def _repeat(conn: Conn, request: Request) -> Answer:
    stored = await picks.operation(conn, request.picker, request.key)
    assert stored is not None  # the key was there a moment ago, and keys are never deleted in use
    if stored.request_hash != request.request_hash:
        raise Refused(Code.IDEMPOTENCY_KEY_REUSED)
    return Answer(stored.status, stored.body, stored.etag)
