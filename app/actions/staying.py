"""What belongs to stores that go to another cell is not changed any more in the one they leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from app.db import away
from app.db.conn import Conn
from app.domain.refusals import Code, Refused

#: When to look again at what goes to another cell.
MOVING_SECONDS: Final = 5.0


async def account_must_stay(conn: Conn, id_: UUID) -> None:
    """Refused while an account goes elsewhere, and once it lives there."""
    if await away.account(conn, id_):
        raise Refused(Code.STORE_MOVING, seconds=MOVING_SECONDS)


async def documents_must_stay(conn: Conn, ids: Sequence[UUID]) -> None:
    """Refused while some of these documents go elsewhere."""
    if await away.documents(conn, ids):
        raise Refused(Code.STORE_MOVING, seconds=MOVING_SECONDS)
