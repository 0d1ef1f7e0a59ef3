"""Who may press and ask in Telegram, how people get there, and what everybody did."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final
from uuid import UUID

from asyncpg import Record

from app.db import lost_chats
from app.db.conn import Conn
from app.db.queries import load
from app.domain.chat import Room, Someone
from app.identifiers import new_id

_SQL = load("telegram_people")
#: Minutes that a code is good for.
CODE_MINUTES: Final = 15
#: Wrong codes of one person within an hour, and of everybody within a quarter of one.
OWN_GUESSES: Final = 5
ALL_GUESSES: Final = 50


@dataclass(frozen=True, slots=True)
class Person:
    """Who may press and ask: about one merchant, or one store of it."""

    user_id: int
    merchant_id: UUID
    store_id: UUID | None
    store_code: str | None
    name: str
    username: str
    role: str
    language: str | None

    def sees(self, merchant_id: UUID | None, store_id: UUID | None) -> bool:
        """Whether something is this person's business; what is nobody's is everybody's who is
        not of one store."""
        if self.store_id is not None:
            return store_id == self.store_id
        return merchant_id in (None, self.merchant_id)


@dataclass(frozen=True, slots=True)
class Invitation:
    """What a code makes of a person."""

    merchant_id: UUID
    store_id: UUID | None
    name: str
    role: str


@dataclass(frozen=True, slots=True)
class Act:
    """What somebody did, for the audit; `what` as it was written, `outcome` what came of it."""

    kind: str
    what: str
    outcome: str


async def person(conn: Conn, user_id: int) -> Person | None:
    """A linked person; None for a stranger, and for one whose link was taken back."""
    row = await conn.fetchrow(_SQL["person"], user_id)
    return None if row is None else Person(**row)


async def speak(conn: Conn, user_id: int, language: str) -> None:
    """From now on speak this language to a person."""
    await conn.execute(_SQL["speak"], user_id, language)


async def called(conn: Conn, who: Someone) -> None:
    """A person may have another name in Telegram since the last time."""
    await conn.execute(_SQL["called"], who.user_id, who.username)


async def people(conn: Conn) -> list[Record]:
    """Everybody who is or was linked."""
    rows: list[Record] = await conn.fetch(_SQL["people"])
    return rows


async def linked(conn: Conn, merchant_id: UUID, store_id: UUID | None) -> list[Record]:
    """Who may ask and press at a merchant, or one of its stores."""
    rows: list[Record] = await conn.fetch(_SQL["linked"], merchant_id, store_id)
    return rows


async def revoke(conn: Conn, who: str) -> str | None:
    """Take a person's link back at once, by number, name or @name, and say nothing more to them
    alone; the name, None if nobody or several are called so."""
    number = int(who) if who.isdecimal() and len(who) < 19 else None
    row = await conn.fetchrow(_SQL["revoke"], number, who)
    if row is None:
        return None
    await lost_chats.disable(conn, row["user_id"], "revoked")  # in private chats the number is one
    await lost_chats.because(conn, row["user_id"], "revoked")  # also when it had blocked the bot
    return str(row["name"])


async def merchant_of(conn: Conn, store_id: UUID) -> UUID:
    """Whose a store is."""
    found: UUID = await conn.fetchval(_SQL["merchant_of"], store_id)
    return found


async def invite(conn: Conn, code_hash: bytes, invitation: Invitation, made_by: str) -> None:
    """A code links one person, once."""
    await conn.execute(
        _SQL["make_link"], code_hash, invitation.merchant_id, invitation.store_id,
        invitation.name, invitation.role, made_by, CODE_MINUTES,
    )  # fmt: skip


async def may_guess(conn: Conn, user_id: int) -> bool:
    """Whether another code is looked at: there were few wrong ones."""
    row = await conn.fetchrow(_SQL["guesses"], user_id)
    assert row is not None  # it counts
    return bool(row["own"] < OWN_GUESSES and row["everybodys"] < ALL_GUESSES)


async def accept(conn: Conn, code_hash: bytes, who: Someone) -> Invitation | None:
    """Link who knows a code; None when there is no such code, or not any more."""
    row = await conn.fetchrow(_SQL["use_link"], code_hash, who.user_id)
    if row is None:
        return None
    found = Invitation(**row)
    await conn.execute(
        _SQL["join"], who.user_id, found.merchant_id, found.store_id, found.name, who.username,
        found.role,
    )  # fmt: skip
    await _leave_others(conn, who.user_id, found)
    return found


async def admit(conn: Conn, user_id: int, made: Invitation) -> None:
    """Link a person whose number is known, without a code."""
    await conn.execute(
        _SQL["join"], user_id, made.merchant_id, made.store_id, made.name, "", made.role
    )
    await _leave_others(conn, user_id, made)


async def _leave_others(conn: Conn, user_id: int, made: Invitation) -> None:
    """What another merchant told this person alone ends with the link to that."""
    await conn.execute(_SQL["leave_others"], user_id, made.merchant_id)


async def void(conn: Conn, code_hash: bytes, who: Someone) -> bool:
    """Nobody can use a code any more; False when nobody could."""
    return await conn.fetchval(_SQL["void"], code_hash, who.user_id) is not None


async def note(
    conn: Conn, who: Someone, room: Room | None, act: Act, known: Person | None = None
) -> None:
    """Leave a row of what somebody did."""
    name, merchant = (known.name, known.merchant_id) if known else (who.name, None)
    chat_id = room.chat_id if room else who.user_id
    await conn.execute(
        _SQL["note"], new_id(), who.user_id, name, chat_id, merchant, act.kind, act.what[:200],
        act.outcome[:200],
    )  # fmt: skip


async def note_stranger(conn: Conn, who: Someone, room: Room | None, act: Act) -> None:
    """Leave one row a day of what a stranger did, however often."""
    chat_id = room.chat_id if room else who.user_id
    await conn.execute(
        _SQL["note_stranger"], new_id(), who.user_id, _spoken_of(who), chat_id, act.what[:200],
        act.outcome,
    )  # fmt: skip


async def was_told_today(conn: Conn, user_id: int) -> bool:
    """Whether a stranger has heard today that we do not know each other."""
    return bool(await conn.fetchval(_SQL["told_today"], user_id))


async def audit(
    conn: Conn, most: int, user_id: int | None = None, chat_id: int | None = None
) -> list[Record]:
    """What people did, the newest first."""
    rows: list[Record] = await conn.fetch(_SQL["audit"], most, user_id, chat_id)
    return rows


def _spoken_of(who: Someone) -> str:
    return f"{who.name} @{who.username}" if who.username else who.name
