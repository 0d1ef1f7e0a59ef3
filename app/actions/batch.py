"""Work done offline, sent at once: each operation its own write; an order stops at a refusal."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Final
from uuid import UUID

from app.actions.pick import perform
from app.actions.write import Answer, Request
from app.db.conn import AWAY, CONTENDED, within
from app.domain.refusals import Refused
from app.errors import MarkingAway, StorageAway
from app.hub import Hub

#: Seconds for one batch; what is left is sent again.
PATIENCE: Final = 20.0


@dataclass(frozen=True, slots=True)
class Operation:
    """One write of the batch, and the order it belongs to; `flaw`: why it cannot even be asked."""

    order_id: UUID
    request: Request
    flaw: Refused | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one operation: an answer, a refusal, or neither when it was not tried."""

    operation: Operation
    answer: Answer | None = None
    refusal: Refused | None = None
    failed: bool = False  #: a passing fault: the same batch may be sent again


@dataclass(slots=True)
class _Progress:
    """Where an order of the batch stands: versions the device had before, and has now."""

    began_at: int | None
    version: int | None
    stopped: bool = field(default=False)


async def carry_out_batch(
    hub: Hub, operations: Sequence[Operation], *, clock: Callable[[], float] = monotonic
) -> list[Outcome]:
    """One outcome per operation, in their order."""
    outcomes: list[Outcome] = []
    orders: dict[UUID, _Progress] = {}
    until = clock() + PATIENCE
    for operation in operations:
        given = operation.request.version
        progress = orders.setdefault(operation.order_id, _Progress(given, given))
        if progress.stopped or clock() > until:
            progress.stopped = True
            outcomes.append(Outcome(operation))
            continue
        outcome = await _try(hub, _at_its_version(operation, progress))
        progress.stopped = outcome.answer is None
        if outcome.answer is not None and outcome.answer.etag:
            progress.version = int(outcome.answer.etag.strip('"'))
        outcomes.append(outcome)
    return outcomes


def _at_its_version(operation: Operation, progress: _Progress) -> Operation:
    """A device offline knows only the version it began with: what the batch itself has done since
    is no conflict."""
    if operation.request.version != progress.began_at:
        return operation
    return replace(operation, request=replace(operation.request, version=progress.version))


async def _try(hub: Hub, operation: Operation) -> Outcome:
    if operation.flaw is not None:
        return Outcome(operation, refusal=operation.flaw)
    try:
        # As when it comes alone; whether it was done is asked by its key.
        done = perform(hub, operation.order_id, operation.request)
        return Outcome(operation, answer=await within(hub.patience, done))
    except Refused as refusal:
        return Outcome(operation, refusal=refusal)
    except (*AWAY, *CONTENDED, StorageAway, MarkingAway):
        return Outcome(operation, failed=True)
