"""The one error of this layer: why the hub cannot start, in a sentence for a person."""

from __future__ import annotations

from app.errors import HubError


class CannotStart(HubError):
    """Something on this machine keeps the hub from starting; the message says what and where."""

    reason = "cannot_start"
