"""The feed of changes as typed values; OpenAPI is generated from these very types."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec

from app.render.picker import PickerView


class OrderChange(msgspec.Struct):
    """An order as it stands now; `lines_done` of its `lines` need no more work. One that is not
    `active` leaves the shop's queue. A lower version than the one at hand is old news."""

    id: UUID
    number: str
    external_id: str
    state: str
    version: int
    active: bool
    due_at: datetime
    lines: int
    lines_done: int
    picker: PickerView | None = None
    lease_until: datetime | None = None
    cancelled_by: str | None = None
    cancel_reason: str | None = None


class Changes(msgspec.Struct):
    """What changed; ask again with `cursor`, at once while there is `more`. `reset`: forget the
    queue at hand, this is the whole of it (until there is no `more`)."""

    changes: list[OrderChange]
    cursor: str
    more: bool
    reset: bool
