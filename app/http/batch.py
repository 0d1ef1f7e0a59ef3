"""Many writes in one request, for a handheld that was offline: one result for each."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Annotated, Any, Final, Literal
from uuid import UUID

import msgspec
from msgspec import Meta
from starlette.requests import Request
from starlette.responses import Response

from app.actions import write as writing
from app.actions.batch import Operation, Outcome, carry_out_batch
from app.actions.look import order_if_any
from app.actions.verbs import VERBS, Nothing, Verb
from app.db.conn import within
from app.domain.refusals import Refused
from app.http.errors import REFUSAL_STATUS, language_of, problem_body
from app.http.guards import Guard
from app.http.reading import decode, digest, json_answer
from app.http.url import Url
from app.render.language import say
from app.render.picker import Changed, Notice, OrderView, Problem, ScanView, WriteResult

_ORDERS: Final = "/picker/v1/orders"
#: Seconds for the orders as they stand; then the same batch is sent again.
_LOOK: Final = 5.0


class Sent(msgspec.Struct):
    """One write as it was made offline; `payload` is the body of the verb `type`."""

    op_id: Annotated[str, Meta(pattern=r"^[\x21-\x7e]{1,100}$(?!\n)")]
    order_id: UUID
    base_version: Annotated[int, Meta(ge=0, le=999_999_999)]
    #: Only what is harmless to send late and often: claims, ready, hand-over and what a customer
    #: sees are for those who are online.
    type: Literal["pick", "weigh", "short", "drop", "scan", "postpone", "bags", "seal"]
    payload: dict[str, Any] = {}
    line_id: UUID | None = None
    client_ts: datetime | None = None


class Batch(msgspec.Struct):
    """Writes in the order they were made."""

    operations: Annotated[list[Sent], Meta(max_length=100)]


class OperationResult(msgspec.Struct):
    """What became of one write: done; refused (see `problem`); failed, send it again; not_tried,
    because an earlier write of its order was not done."""

    op_id: str
    outcome: Literal["done", "refused", "failed", "not_tried"]
    version: int | None = None
    changed: Changed | None = None
    message: Notice | None = None
    scan: ScanView | None = None
    problem: Problem | None = None


class BatchResult(msgspec.Struct):
    """A result for each write, and every order of the batch as it stands."""

    results: list[OperationResult]
    orders: list[OrderView]


async def send(request: Request) -> Response:
    """Do each write as if it had come alone; nothing of it happens twice."""
    batch = decode(await request.body(), Batch)
    done = await carry_out_batch(
        request.state.hub, [_operation(request, sent) for sent in batch.operations]
    )
    patience = max(_LOOK, request.state.hub.patience)
    orders = await within(patience, _orders(request, batch))
    return json_answer(BatchResult([_result(request, each) for each in done], orders))


def _operation(request: Request, sent: Sent) -> Operation:
    """A write as its own endpoint would have read it, so that the same key is the same write."""
    verb = VERBS[sent.type]
    place = f"/lines/{sent.line_id}" if verb.on_line else ""
    body, flaw = _payload(sent, verb)
    when = {"client_at": sent.client_ts.isoformat()} if sent.client_ts else {}
    return Operation(
        sent.order_id,
        writing.Request(
            picker=request.state.picker,
            verb=sent.type,
            body=body,
            key=sent.op_id,
            request_hash=digest(f"{_ORDERS}/{sent.order_id}{place}/{sent.type}", body),
            version=sent.base_version,
            trace_id=request.state.trace_id,
            say=partial(say, language_of(request)),
            line_id=sent.line_id if verb.on_line else None,
            noted={"offline": True, **when},
        ),
        flaw,
    )


def _payload(sent: Sent, verb: Verb) -> tuple[msgspec.Struct, Refused | None]:
    """A payload that is none stops its order only: the device would send it for ever."""
    try:
        return decode(msgspec.json.encode(sent.payload), verb.body), None
    except Refused as refusal:
        return Nothing(), refusal


def _result(request: Request, outcome: Outcome) -> OperationResult:
    op_id = outcome.operation.request.key
    if outcome.answer is not None:
        done = msgspec.json.decode(outcome.answer.body, type=WriteResult)
        return OperationResult(
            op_id, "done", done.order.version, done.changed, done.message, done.scan
        )
    if outcome.refusal is not None:
        return OperationResult(op_id, "refused", problem=_problem(request, outcome.refusal))
    return OperationResult(op_id, "failed" if outcome.failed else "not_tried")


def _problem(request: Request, refusal: Refused) -> Problem:
    status = REFUSAL_STATUS[refusal.code]
    return problem_body(request, status, refusal.code, refusal.details)


async def _orders(request: Request, batch: Batch) -> list[OrderView]:
    state, seen = request.state, dict.fromkeys(sent.order_id for sent in batch.operations)
    found = [await order_if_any(state.hub, id_, state.picker) for id_ in seen]
    return [view for view in found if view is not None]


ROWS: Final = (
    Url("POST", "/picker/v1/ops:batch", send, Guard.PICKER,
        "Send writes that were made offline; one result for each", body=Batch, answer=BatchResult,
        lasting=True),
)  # fmt: skip
