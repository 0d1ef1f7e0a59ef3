"""What a picker does with a whole order: claim, take over, release, start, pause, complete."""

from __future__ import annotations

from typing import Annotated, Final

import msgspec
from msgspec import Meta

from app.actions.verbs.shape import TEXT, Access, Asked, Claiming, Nothing, Plan, Reason, Verb
from app.domain import events as ev
from app.domain.order import OrderState
from app.domain.path import zones
from app.domain.pick_job import JobState, may_claim, may_take
from app.domain.refusals import Code, Refused

#: The lines of one zone, for one picker; '' is the whole order.
Zone = Annotated[str, Meta(max_length=50, pattern=TEXT)]


class Claim(msgspec.Struct):
    """The whole order, or one zone of it where the store picks by zones."""

    zone: Zone = ""


class TakeOver(msgspec.Struct):
    """What another picker holds; `confirm` once the person has been told whose it is."""

    confirm: bool = False
    zone: Zone = ""


class Release(msgspec.Struct):
    """Why the order is given back; `zone`: only that one."""

    reason: Reason
    zone: Zone = ""


def _may_claim(asked: Asked) -> None:
    may_claim(asked.claims, asked.picker.id, asked.order.state, asked.body.zone)


def _may_take(asked: Asked) -> None:
    body: TakeOver = asked.body
    order = asked.order
    may_take(asked.claims, asked.picker.id, order.state, body.zone, confirmed=body.confirm)


def _claim(asked: Asked) -> Plan:
    zone = _zone(asked)
    detail = {"zone": zone} if zone else {}
    return Plan(job=JobState.CLAIMED, claiming=Claiming(zone), detail=detail)


def _take(asked: Asked) -> Plan:
    """The timeline names who took it, and from whom."""
    zone = _zone(asked)
    losers = asked.claims.others(asked.picker.id, zone)
    detail = {"from": [job.badge for job in losers], **({"zone": zone} if zone else {})}
    return Plan(job=JobState.CLAIMED, claiming=Claiming(zone, take=True), detail=detail)


def _release(asked: Asked) -> Plan:
    body: Release = asked.body
    if not body.reason.strip():
        raise Refused(Code.REASON_REQUIRED)
    held = [job.zone for job in asked.claims.of(asked.picker.id)]
    if body.zone and body.zone not in held:
        raise Refused(Code.NOT_ASSIGNED, zone=body.zone, yours=held)
    detail = {"reason": body.reason.strip(), **({"zone": body.zone} if body.zone else {})}
    return Plan(job=JobState.OPEN, claiming=Claiming(body.zone), detail=detail)


def _start(_asked: Asked) -> Plan:
    return Plan((ev.Started(),))


def _pause(_asked: Asked) -> Plan:
    return Plan(job=JobState.PAUSED)


def _resume(_asked: Asked) -> Plan:
    return Plan(job=JobState.ACTIVE)


def _complete(_asked: Asked) -> Plan:
    return Plan((ev.Completed(),))


def _postpone(asked: Asked) -> Plan:
    line = asked.line().id
    return Plan((ev.LinePostponed(line),), detail={"line_id": str(line)})


def _zone(asked: Asked) -> str:
    """The zone that is asked for, if the order can be divided so."""
    zone: str = asked.body.zone
    there = zones(asked.order) if asked.shop.zone_picking else ()
    if zone and zone not in there:
        raise Refused(Code.INVALID_BODY, field="zone", allowed=list(there))
    return zone


_BEGUN: Final = (OrderState.PICKING, OrderState.PICKED)

ORDER: Final = {
    "claim": Verb(
        Claim, _claim, "Take an order for picking", access=Access.CLAIMANT, may=_may_claim
    ),
    "takeover": Verb(
        TakeOver,
        _take,
        "Take an order from another picker; what was picked stays",
        access=Access.CLAIMANT,
        may=_may_take,
    ),
    "release": Verb(Release, _release, "Give an order back; outcomes of lines stay"),
    "start": Verb(Nothing, _start, "Begin to pick; the marketplace is told"),
    "pause": Verb(
        Nothing, _pause, "Pause picking; the order stays yours for half an hour", states=_BEGUN
    ),
    "resume": Verb(Nothing, _resume, "Go on picking; so does any other write", states=_BEGUN),
    "complete": Verb(
        Nothing,
        _complete,
        "Close the composition; every line needs its outcome",
        access=Access.PACKER,
    ),
    "postpone": Verb(
        Nothing,
        _postpone,
        "Come back for a line after everything else",
        states=(OrderState.PICKING,),
        on_line=True,
    ),
}
