"""What the API says of a retailer's own systems that are told of orders."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec


class IntegratorPut(msgspec.Struct):
    """It is in place. `secret`: the one that was made for it, shown only now."""

    code: str
    secret: str | None


class IntegratorRow(msgspec.Struct):
    """A subscription and how it fares. `waiting`: events on their way; `given_up`: those that
    nobody tries any more; `pause_after`: seconds; `pause_reason`: operator, failing or gone."""

    code: str
    name: str
    merchant: str
    url: str
    events: list[str]
    stores: list[str]
    parallel: int
    pause_after: int
    active: bool
    pause_reason: str | None
    paused_at: datetime | None
    trouble: str | None
    failing_since: datetime | None
    rest_until: datetime | None
    taken_at: datetime | None
    waiting: int
    given_up: int
    created_at: datetime
    changed_at: datetime


class IntegratorRows(msgspec.Struct):
    """All subscriptions."""

    subscriptions: list[IntegratorRow]


class IntegratorRotate(msgspec.Struct):
    """`finish`: the newest secret alone is left."""

    finish: bool = False


class IntegratorTrial(msgspec.Struct):
    """How a trial went."""

    taken: bool
    status: int | None
    said: str


class EventAttempt(msgspec.Struct):
    """One try: how long it took, how it ended, what was said."""

    attempt: int
    at: datetime
    ms: int
    status: int | None
    outcome: str
    said: str


class EventDelivery(msgspec.Struct):
    """One event for one subscription. `state`: of its place in the queue; `actor`: who asked for
    it."""

    id: UUID
    message_id: UUID
    type: str
    occurred_at: datetime
    order: str | None
    actor: str
    state: str
    attempts: int
    due_at: datetime
    taken_at: datetime | None
    last_error: str | None
    tries: list[EventAttempt]


class EventLog(msgspec.Struct):
    """Deliveries, the latest first."""

    deliveries: list[EventDelivery]


class EventResent(msgspec.Struct):
    """The delivery that brings it."""

    id: UUID


class EventKnown(msgspec.Struct):
    """An event and its JSON Schema."""

    type: str
    schema: dict[str, Any]


class EventTypes(msgspec.Struct):
    """Every event there is."""

    types: list[EventKnown]
