"""The second way out: what is critical and in no chat goes by e-mail or webhook, and its end too.

At least once, by one process at a time: a letter is a row before it is sent. When the answer to an
accepted letter was lost, the same letter goes again, under the same id."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import structlog

from app.db import alarms, health
from app.db.alarms import Item, Letter, Tells
from app.db.conn import Conn
from app.domain import alarm as times
from app.domain.incident import AGAIN
from app.errors import RemoteRefused, RemoteUnavailable
from app.hub import Hub
from app.identifiers import new_id
from app.ports import ALARM_LIMIT, Alarm, AlarmWay
from app.render.alarm import Told, Voice, letter, trial

log = structlog.get_logger()

#: Seconds after which a process that sends and says nothing is taken for dead.
LEASE: Final = 2 * ALARM_LIMIT
#: A letter nobody saw the end of is sent again as it is for this long; then it is written anew.
SAME: Final = timedelta(hours=1)
_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class _Try:
    """A letter in hand, under the lease of this epoch; `failures` of the way before it."""

    way: AlarmWay
    letter: Letter
    epoch: int
    failures: int


async def alarm(hub: Hub, now: datetime | None = None) -> int:
    """Send by every way what it has to tell; how many letters went out. `now`: the database's
    clock, unless a test moves it. Any process may call this at any time."""
    every = (_through(hub, way, now) for way in hub.ways.values())
    found = await asyncio.gather(*every, return_exceptions=True)  # none is left behind by another
    if failed := [one for one in found if isinstance(one, BaseException)]:
        raise failed[0]
    return sum(one for one in found if isinstance(one, int))


async def rehearse(way: AlarmWay, language: str, now: datetime) -> tuple[bool, str]:
    """Send a test letter by one way: whether it was taken, and what was said."""
    words = trial(language)
    test = Alarm(new_id(), now, words.subject, words.text, words.facts, firing=False)
    try:
        return True, await way.send(test)
    except (RemoteRefused, RemoteUnavailable) as error:
        return False, str(error)


async def _through(hub: Hub, way: AlarmWay, now: datetime | None) -> int:
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        moment = now or await health.clock(conn)
        begun = await _begin(conn, hub, way, moment)
    if begun is None:
        return 0
    try:
        said = await way.send(begun.letter.alarm)
    except (RemoteRefused, RemoteUnavailable) as error:
        await _failed(hub, begun, moment, error)
        return 0
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await alarms.sent(conn, begun.letter, moment, said)
        letters = await alarms.recent(conn, way.name, moment - _HOUR)
        await alarms.rest(conn, way.name, begun.epoch, moment, times.gap(letters), None)
    log.info("alarm sent", way=way.name, said=said, incidents=len(begun.letter.began))
    return 1


async def _begin(conn: Conn, hub: Hub, way: AlarmWay, now: datetime) -> _Try | None:
    """Take the way and the letter to send by it; None when there is nothing to do."""
    standing = await alarms.lock(conn, way.name, now)
    if standing is None:
        return None
    await alarms.note(conn, way.name, now, times.UNSEEN)
    if not standing.is_due:
        return None
    chosen = await _again(conn, way, now) or await _new(conn, hub, way, now)
    if chosen is None:
        return None
    epoch = await alarms.lease(conn, way.name, now + timedelta(seconds=LEASE))
    return _Try(way, chosen, epoch, standing.failures)


async def _again(conn: Conn, way: AlarmWay, now: datetime) -> Letter | None:
    """The letter that may have arrived, unless that is long ago."""
    kept = await alarms.unsent(conn, way.name)
    if kept is not None and kept.alarm.at < now - SAME:
        await alarms.drop(conn, kept.alarm.id)
        return None
    return kept


async def _new(conn: Conn, hub: Hub, way: AlarmWay, now: datetime) -> Letter | None:
    items = await alarms.open_(conn, way.name, now, AGAIN.total_seconds())
    heard = [item.incident.id for item in items if item.tells is Tells.NOTHING]
    await alarms.forget(conn, way.name, heard)
    if len(heard) == len(items):
        return None
    written = _letter(hub, items, now)
    await alarms.write(conn, way.name, written)
    return written


def _letter(hub: Hub, items: Sequence[Item], now: datetime) -> Letter:
    by = {tells: [item for item in items if item.tells is tells] for tells in Tells}
    told = Told(*([item.incident for item in by[tells]] for tells in (
        Tells.BEGAN, Tells.PASSED, Tells.ENDED)))  # fmt: skip
    words = letter(told, Voice(hub.rules, hub.language, now, hub.public_url))
    answers = {item.letter_id: None for item in by[Tells.ENDED] if item.letter_id}
    written = Alarm(
        new_id(), now, words.subject, words.text, words.facts, tuple(answers),
        firing=bool(told.began),
    )  # fmt: skip
    began, passed, ended = ([one.id for one in some] for some in (
        told.began, told.passed, told.ended))  # fmt: skip
    return Letter(written, [*began, *passed], [*passed, *ended])


async def _failed(
    hub: Hub, begun: _Try, now: datetime, error: RemoteRefused | RemoteUnavailable
) -> None:
    """Nobody's fault to mend here: the way is tried again, also after a refusal."""
    unsure = isinstance(error, RemoteUnavailable) and error.ambiguous
    asked = error.after if isinstance(error, RemoteUnavailable) else 0.0
    name, wait = begun.way.name, times.pause(begun.failures + 1, asked)
    log.error("alarm not sent", way=name, reason=error.reason, said=str(error)[:300], wait=wait)
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        ours = await alarms.rest(conn, name, begun.epoch, now, wait, str(error)[:300])
        if ours and not unsure:
            await alarms.drop(conn, begun.letter.alarm.id)
