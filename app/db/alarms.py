"""The second way out: which incidents it has to tell, its letters, how each way does."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from asyncpg import Record

from app.db.conn import Conn
from app.db.queries import load
from app.domain.incident import Incident, IncidentState
from app.domain.rule import Level
from app.ports import Alarm

_SQL = load("alarms")


class Tells(StrEnum):
    """What a letter says of an incident."""

    BEGAN = "began"  #: it is on
    PASSED = "passed"  #: it was on, and is over before anybody heard of it
    ENDED = "ended"  #: an earlier letter told of it, and it is over
    NOTHING = "nothing"  #: it was heard of otherwise, or somebody wants it silent


class Item(NamedTuple):
    """An incident on its way into a letter; `letter_id`: the one that told its beginning."""

    tells: Tells
    letter_id: UUID | None
    incident: Incident


class Standing(NamedTuple):
    """How a way stands for the process that has locked it."""

    failures: int
    is_due: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter, and the incidents whose beginning and end it tells."""

    alarm: Alarm
    began: Sequence[UUID]
    ended: Sequence[UUID]


async def lock(conn: Conn, way: str, now: datetime) -> Standing | None:
    """Keep everybody else from this way until the transaction ends; None when somebody else uses
    it."""
    await conn.execute(_SQL["know"], way)
    row = await conn.fetchrow(_SQL["lock"], way, now)
    return None if row is None else Standing(row["failures"], row["is_due"])


async def note(conn: Conn, way: str, now: datetime, seconds: float) -> None:
    """Keep what the way has to tell: it stays so when the trouble is over before it can."""
    await conn.execute(_SQL["note"], way, now, seconds)


async def open_(conn: Conn, way: str, now: datetime, again: float) -> list[Item]:
    """What the way has to tell now, the oldest first."""
    return [_item(row) for row in await conn.fetch(_SQL["open"], way, now, again)]


def _item(row: Record) -> Item:
    fields = dict(row)
    tells, letter_id = Tells(fields.pop("tells")), fields.pop("letter_id")
    fields |= {"level": Level(fields["level"]), "state": IncidentState(fields["state"])}
    return Item(tells, letter_id, Incident(**fields))


async def forget(conn: Conn, way: str, incident_ids: Collection[UUID]) -> None:
    """The way need not tell these any more."""
    await conn.execute(_SQL["forget"], way, list(incident_ids))


async def unsent(conn: Conn, way: str) -> Letter | None:
    """The letter of a try that nobody saw the end of: it may have arrived."""
    row = await conn.fetchrow(_SQL["unsent"], way)
    if row is None:
        return None
    began, ended = row["began"], row["ended"]
    alarm = Alarm(
        row["id"], row["created_at"], row["subject"], row["body"], row["facts"],
        tuple(row["answers"]), firing=bool(set(began) - set(ended)),
    )  # fmt: skip
    return Letter(alarm, began, ended)


async def write(conn: Conn, way: str, letter: Letter) -> None:
    """Keep a letter before it is sent."""
    alarm = letter.alarm
    await conn.execute(
        _SQL["write"], way, alarm.id, alarm.at, alarm.subject, alarm.text, alarm.facts,
        list(alarm.answers), list(letter.began), list(letter.ended),
    )  # fmt: skip


async def lease(conn: Conn, way: str, until: datetime) -> int:
    """Have the way to oneself beyond the transaction; the epoch to name when it is over."""
    epoch: int = await conn.fetchval(_SQL["lease"], way, until)
    return epoch


async def drop(conn: Conn, letter_id: UUID) -> None:
    """A letter that surely went nowhere: the next one tells how things stand then."""
    await conn.execute(_SQL["drop"], letter_id)


async def recent(conn: Conn, way: str, since: datetime) -> int:
    """How many letters went out by this way since."""
    count: int = await conn.fetchval(_SQL["recent"], way, since)
    return count


async def rest(
    conn: Conn, way: str, epoch: int, now: datetime, seconds: float, error: str | None
) -> bool:
    """Give the way back: the next letter after `seconds`, and the error of a try that failed. False
    when another process has it now."""
    return await conn.fetchval(_SQL["rest"], way, epoch, now, seconds, error) is not None


async def sent(conn: Conn, letter: Letter, now: datetime, said: str) -> None:
    """A letter went out: its incidents are told."""
    await conn.execute(_SQL["sent"], letter.alarm.id, now, said)


async def ways(conn: Conn) -> list[Mapping[str, Any]]:
    """How each way did last: failures in a row, since when, the error, the last letter sent."""
    return [dict(row) for row in await conn.fetch(_SQL["ways"])]
