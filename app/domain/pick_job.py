"""Who picks an order, or a zone of it: claims with a lease. Repeats by a holder change nothing."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from app.domain.order import OrderState
from app.domain.refusals import Code, Refused
from app.domain.transitions import ENDED, PICKER_STATES

#: Extended by every write of the holder; at its end the order is free again, nothing is lost.
LEASE: Final = timedelta(minutes=10)
#: Somebody who pauses says so, and is waited for longer: a delivery to unload, a customer to help.
PAUSE: Final = timedelta(minutes=30)
#: The zone of a claim on an order as a whole.
WHOLE: Final = ""


class JobState(StrEnum):
    """Where a pick job stands."""

    OPEN = "open"
    CLAIMED = "claimed"
    ACTIVE = "active"
    PAUSED = "paused"
    DONE = "done"


#: States in which a job is somebody's work.
AT_WORK: Final = (JobState.CLAIMED, JobState.ACTIVE, JobState.PAUSED)


@dataclass(frozen=True, slots=True)
class PickJob:
    """One claim on an order, or on a zone of it; `held` is judged by the database's clock."""

    state: JobState = JobState.OPEN
    picker_id: UUID | None = None
    badge: str | None = None
    name: str | None = None
    lease_until: datetime | None = None
    held: bool = False  #: claimed, and the lease has not run out
    zone: str = WHOLE
    since: datetime | None = None
    run_id: UUID | None = None

    def told(self) -> Mapping[str, Any]:
        """Who has it, since when and until when: what a refusal says."""
        return {
            "by": self.name,
            "badge": self.badge,
            "since": self.since.isoformat() if self.since else None,
            "until": self.lease_until.isoformat() if self.lease_until else None,
            **({"zone": self.zone} if self.zone else {}),
        }


@dataclass(frozen=True, slots=True)
class Claims:
    """Everybody's jobs on one order: one as a whole, or one a zone."""

    jobs: tuple[PickJob, ...] = ()

    def held(self) -> Iterator[PickJob]:
        """The claims that stand, whoever's they are."""
        return (job for job in self.jobs if job.held)

    def of(self, picker_id: UUID) -> tuple[PickJob, ...]:
        """Jobs of one picker, done ones too: zones that are walked. A lease that ran out still
        counts until somebody else takes what it was on."""
        return tuple(
            job
            for job in self.jobs
            if job.picker_id == picker_id and job.state is not JobState.OPEN
        )

    def at_work(self, picker_id: UUID) -> tuple[PickJob, ...]:
        """Jobs of one picker that are not done."""
        return tuple(job for job in self.of(picker_id) if job.state in AT_WORK)

    def others(self, picker_id: UUID, zone: str = WHOLE) -> tuple[PickJob, ...]:
        """Standing claims of others that a claim on this zone would meet."""
        return tuple(
            job for job in self.held() if job.picker_id != picker_id and _meet(job.zone, zone)
        )

    def renewed(self, jobs: Iterable[PickJob]) -> Claims:
        """The same with these jobs as they are now. One on the whole order and one on a zone do
        not stand side by side."""
        now = {job.zone: job for job in jobs}
        kept = (
            job for job in self.jobs
            if not any(job.zone == zone or WHOLE in (job.zone, zone) for zone in now)
        )  # fmt: skip
        return Claims(tuple(sorted((*kept, *now.values()), key=lambda job: job.zone)))

    def walked(self, unwalked: Collection[str]) -> Claims:
        """The same when jobs have ended on zones that have no open line, while others have."""
        return Claims(
            tuple(
                replace(job, state=JobState.DONE, held=False)
                if unwalked and job.state in AT_WORK and job.zone not in (WHOLE, *unwalked)
                else job
                for job in self.jobs
            )
        )

    def without(self, picker_id: UUID, zone: str | None = None) -> Claims:
        """The same when this picker has given back a zone, or everything."""
        gone = [job for job in self.of(picker_id) if zone is None or job.zone == zone]
        return Claims(tuple(job for job in self.jobs if job not in gone))


def may_claim(claims: Claims, picker_id: UUID, state: OrderState, zone: str = WHOLE) -> None:
    """Refuse when somebody holds it, whole or this zone, or there is nothing left to pick."""
    _pickable(state, "Claimed")
    for job in claims.held():
        mine = job.picker_id == picker_id and job.zone == zone
        if _meet(job.zone, zone) and not mine:
            raise Refused(Code.ALREADY_CLAIMED, **job.told())


