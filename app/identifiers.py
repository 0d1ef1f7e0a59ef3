"""New identifiers: UUIDv7, unique across machines and sorted by the time they were made."""

from __future__ import annotations

from uuid import UUID

from uuid_utils.compat import uuid7


def new_id() -> UUID:
    """Make one UUIDv7 (RFC 9562 §5.7)."""
    return uuid7()
