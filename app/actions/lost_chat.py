"""A chat that cannot be written in any more, and a group under another id: nobody goes untold."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog

from app.db import incidents, lost_chats, telegram
from app.db.conn import Conn
from app.db.lost_chats import NONE
from app.domain.incident import Incident
from app.hub import Hub
from app.identifiers import new_id

log = structlog.get_logger()


async def lose(conn: Conn, hub: Hub, chat_id: int, reason: str, in_hand: UUID = NONE) -> None:
    """Disable a chat, and have what is on and was to be seen only there told elsewhere. `in_hand`:
    the row of a message that its holder takes out. In the caller's transaction."""
    homeless = await lost_chats.disable(conn, chat_id, reason, in_hand)
    log.error("chat lost", chat=chat_id, reason=reason, incidents=len(homeless))
    found = [await incidents.one(conn, id_) for id_ in homeless]
    await _place(conn, hub, [one for one in found if one is not None])


async def _place(conn: Conn, hub: Hub, homeless: Sequence[Incident]) -> None:
    """Every chat that the ladder has reached so far."""
    asked = [
        (one, hub.rules[one.rule].topic, step)
        for one in homeless
        if one.rule in hub.rules
        for step in range(one.step + 1)
    ]
    places = await incidents.places(conn, asked)
    await telegram.post(conn, places)
    await telegram.show(conn, [one.id for one in homeless], new_id().hex)
    placed = {place.incident_id for place in places}
    for one in homeless:
        if one.id not in placed:
            log.error("nobody to tell: its chat is lost and there is no other", rule=one.rule)


async def move(conn: Conn, old: int, new: int) -> bool:
    """A group became a supergroup: everything goes on under its new id. False when we know no chat
    of the old one. In the caller's transaction."""
    known = await lost_chats.move(conn, old, new, new_id().hex)
    log.warning("chat moved", chat=old, to=new, known=known)
    return known
