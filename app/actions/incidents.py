"""What people do to incidents, by button or by command: take care, silence, and back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from app.actions.announce import announce
from app.db import health, incidents
from app.db import mutes as mute_table
from app.db.conn import Conn
from app.domain import mute as muting_of
from app.domain import press
from app.domain.book import View
from app.domain.incident import Change, Incident, Watch
from app.domain.life import hushed
from app.domain.mute import Mute, Muting
from app.domain.press import Pressed
from app.domain.telling import tell
from app.hub import Hub
from app.identifiers import new_id

__all__ = [
    "Mute", "Muting", "Pressed", "acknowledge", "mute", "mutes", "silence", "unacknowledge",
    "unmute",
]  # fmt: skip

#: Minutes the longest mute takes of a rule whose file is gone.
_MOST = 1440


async def acknowledge(
    hub: Hub, id_: UUID, actor: str, seq: int | None = None, *, now: datetime | None = None
) -> Pressed:
    """Somebody takes care of an incident, or of the one it is told as part of. `seq`: what the
    button was drawn for; an old one changes nothing. `now`: the database's clock."""
    return await _press(hub, id_, seq, lambda one, at: press.acknowledge(one, actor, at), now=now)


async def unacknowledge(
    hub: Hub, id_: UUID, actor: str, seq: int | None = None, *, now: datetime | None = None
) -> Pressed:
    """Nobody takes care any more: escalation begins anew."""
    return await _press(hub, id_, seq, lambda one, at: press.unacknowledge(one, actor, at), now=now)


async def _press(
    hub: Hub,
    id_: UUID,
    seq: int | None,
    deed: Callable[[Incident, datetime], Change | None],
    *,
    now: datetime | None,
) -> Pressed:
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        moment = now or await health.clock(conn)
        one = await _pressed(conn, id_, seq)
        if isinstance(one, Pressed):
            return one
        change = deed(one, moment)
        if change is None:
            return Pressed.ALREADY
        await announce(conn, hub, [tell(change, moment)], moment)
        return Pressed.DONE


async def _pressed(conn: Conn, id_: UUID, seq: int | None) -> Incident | Pressed:
    """The incident that is meant, locked: of a group's member, the group."""
    head = await incidents.head(conn, id_)
    if head is None:
        return Pressed.UNKNOWN
    one = await incidents.one(conn, head)
    if head != id_ and seq is not None:  # drawn before it became part of the group
        return Pressed.STALE
    return press.refusal(one, seq) or one or Pressed.UNKNOWN


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
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        moment = now or await health.clock(conn)
        one = await _pressed(conn, id_, seq)
        if isinstance(one, Pressed):
            return one
        until = muting_of.ends(muting, _most(hub, one.rule), moment)
        longest = muting_of.longest(one, await mute_table.live(conn, moment), moment)
        if longest is not None and longest.until >= until:
            return Pressed.ALREADY
        new = Mute(
            new_id(), one.rule, muting.reason, actor, moment, until,
            **muting_of.scope(one), level=one.level,
        )  # fmt: skip
        await _silence(conn, hub, new)
        return Pressed.DONE


async def silence(hub: Hub, mute: Mute) -> Mute:
    """Silence a rule at a store, an account or a merchant, before or after it cries: the mute, cut
    to what its rule allows."""
    most = muting_of.ends(Muting(_MOST, ""), _most(hub, mute.rule), mute.created_at)
    kept = muting_of.cut(mute, most)
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await _silence(conn, hub, kept)
    return kept


async def _silence(conn: Conn, hub: Hub, new: Mute) -> None:
    live = await incidents.of_rule(conn, new.rule)
    await mute_table.add(conn, new)
    await _obey(conn, hub, live, new.created_at, new.owner)


async def unmute(hub: Hub, mute_id: UUID, actor: str, *, now: datetime | None = None) -> bool:
    """End a mute before its time: who it silenced is told of again. False: there is none."""
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        moment = now or await health.clock(conn)
        rule = await mute_table.end(conn, mute_id, moment, actor)
        if rule is not None:
            await _obey(conn, hub, await incidents.of_rule(conn, rule), moment, actor)
    return rule is not None


async def _obey(conn: Conn, hub: Hub, live: Sequence[Incident], now: datetime, actor: str) -> None:
    view = View(Watch(now, (), new_id), hub.rules, tuple(await mute_table.live(conn, now)))
    await announce(conn, hub, hushed(live, view, actor), now)


async def mutes(
    conn: Conn, merchant_id: UUID | None = None, *, now: datetime | None = None
) -> list[Mute]:
    """What is silent now, of one merchant or of all; what ends first comes first."""
    return await mute_table.live(conn, now or await health.clock(conn), merchant_id)


def _most(hub: Hub, rule: str) -> int:
    return hub.rules[rule].most_mute if rule in hub.rules else _MOST
