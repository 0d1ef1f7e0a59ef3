"""What people do to incidents, in the caller's transaction: buttons and commands both come here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from app.actions.announce import Desk, announce
from app.db import incidents
from app.db import mutes as mute_table
from app.db.conn import Conn
from app.domain import mute as muting_of
from app.domain.book import View
from app.domain.incident import Change, Incident, Watch
from app.domain.life import hushed
from app.domain.mute import Mute, Muting
from app.domain.press import Pressed, refusal
from app.domain.telling import tell
from app.identifiers import new_id

#: Minutes the longest mute takes of a rule whose file is gone.
_MOST: Final = 1440


@dataclass(frozen=True, slots=True)
class Deed:
    """Somebody does something to an incident. `seq`: what the button was drawn for, None when there
    was no button; `now`: the database's clock."""

    incident_id: UUID
    actor: str
    seq: int | None
    now: datetime


async def press(
    conn: Conn, desk: Desk, deed: Deed, do: Callable[[Incident, str, datetime], Change | None]
) -> Pressed:
    """Acknowledge or not any more (app/domain/press.py): of a group's member, the group."""
    one = await _meant(conn, deed)
    if isinstance(one, Pressed):
        return one
    change = do(one, deed.actor, deed.now)
    if change is None:
        return Pressed.ALREADY
    await announce(conn, desk, [tell(change, deed.now)], deed.now)
    return Pressed.DONE


async def _meant(conn: Conn, deed: Deed) -> Incident | Pressed:
    """The incident that is meant, locked, or why nothing may be done."""
    head = await incidents.head(conn, deed.incident_id)
    if head is None:
        return Pressed.UNKNOWN
    one = await incidents.one(conn, head)
    if head != deed.incident_id and deed.seq is not None:
        return Pressed.STALE  # drawn before it became part of the group
    return refusal(one, deed.seq) or one or Pressed.UNKNOWN


async def mute(conn: Conn, desk: Desk, deed: Deed, muting: Muting) -> Pressed:
    """Silence an incident, or the group it is part of, for no longer than its rule allows."""
    await incidents.lock_kin(conn, deed.incident_id)
    one = await _meant(conn, deed)
    if isinstance(one, Pressed):
        return one
    until = muting_of.ends(muting, _most(desk, one.rule), deed.now)
    longest = muting_of.longest(one, await mute_table.live(conn, deed.now), deed.now)
    if longest is not None and longest.until >= until:
        return Pressed.ALREADY
    new = Mute(
        new_id(), one.rule, muting.reason, deed.actor, deed.now, until,
        **muting_of.scope(one), level=one.level,
    )  # fmt: skip
    await _silence(conn, desk, new)
    return Pressed.DONE


async def silence(conn: Conn, desk: Desk, mute: Mute) -> Mute:
    """Silence a rule at a store, an account or a merchant, before or after it cries: the mute, cut
    to what its rule allows."""
    most = muting_of.ends(Muting(_MOST, ""), _most(desk, mute.rule), mute.created_at)
    kept = muting_of.cut(mute, most)
    await _silence(conn, desk, kept)
    return kept


async def _silence(conn: Conn, desk: Desk, new: Mute) -> None:
    live = await incidents.of_rule(conn, new.rule)
    await mute_table.add(conn, new)
    await _obey(conn, desk, live, new.created_at, new.owner)


async def unmute(conn: Conn, desk: Desk, mute_id: UUID, actor: str, now: datetime) -> bool:
    """End a mute before its time: what it silenced is told again. False: there is none to end."""
    rule = await mute_table.end(conn, mute_id, now, actor)
    if rule is not None:
        await _obey(conn, desk, await incidents.of_rule(conn, rule), now, actor)
    return rule is not None


async def _obey(
    conn: Conn, desk: Desk, live: Sequence[Incident], now: datetime, actor: str
) -> None:
    view = View(Watch(now, (), new_id), desk.rules, tuple(await mute_table.live(conn, now)))
    await announce(conn, desk, hushed(live, view, actor), now)


def _most(desk: Desk, rule: str) -> int:
    return desk.rules[rule].most_mute if rule in desk.rules else _MOST
