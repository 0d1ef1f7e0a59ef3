"""What a person must be for a request: a supervisor, or at work."""

from __future__ import annotations

from app.db import shifts
from app.db.conn import Conn
from app.db.people import Picker, Role
from app.domain.refusals import Code, Refused


def must_supervise(picker: Picker) -> None:
    """Refused unless this is a supervisor."""
    if picker.role is not Role.SUPERVISOR:
        raise Refused(Code.ROLE_REQUIRED, role=Role.SUPERVISOR)


async def must_be_on_shift(conn: Conn, picker: Picker) -> None:
    """Refused when the store wants shifts and this person's does not run. Asked before an order is
    locked; it keeps the shift from ending before the write is done."""
    if picker.needs_shift and not await shifts.hold_running(conn, picker.id):
        raise Refused(Code.SHIFT_CLOSED)