def may_take(
    claims: Claims, picker_id: UUID, state: OrderState, zone: str = WHOLE, *, confirmed: bool
) -> None:
    """Refuse to take from another what was not confirmed to be taken. A zone of an order that
    somebody holds as a whole is not taken: the whole order is."""
    _pickable(state, "TakenOver")
    others = claims.others(picker_id, zone)
    for job in claims.held():
        if zone and job.zone == WHOLE:
            raise Refused(Code.ALREADY_CLAIMED, **job.told())
    if others and not confirmed:
        raise Refused(Code.TAKEOVER_UNCONFIRMED, **others[0].told())


def must_hold(claims: Claims, picker_id: UUID, zone: str = WHOLE) -> None:
    """Refuse a write by anybody but the holder of the whole order or of this zone; '' stands for
    what any holder may write: the order itself, and lines whose zone nobody knows. A zone that is
    walked is claimed again before it is changed."""
    mine = claims.at_work(picker_id)
    if any(_meet(job.zone, zone) for job in mine):
        return
    if claims.of(picker_id):
        raise Refused(Code.NOT_ASSIGNED, zone=zone, yours=[job.zone for job in mine])
    holders = claims.others(picker_id, zone)
    if holders:
        raise Refused(Code.LEASE_LOST, **holders[0].told())
    raise Refused(Code.NOT_ASSIGNED)


def must_pack(claims: Claims, picker_id: UUID) -> None:
    """Refuse whom the order as a whole does not concern: somebody who has walked a zone of it may
    pack and finish it, until another takes all of it."""
    if not _packs(claims, picker_id):
        for job in claims.others(picker_id):
            raise Refused(Code.LEASE_LOST, **job.told())
        raise Refused(Code.NOT_ASSIGNED)


def writable(claims: Claims, picker_id: UUID, zone: str) -> bool:
    """Whether this picker is at work on this zone; a line without one is any holder's."""
    mine = claims.at_work(picker_id)
    paused = all(job.state is JobState.PAUSED for job in mine)
    return not paused and any(_meet(job.zone, zone) for job in mine)


#: The whole-order verbs a picker sees, by state of the order, for the holder of its claim.
VERBS: Final = {
    OrderState.ACCEPTED: ("release", "start", "result"),
    OrderState.PICKING: (
        "release", "pause", "scan", "undo", "bags", "seal", "void", "result", "complete",
    ),
    OrderState.PICKED: (
        "release", "pause", "bags", "seal", "void", "stage", "reopen", "ready",
    ),
}  # fmt: skip
#: The same for somebody who has walked a zone of it.
_PACKERS: Final = {
    OrderState.PICKING: ("bags", "seal", "void", "complete"),
    OrderState.PICKED: ("bags", "seal", "void", "reopen", "ready"),
}
#: What anybody in the store may ask for.
_ANYBODYS: Final = {
    OrderState.PICKED: ("stage",),
    OrderState.READY: ("stage", "handover"),
    OrderState.HANDED_OVER: ("handover",),
}


def allowed(
    claims: Claims, picker_id: UUID, state: OrderState, zones: Collection[str] = ()
) -> tuple[str, ...]:
    """What this picker may ask for next; zones: those of the order. Whoever pauses is offered to go
    on first, though any other write goes on as well."""
    offered: list[str] = []
    mine = claims.at_work(picker_id)
    if state in PICKER_STATES:
        paused = mine and all(job.state is JobState.PAUSED for job in mine)
        if paused:
            offered += ("release", "resume")
        elif mine:
            offered += (*VERBS[state], *_claimable(claims, picker_id, zones))
        else:
            packs = _packs(claims, picker_id)
            offered += _claimable(claims, picker_id, zones)
            offered += _PACKERS.get(state, ()) if packs else ()
    return tuple(dict.fromkeys((*offered, *_ANYBODYS.get(state, ()))))


def _claimable(claims: Claims, picker_id: UUID, zones: Collection[str]) -> Iterator[str]:
    """How to get more of an order: whoever picks zones is told of the other zones only."""
    mine = {job.zone for job in claims.at_work(picker_id)}
    others = claims.others(picker_id)
    if WHOLE in mine:
        return
    taken = {job.zone for job in others}
    if (not mine and not others) or (WHOLE not in taken and set(zones) - mine - taken):
        yield "claim"
    if others:
        yield "takeover"


def _packs(claims: Claims, picker_id: UUID) -> bool:
    """Whether the order as a whole is this picker's concern."""
    whole = any(job.zone == WHOLE for job in claims.others(picker_id))
    return bool(claims.at_work(picker_id)) or (bool(claims.of(picker_id)) and not whole)


def _meet(one: str, other: str) -> bool:
    return one == other or WHOLE in (one, other)


def _pickable(state: OrderState, event: str) -> None:
    if state in ENDED:
        raise Refused(Code.ORDER_CANCELLED, state=str(state))
    if state not in PICKER_STATES:
        raise Refused(Code.ILLEGAL_TRANSITION, state=str(state), event=event)
