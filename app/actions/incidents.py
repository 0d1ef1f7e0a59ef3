"""What people do to incidents, by button or by command: take care, silence, and back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from uuid import UUID

from app.actions import incident_deeds
from app.actions.incident_deeds import Deed
from app.db import health
from app.db import mutes as mute_table
from app.db.conn import Conn
from app.domain import press
from app.domain.mute import Mute, Muting
from app.domain.press import Pressed
from app.hub import Hub

__all__ = [
    "Mute", "Muting", "Pressed", "acknowledge", "mute", "mutes", "silence", "unacknowledge",
    "unmute",
]  # fmt: skip


@asynccontextmanager
async def _at(hub: Hub, now: datetime | None) -> AsyncIterator[tuple[Conn, datetime]]:
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        yield conn, now or await health.clock(conn)


async def acknowledge(
    hub: Hub, id_: UUID, actor: str, seq: int | None = None, *, now: datetime | None = None
) -> Pressed:
    """Somebody takes care of an incident, or of the one it is told as part of. `seq`: what the
    button was drawn for; an old one changes nothing. `now`: the database's clock."""
    async with _at(hub, now) as (conn, moment):
        deed = Deed(id_, actor, seq, moment)
        return await incident_deeds.press(conn, hub, deed, press.acknowledge)


async def unacknowledge(
    hub: Hub, id_: UUID, actor: str, seq: int | None = None, *, now: datetime | None = None
) -> Pressed:
    """Nobody takes care any more: escalation begins anew."""
    async with _at(hub, now) as (conn, moment):
        deed = Deed(id_, actor, seq, moment)
        return await incident_deeds.press(conn, hub, deed, press.unacknowledge)


async def mute(
    hub: Hub,
    id_: UUID,
    muting: Muting,
    actor: str,
    seq: int | None = None,
    *,
    now: datetime | None = None,
) -> Pressed:
    """Silence an incident, or the group it is part of, for no longer than its rule allows."""
    async with _at(hub, now) as (conn, moment):
        return await incident_deeds.mute(conn, hub, Deed(id_, actor, seq, moment), muting)


async def silence(hub: Hub, mute: Mute) -> Mute:
    """Silence a rule at a store, an account or a merchant, before or after it cries: the mute, cut
    to what its rule allows."""
    async with _at(hub, mute.created_at) as (conn, _):
        return await incident_deeds.silence(conn, hub, mute)


async def unmute(hub: Hub, mute_id: UUID, actor: str, *, now: datetime | None = None) -> bool:
    """End a mute before its time: what it silenced is told again. False: there is none to end."""
    async with _at(hub, now) as (conn, moment):
        return await incident_deeds.unmute(conn, hub, mute_id, actor, moment)


async def mutes(
    conn: Conn, merchant_id: UUID | None = None, *, now: datetime | None = None
) -> list[Mute]:
    """What is silent now, of one merchant or of all; what ends first comes first."""
    return await mute_table.live(conn, now or await health.clock(conn), merchant_id)
