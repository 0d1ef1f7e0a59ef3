"""Calls for help as typed values; OpenAPI is generated from these very types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from app.render.picker import PickerView


class HelpView(msgspec.Struct):
    """What somebody asks for, and of which order or line; open until a supervisor closes it."""

    id: UUID
    text: str
    at: datetime
    picker: PickerView
    order_id: UUID | None = None
    number: str | None = None
    line_id: UUID | None = None
    closed_at: datetime | None = None


class HelpList(msgspec.Struct):
    """Open calls of the store, the oldest first."""

    problems: list[HelpView]


def help_view(row: Mapping[str, Any]) -> HelpView:
    """One call."""
    fields = dict(row)
    return HelpView(picker=PickerView(fields.pop("badge"), fields.pop("name")), **fields)
