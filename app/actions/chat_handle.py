"""One update, once: what a person did in a chat, in one transaction with all its effects."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Final

from app.actions import chat_door
from app.actions.chat_commands import COMMANDS
from app.actions.chat_press import press
from app.actions.chat_turn import (
    Answer,
    Asked,
    Result,
    Turn,
    language_of,
    reply,
    within_transaction,
)
from app.db import health, telegram_chats, telegram_people, telegram_updates
from app.db.telegram_people import Act, Person
from app.db.telegram_updates import Claimed
from app.domain.chat import Command, Deed, Moved, Nothing, Presence, Press, Said, command_of
from app.domain.link_code import code_of
from app.hub import Hub
from app.ports import FrontDesk
from app.render.language import say

#: A command that waited longer than this, through an outage, is old: nobody waits for its answer.
OLD: Final = timedelta(minutes=10)


async def handle(hub: Hub, desk: FrontDesk, one: Claimed) -> Result | None:
    """Do what an update asks for; None when somebody else did meanwhile. Everything is certain, or
    nothing has happened, when this returns or raises."""
    deed = desk.read(one.body)
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        if not await telegram_updates.hold(conn, one):
            return None
        turn = Turn(
            within_transaction(hub, conn),
            conn,
            await health.clock(conn),
            await telegram_updates.username(conn, one.bot_id),
        )
        result = await _DEEDS[type(deed)](turn, deed)
        await telegram_updates.finish(conn, one, result.outcome)
    return result


async def _said(turn: Turn, deed: Deed) -> Result:
    assert isinstance(deed, Said)  # by the table
    person = await telegram_people.person(turn.conn, deed.person.user_id)
    command = command_of(deed.text, turn.bot)
    if turn.now - deed.at > OLD:
        return Result("old")
    if person is None:
        return await chat_door.knock(turn, deed, command)
    await telegram_people.called(turn.conn, deed.person)
    if command is None:
        return await _chatter(turn, deed, person)
    code = code_of(command.argument) if command.name == "start" else None
    if code is not None:  # a code may link a person anew, as somebody else
        return await _relink(turn, deed, code)
    return await _command(turn, deed, person, command)


async def _relink(turn: Turn, said: Said, code: str) -> Result:
    if said.room.private:
        return await chat_door.link(turn, said, code)
    return await chat_door.void(turn, said, code)


async def _chatter(turn: Turn, said: Said, person: Person) -> Result:
    """People talk in groups; alone with the bot, they want something."""
    if not said.room.private:
        return Result("no command")
    await _tell(turn, said, person, "tg.unknown_command")
    return Result("no command")


async def _command(turn: Turn, said: Said, person: Person, command: Command) -> Result:
    chat = await telegram_chats.chat(turn.conn, said.room.chat_id)
    known = said.room.private or (
        chat is not None
        and chat.disabled_reason is None
        and chat.merchant_id in (None, person.merchant_id)
    )
    if not known:
        outcome = "unknown chat"
    elif command.name not in COMMANDS:
        outcome = await _unknown(turn, said, person, command)
    else:
        asked = Asked(person, said.person, said.room, chat, said.message_id, command.argument)
        outcome = await _answer(turn, asked, await COMMANDS[command.name](turn, asked))
    written = f"/{command.name} {command.argument}".strip()
    act = Act("command", written, outcome)
    await telegram_people.note(turn.conn, said.person, said.room, act, person)
    return Result(outcome)


async def _answer(turn: Turn, asked: Asked, answer: Answer) -> str:
    await reply(turn, asked.room, answer.text, asked.message_id, answer.keyboard)
    return answer.outcome


async def _unknown(turn: Turn, said: Said, person: Person, command: Command) -> str:
    """In a group other bots have commands too: only who names us is answered."""
    if said.room.private or command.addressed:
        await _tell(turn, said, person, "tg.unknown_command")
    return "unknown command"


async def _tell(turn: Turn, said: Said, person: Person, text: str) -> None:
    language = language_of(turn, said.person, person)
    await reply(turn, said.room, say(language, text), said.message_id)


async def _press(turn: Turn, deed: Deed) -> Result:
    assert isinstance(deed, Press)  # by the table
    return await press(turn, deed)


async def _presence(turn: Turn, deed: Deed) -> Result:
    assert isinstance(deed, Presence)  # by the table
    return await chat_door.presence(turn, deed)


async def _moved(turn: Turn, deed: Deed) -> Result:
    assert isinstance(deed, Moved)  # by the table
    return await chat_door.moved(turn, deed)


async def _nothing(_turn: Turn, deed: Deed) -> Result:
    assert isinstance(deed, Nothing)  # by the table
    return Result(deed.why)


_DEEDS: Final[Mapping[type, Callable[[Turn, Deed], Awaitable[Result]]]] = {
    Said: _said,
    Press: _press,
    Presence: _presence,
    Moved: _moved,
    Nothing: _nothing,
}
