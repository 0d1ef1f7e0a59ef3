"""What monitoring should make of a trouble, and whether that is what it made of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from asyncpg import Record

from tests.monitoring.day.orders import at
from tests.monitoring.day.simulation import Chat, labels

#: How people hear of it: a message of its own, as part of a group's, by a letter, or not at all.
CHAT, GROUP, LETTER, NOBODY = "chat", "group", "letter", "nobody"
_SPOKEN: Final = {CHAT, GROUP}


@dataclass(frozen=True, slots=True)
class Expected:
    """Incidents of a rule about these labels (none: any), begun between two clocks and over by a
    third. `count`: how many; below nothing, at least so many."""

    rule: str
    begun: str
    known: str
    over: str
    labels: frozenset[str] = frozenset()
    how: str = CHAT
    count: int = 1
    level: str | None = None

    def fits(self, one: Record) -> bool:
        """Whether an incident is one of these."""
        return (
            one["rule"] == self.rule
            and at(self.begun) <= one["fired_at"] <= at(self.known)
            and (not self.labels or bool(self.labels & set(labels(one))))
        )


def expect(rule: str, clocks: str, *names: str, **more: Any) -> Expected:
    """`clocks`: "10:00 10:05 11:00": not before, by then people know, by then it is over."""
    return Expected(rule, *clocks.split(), labels=frozenset(names), **more)


@dataclass(frozen=True, slots=True)
class Seen:
    """Everything that became of a day."""

    incidents: Sequence[Record]
    posts: Sequence[Record]
    chat: Chat

    def differences(self, expected: Sequence[Expected]) -> Iterable[str]:
        """What was missed, made up, told too late, twice or wrongly, or did not end."""
        found: dict[Expected, list[Record]] = {one: [] for one in expected}
        for incident in self.incidents:
            fitting = [one for one in expected if one.fits(incident)]
            if fitting:
                found[fitting[0]].append(incident)
                yield from self._wrong(fitting[0], incident)
            else:
                yield f"made up: {_told(incident)}"
        for one, incidents in found.items():
            if (len(incidents) < -one.count) if one.count < 0 else (len(incidents) != one.count):
                yield f"missed: {one}: {[_told(x) for x in incidents]}"

    def _wrong(self, one: Expected, incident: Record) -> Iterable[str]:
        told = _told(incident)
        if incident["resolved_at"] is None or incident["resolved_at"] > at(one.over):
            yield f"over too late, by {one.over}: {told}"
        if one.level and incident["level"] != one.level:
            yield f"not {one.level}: {told}"
        if (how := self._heard(incident)) != one.how:
            yield f"told by {how}, not by {one.how}: {told}"
        if one.how == CHAT:
            yield from (f"{wrong}: {told}" for wrong in self._badly(one, incident))

    def _heard(self, incident: Record) -> str:
        if incident["parent_id"] is not None:
            return GROUP
        posts = [x for x in self.posts if x["incident_id"] == incident["id"]]
        return CHAT if any(post["telegram_id"] for post in posts) else NOBODY

    def _badly(self, one: Expected, incident: Record) -> Iterable[str]:
        """One message, in time, that says in the end that it is over."""
        ids = [x["telegram_id"] for x in self.posts if x["incident_id"] == incident["id"]]
        said = [
            (when, saying)
            for when, saying, (*_, edit), id_ in self._sayings()
            if (edit or id_) in ids
        ]
        if len([saying for _, saying in said if saying.edit is None]) != 1:
            yield f"told {len(said)} times"
        if said and said[0][0] > at(one.known):
            yield f"told at {said[0][0]}"
        if said and "🟢" not in said[-1][1].text:
            yield f"its end was not told: {said[-1][1].text!r}"

    def _sayings(self) -> Iterable[tuple[datetime, Any, tuple[int, str, int | None], int]]:
        return zip(
            self.chat.times, self.chat.sayings, self.chat.said, range(1, 1_000_000), strict=False
        )

    def strays(self) -> list[str]:
        """New messages that are no incident's and call nobody about one."""
        ids = {post["telegram_id"] for post in self.posts}
        return [
            saying.text
            for _, saying, (*_, edit), id_ in self._sayings()
            if edit is None and id_ not in ids and saying.reply_to not in ids
        ]


def _told(one: Record) -> str:
    times = (f"{one[name]:%H:%M}" if one[name] else "-" for name in ("fired_at", "resolved_at"))
    return f"{one['rule']} {labels(one)} {one['level']} {'..'.join(times)} UTC {one['value']}"
