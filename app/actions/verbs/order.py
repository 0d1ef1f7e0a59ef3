"""What a picker does with a whole order: claim, release, start, complete."""

from __future__ import annotations

from typing import Final

import msgspec

from app.actions.verbs.shape import Access, Asked, Nothing, Plan, Reason, Verb
from app.domain import events as ev
from app.domain.pick_job import JobState
from app.domain.refusals import Code, Refused


class Release(msgspec.Struct):
    """Why the order is given back."""

    reason: Reason


def _claim(_asked: Asked) -> Plan:
    return Plan(job=JobState.CLAIMED)


def _release(asked: Asked) -> Plan:
    body: Release = asked.body
    if not body.reason.strip():
        raise Refused(Code.REASON_REQUIRED)
    return Plan(job=JobState.OPEN, detail={"reason": body.reason.strip()})


def _start(_asked: Asked) -> Plan:
    return Plan((ev.Started(),))


def _complete(_asked: Asked) -> Plan:
    return Plan((ev.Completed(),))


ORDER: Final = {
    "claim": Verb(Nothing, _claim, "Take an order for picking", access=Access.CLAIMANT),
    "release": Verb(Release, _release, "Give an order back; outcomes of lines stay"),
    "start": Verb(Nothing, _start, "Begin to pick; the marketplace is told"),
    "complete": Verb(Nothing, _complete, "Close the composition; every line needs its outcome"),
}
