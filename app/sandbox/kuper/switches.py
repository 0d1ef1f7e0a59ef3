"""Faults that can be switched on, and what was counted: the knobs and dials of the stand-in."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from typing import Annotated, Any

import msgspec

Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Status = Annotated[int, msgspec.Meta(ge=400, le=599)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Seconds = Annotated[float, msgspec.Meta(ge=0, le=600)]


class Failure(msgspec.Struct, forbid_unknown_fields=True):
    """Answer the next `count` notifications with `status` and do nothing else with them."""

    count: Count = 0
    status: Status = 503
    retry_after: Annotated[int, msgspec.Meta(ge=0)] | None = None


class Switches(msgspec.Struct, forbid_unknown_fields=True):
    """What `POST /kuper/_control` sets; fields left out stay as they are."""

    fail_next: Failure = msgspec.field(default_factory=Failure)
    delay: Seconds = 0.0  #: before every answer to a notification
    lose_next: Count = 0  #: notifications taken, but the connection dies before the answer
    repeat_answer: Annotated[int, msgspec.Meta(ge=202, le=422)] = 422  #: 422 or 202
    duplicate_next: Count = 0  #: webhooks sent twice
    shuffle: bool = False  #: webhooks leave in any order, up to `shuffle_within` seconds late
    shuffle_within: Seconds = 2.0
    rate: Annotated[float, msgspec.Meta(ge=0, le=60_000)] = 0.0  #: new orders per minute
    wrong_sums: Share = 0.0  #: part of payments that are off
    drop: Share = 0.0  #: part of webhooks that nobody ever sends
    double: Share = 0.0  #: part of webhooks that are sent twice
    late: Share = 0.0  #: part of webhooks that leave up to `shuffle_within` late, out of order
    couriers: bool = True  #: whether couriers are announced before they come
    fail_lists: Failure = msgspec.field(default_factory=Failure)  #: the same for the read side

    def with_changes(self, changes: dict[str, Any]) -> Switches:
        """Return the switches after a change; msgspec.ValidationError names what is wrong."""
        merged = msgspec.convert(msgspec.to_builtins(self) | changes, Switches)
        if merged.repeat_answer not in (202, 422):
            raise msgspec.ValidationError("repeat_answer is 202 or 422")
        return merged


@dataclass(slots=True)
class Dials:
    """What happened so far; the newest refusals are kept to be looked at."""

    counts: Counter[str] = field(default_factory=Counter)
    refusals: deque[dict[str, Any]] = field(default_factory=lambda: deque(maxlen=50))

    def refused(self, **what: object) -> None:
        """Keep one refusal of the hub's for `_state` and the index page."""
        self.refusals.append(what)
