"""Who picks an order: a claim with a lease. Repeats by the holder change nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final
from uuid import UUID

from app.domain.order import OrderState
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED, PICKER_STATES

#: Extended by every write of the holder; at its end the order is free again, nothing is lost.
LEASE: Final = timedelta(minutes=10)


class JobState(StrEnum):
    """Where a pick job stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    ACTIVE = "active"
    PAUSED = "paused"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class PickJob:
    """The claim on one order; `held` is judged by the database's clock."""

    state: JobState = JobState.OPEN
    picker_id: UUID | None = None
    badge: str | None = None
    name: str | None = None
    lease_until: datetime | None = None
    held: bool = False  #: claimed, and the lease has not run out


def may_claim(job: PickJob, picker_id: UUID, state: OrderState) -> None:
    """Refuse when somebody else holds the order or there is nothing left to pick."""
    if state in ENDED:
        raise Refused(Code.ORDER_CANCELLED, state=str(state))
    if state not in PICKER_STATES:
        raise Refused(Code.ILLEGAL_TRANSITION, state=str(state), event="Claimed")
    if job.held and job.picker_id != picker_id:
        raise Refused(
            Code.ALREADY_CLAIMED,
            by=job.name,
            since=None,
            until=job.lease_until.isoformat() if job.lease_until else None,
        )


def must_hold(job: PickJob, picker_id: UUID) -> None:
    """Refuse a write by anybody but the holder. An expired lease that nobody took is renewed."""
    if job.picker_id == picker_id and job.state is not JobState.OPEN:
        return
    if job.held:
        raise Refused(Code.LEASE_LOST, by=job.name)
    raise Refused(Code.NOT_ASSIGNED)


#: The whole-order verbs a picker sees, by state of the order, for the holder of its claim.
VERBS: Final = {
    OrderState.ACCEPTED: ("release", "start"),
    OrderState.PICKING: ("release", "scan", "complete"),
    OrderState.PICKED: ("release", "ready"),
}


def allowed(job: PickJob, picker_id: UUID, state: OrderState) -> tuple[str, ...]:
    """What this picker may ask for next."""
    if state not in PICKER_STATES:
        return ()
    if job.held and job.picker_id != picker_id:
        return ()
    if job.picker_id == picker_id and job.state not in (JobState.OPEN, JobState.DONE):
        return VERBS[state]
    return ("claim",)
