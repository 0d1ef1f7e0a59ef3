"""Who comes in by a chat: links by a code, strangers, groups that the bot is added to or leaves."""

from __future__ import annotations

from app.actions import lost_chat
from app.actions.chat_turn import Result, Turn, language_of, reply
from app.db import lost_chats, telegram_chats, telegram_people
from app.db.telegram_chats import REMOVED
from app.db.telegram_people import Act
from app.db.telegram_updates import digest
from app.domain.chat import Command, Moved, Presence, Room, Said, Someone
from app.domain.link_code import code_of
from app.render.language import say
from app.render.telegram_lines import safe


async def knock(turn: Turn, said: Said, command: Command | None) -> Result:
    """A stranger wrote: in a group nothing happens; alone, a code links, anything else is answered
    once a day."""
    what = f"/{command.name}" if command else "text"
    code = code_of(command.argument) if command and command.name == "start" else None
    if code is not None:
        if said.room.private:
            return await link(turn, said, code)
        return await void(turn, said, code)
    told = not said.room.private or await telegram_people.was_told_today(
        turn.conn, said.person.user_id
    )
    act = Act("stranger", what, "ignored" if told else "told")
    await telegram_people.note_stranger(turn.conn, said.person, said.room, act)
    if not told:
        await _say(turn, said, "tg.stranger")
    return Result("stranger")


async def link(turn: Turn, said: Said, code: str) -> Result:
    """Link who knows a code, unless too many were wrong lately."""
    who = said.person
    if not await telegram_people.may_guess(turn.conn, who.user_id):
        act = Act("stranger", "/start", "told")
        if not await telegram_people.was_told_today(turn.conn, who.user_id):
            await _say(turn, said, "tg.code_wait")
        await telegram_people.note_stranger(turn.conn, who, said.room, act)
        return Result("too many guesses")
    found = await telegram_people.accept(turn.conn, digest(code), who)
    outcome = "wrong" if found is None else "linked"
    person = await telegram_people.person(turn.conn, who.user_id) if found else None
    await telegram_people.note(turn.conn, who, said.room, Act("link", "/start", outcome), person)
    if found is None:
        await _say(turn, said, "tg.code_wrong")
        return Result("wrong code")
    kept = Room(said.room.chat_id, found.name, private=True)
    await telegram_chats.add(turn.conn, kept, found.merchant_id)
    role = say(language_of(turn, who, person), f"tg.role.{found.role}")
    await _say(turn, said, "tg.welcome", name=safe(found.name), role=role)
    return Result("linked")


async def void(turn: Turn, said: Said, code: str) -> Result:
    """Take away a code that a whole group has seen: it links nobody."""
    if await telegram_people.void(turn.conn, digest(code), said.person):
        act = Act("link", "/start", "void")
        await telegram_people.note(turn.conn, said.person, said.room, act)
        await _say(turn, said, "tg.code_private")
        return Result("void code")
    act = Act("stranger", "/start", "ignored")
    await telegram_people.note_stranger(turn.conn, said.person, said.room, act)
    return Result("stranger")


async def presence(turn: Turn, change: Presence) -> Result:
    """The bot came into a chat or had to leave it."""
    known = await telegram_chats.chat(turn.conn, change.room.chat_id)
    outcome = "came" if change.present else "left"
    if known is None:
        if not change.room.private:
            await _strange_group(turn, change)
    elif change.present:
        await telegram_chats.enable(turn.conn, known.chat_id, REMOVED)
    else:
        await lost_chat.lose(turn.conn, turn.hub, known.chat_id, REMOVED)
        await lost_chats.because(turn.conn, known.chat_id, REMOVED)  # a 403 may have come first
    await telegram_people.note(
        turn.conn, change.person, change.room, Act("presence", change.room.title, outcome)
    )
    return Result(outcome)


async def moved(turn: Turn, change: Moved) -> Result:
    """A group has another id from now on: all that is known of it goes along."""
    await telegram_chats.moved(turn.conn, change.old, change.new)
    known = await lost_chat.move(turn.conn, change.old, change.new)
    return Result("moved" if known else "moved, unknown")


async def _strange_group(turn: Turn, change: Presence) -> None:
    if change.present:
        await telegram_chats.meet(turn.conn, change.room, _spoken_of(change.person))
    else:
        await telegram_chats.part(turn.conn, change.room.chat_id)


def _spoken_of(who: Someone) -> str:
    return f"{who.name} (@{who.username})" if who.username else f"{who.name} ({who.user_id})"


async def _say(turn: Turn, said: Said, text: str, **values: object) -> None:
    language = language_of(turn, said.person, None)
    await reply(turn, said.room, say(language, text, **values), said.message_id)
