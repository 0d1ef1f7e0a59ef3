"""Write what became of incidents, and have people told: in the caller's transaction."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final, Protocol
from uuid import UUID

import structlog

from app.db import escalation, incidents, telegram
from app.db.conn import Conn
from app.db.telegram import ChatMessage
from app.domain.incident import Change, Event, Incident
from app.domain.rule import Rule
from app.identifiers import new_id
from app.render.nudge import nudge_text

log = structlog.get_logger()

#: What is told besides bringing posts up to date: where else an incident is to be seen is asked by
#: the step of the ladder; the others call people by name.
_TOLD: Final = "told"
_CALLS: Final = frozenset(("nudged", "escalated", "called"))
#: Incidents that have a log line each; of the rest only the number is told.
_LOGGED: Final = 50


class Desk(Protocol):
    """What those who tell of incidents know: rules, and the language of chats that have none."""

    @property
    def rules(self) -> Mapping[str, Rule]:
        """Monitoring rules by name."""

    @property
    def language(self) -> str:
        """Of app.render.language.LANGUAGES."""


async def announce(conn: Conn, desk: Desk, changes: Sequence[Change], now: datetime) -> int:
    """Save changes with their history; tell of those that are told first, call people by name where
    escalation says so, bring posts up to date. How many messages are to be sent. The caller holds
    the locks of those that existed before."""
    await incidents.save(conn, now, changes)
    trace_id = new_id().hex
    eventful = [change for change in changes if change.events]
    await incidents.note_orders(conn, eventful, trace_id)
    _log(eventful)
    added = await _place(conn, desk, eventful)
    nudges = await _call(conn, desk, eventful, added, trace_id)
    return nudges + await telegram.show(conn, [one.incident.id for one in eventful], trace_id)


def _log(changes: Sequence[Change]) -> None:
    for change in islice(changes, _LOGGED):
        one = change.incident
        log.info("incident", rule=one.rule, subject=one.subject, state=one.state)
    if len(changes) > _LOGGED:
        log.info("more incidents", count=len(changes) - _LOGGED)


def _of(change: Change, kinds: Collection[str]) -> list[Event]:
    return [event for event in change.events if event.kind in kinds]


async def _place(conn: Conn, desk: Desk, changes: Sequence[Change]) -> set[UUID]:
    """Have incidents seen in more chats; the incidents for which there were such."""
    steps = {_TOLD, *_CALLS}
    asked = [
        (one.incident, _topic(desk, one.incident), event.detail.get("step", 0))
        for one in changes
        for event in _of(one, steps)
    ]
    found = await incidents.places(conn, asked) + await _in_their_stores(conn, desk, changes)
    placed = {place.incident_id for place in found}
    for change in changes:
        if _of(change, {_TOLD}) and change.incident.id not in placed:
            log.error("nobody to tell: there is no chat", rule=change.incident.rule)
    return await telegram.post(conn, found)


async def _in_their_stores(
    conn: Conn, desk: Desk, changes: Sequence[Change]
) -> list[incidents.Place]:
    """A merchant's common incident is seen in the chats of its stores as well: who is to act in a
    store may read no other chat."""
    joined = [
        (one.incident, UUID(event.detail["incident"]))
        for one in changes
        for event in _of(one, {"joined"})
        if event.detail["group"] == "merchant"
    ]
    whole = {one.id: group for one, group in joined}
    asked = [(one, _topic(desk, one), 0) for one, _ in joined]
    found = await incidents.places(conn, asked)
    return [place._replace(incident_id=whole[place.incident_id]) for place in found]


def _topic(desk: Desk, incident: Incident) -> str:
    return desk.rules[incident.rule].topic if incident.rule in desk.rules else ""


async def _call(
    conn: Conn, desk: Desk, changes: Sequence[Change], added: set[UUID], trace_id: str
) -> int:
    """Call people by name; not where the incident has just been shown to a second chat."""
    calling = {
        change.incident.id: (change.incident, event)
        for change in changes
        for event in _of(change, _CALLS)
        if not (event.kind == "escalated" and change.incident.id in added)
    }
    asked = [(id_, event.kind == "called") for id_, (_, event) in calling.items()]
    calls = await escalation.calls(conn, asked)
    for call in calls:
        one, event = calling[call.incident_id]
        language = call.language or desk.language
        text = nudge_text(one, desk.rules.get(one.rule), event, call.people, language)
        message = ChatMessage(
            call.chat_id, "nudge", text, thread_id=call.thread_id, incident_id=one.id
        )
        await telegram.add(conn, message, trace_id)
    return len(calls)


async def place_again(conn: Conn, desk: Desk, on: Sequence[Incident]) -> int:
    """Tell what could be told to nobody so far, if there is a chat now."""
    waiting = await escalation.unplaced(conn)
    asked = [(one, _topic(desk, one), 0) for one in on if one.id in waiting]
    if not asked:
        return 0
    await telegram.post(conn, await incidents.places(conn, asked))
    return await telegram.show(conn, [one.id for one, _, _ in asked], new_id().hex)
