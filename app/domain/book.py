"""All incidents of one look, as they become: every step of the look reads and rewrites them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from app.domain.incident import Change, Event, Incident, Watch
from app.domain.mute import Mute
from app.domain.rule import Rule


@dataclass(frozen=True, slots=True)
class View:
    """What a look judges by. `unwatched`: for how long before it nobody watched."""

    watch: Watch
    rules: Mapping[str, Rule]
    mutes: tuple[Mute, ...] = ()
    unwatched: timedelta = timedelta()

    @property
    def now(self) -> datetime:
        """When the look is taken."""
        return self.watch.now


class Book:
    """Incidents by id, what happened to them in this look, and how they stood before it."""

    def __init__(
        self, known: Iterable[Incident], settle: Callable[[Incident], Incident] = lambda one: one
    ) -> None:
        self._before = {one.id: one for one in known}
        self.incidents = {id_: settle(one) for id_, one in self._before.items()}
        self.events: dict[UUID, list[Event]] = {}

    def put(self, changes: Iterable[Change | None]) -> None:
        """Take over what a step decided; None is nothing."""
        for change in changes:
            if change is not None:
                self.incidents[change.incident.id] = change.incident
                self.events.setdefault(change.incident.id, []).extend(change.events)

    def happened(self, incident: Incident, *kinds: str) -> bool:
        """Whether one of these happened to an incident in this look."""
        return any(event.kind in kinds for event in self.events.get(incident.id, ()))

    def live(self) -> list[Incident]:
        """Those that people are to know of, not counting groups."""
        return [one for one in self.incidents.values() if one.is_on and not one.is_group]

    def groups(self) -> list[Incident]:
        """Those that stand for others, on or not; stores' before merchants', which take them in."""
        found = [one for one in self.incidents.values() if one.is_group]
        return sorted(found, key=lambda one: (one.store_id is None, one.id))

    def members(self) -> dict[UUID, list[Incident]]:
        """The incidents, groups among them, that each one stands for."""
        found: dict[UUID, list[Incident]] = {}
        for one in self.incidents.values():
            if one.parent_id is not None:
                found.setdefault(one.parent_id, []).append(one)
        return found

    def changes(self) -> list[Change]:
        """What has become of everything that is not as it was."""
        return [
            Change(one, tuple(self.events.get(one.id, ())))
            for one in self.incidents.values()
            if one != self._before.get(one.id)
        ]


def leaves(group: Incident, members: Mapping[UUID, list[Incident]]) -> list[Incident]:
    """The single incidents that are on among those a group stands for, at any depth."""
    found: list[Incident] = []
    for one in members.get(group.id, ()):
        found += leaves(one, members) if one.is_group else [one] * one.is_on
    return found
