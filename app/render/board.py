"""Incidents as typed values for operators; OpenAPI is generated from these very types."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import unescape
from typing import Any, Final
from uuid import UUID

import msgspec

from app.domain.incident import Incident
from app.domain.mute import Mute
from app.domain.rule import Rule
from app.render.incident import View, whole_text
from app.render.moment import DESK_ZONE

_TAG: Final = re.compile(r"<[^>]+>")


class MutedView(msgspec.Struct):
    """Until when an incident is silent, who asked for it, and why."""

    until: datetime
    owner: str
    reason: str


class MuteView(msgspec.Struct):
    """One mute. `what`: the rule and where, in words."""

    id: UUID
    rule: str
    what: str
    until: datetime
    owner: str
    reason: str


class MuteList(msgspec.Struct):
    """Silence that lasts, what ends soonest first."""

    mutes: list[MuteView]


class IncidentView(msgspec.Struct):
    """One problem. `text`: what people read of it, line by line; `seq`: what a press is valid for;
    `members`: how many others are told as part of it; `parent_id`: what it is told as part of;
    `silenced_by`: what explains it."""

    id: UUID
    rule: str
    level: str
    state: str
    text: list[str]
    value: float
    seq: int
    fired_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_at: datetime | None
    lasted_seconds: int
    returns: int
    members: int
    store: str | None = None
    account: str | None = None
    order: str | None = None
    parent_id: UUID | None = None
    silenced_by: UUID | None = None
    muted: MutedView | None = None


class EventView(msgspec.Struct):
    """One line of an incident's history."""

    at: datetime
    kind: str
    actor: str
    detail: dict[str, Any]


class MemberView(msgspec.Struct):
    """One incident that is told as part of another."""

    id: UUID
    state: str
    value: float
    fired_at: datetime | None
    resolved_at: datetime | None
    number: str | None = None
    store: str | None = None


class IncidentList(msgspec.Struct):
    """The worst first; what is over last."""

    incidents: list[IncidentView]


class IncidentStory(msgspec.Struct):
    """One incident with everything that happened to it."""

    incident: IncidentView
    history: list[EventView]
    members: list[MemberView]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and when: the language, the clock, the rules by name."""

    language: str
    now: datetime
    rules: Mapping[str, Rule]


def incident_view(one: Incident, members: int, reader: Reader) -> IncidentView:
    """One incident in the reader's language, by the desk's clock; `members`: how many are told as
    part of it."""
    seen = View(reader.language, reader.now, DESK_ZONE)
    html = whole_text(one, reader.rules.get(one.rule), seen)
    until, since = one.resolved_at or reader.now, one.fired_at or one.seen_at
    return IncidentView(
        id=one.id, rule=one.rule, level=one.level, state=one.state,
        text=[unescape(_TAG.sub("", line)) for line in html.splitlines()],
        value=one.value, seq=one.seq, fired_at=one.fired_at,
        acknowledged_at=one.acknowledged_at, acknowledged_by=one.acknowledged_by,
        resolved_at=one.resolved_at,
        lasted_seconds=max(0, round((until - since).total_seconds())),
        returns=one.returns, members=members, store=one.facts.get("store"),
        account=one.facts.get("account"), order=one.facts.get("number"),
        parent_id=one.parent_id, silenced_by=one.silenced_by,
        muted=_muted(one),
    )  # fmt: skip


def _muted(one: Incident) -> MutedView | None:
    if one.muted_until is None:
        return None
    return MutedView(one.muted_until, one.muted_by or "", one.muted_why or "")


def mute_view(mute: Mute, place: str, reader: Reader) -> MuteView:
    """One mute; `place`: the store's or the account's code, '' for everywhere."""
    rule = reader.rules.get(mute.rule)
    title = rule.texts[reader.language][0] if rule else mute.rule
    what = f"{place}: {title}" if place else title
    return MuteView(mute.id, mute.rule, what, mute.until, mute.owner, mute.reason)


def story(
    told: IncidentView, history: Sequence[Mapping[str, Any]], members: Sequence[Mapping[str, Any]]
) -> IncidentStory:
    """One incident with its history."""
    return IncidentStory(
        told, [EventView(**row) for row in history], [MemberView(**row) for row in members]
    )
