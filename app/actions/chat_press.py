"""A button was pressed: do what it says if that still makes sense, and tell who pressed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from typing import Final

from app.actions import incidents
from app.actions.chat_turn import Result, Turn, language_of
from app.actions.incidents import Muting, Pressed
from app.db import telegram_chats, telegram_people, telegram_posts, telegram_reports
from app.db.telegram_people import Act, Person
from app.db.telegram_reports import Touched
from app.domain.chat import Ask, EndMute, Press, Speak, Touch, ask_of
from app.identifiers import new_id
from app.render.language import say
from app.render.moment import day_and_clock
from app.render.telegram_talk import fitting

#: After these the message shows something that is not so any more.
_OUTDATED: Final = (Pressed.STALE, Pressed.OVER, Pressed.UNKNOWN)
_TEXT: Final[Mapping[Pressed, str]] = {
    Pressed.DONE: "tg.press.{verb}",
    Pressed.ALREADY: "tg.press.{verb}.already",
    Pressed.STALE: "tg.press.stale",
    Pressed.OVER: "tg.press.over",
    Pressed.UNKNOWN: "tg.press.gone",
}


async def press(turn: Turn, pressed: Press) -> Result:
    """Handle one press: by a linked person, in a chat we know, of a button that is ours."""
    person = await telegram_people.person(turn.conn, pressed.person.user_id)
    if person is None:
        act = Act("stranger", f"press {pressed.data}", "refused")
        await telegram_people.note_stranger(turn.conn, pressed.person, pressed.room, act)
        return _answered(turn, pressed, None, "tg.press.stranger", "stranger")
    await telegram_people.called(turn.conn, pressed.person)
    ask = ask_of(pressed.data)
    if not await _is_known(turn, pressed, person):
        result = _answered(turn, pressed, person, "tg.press.chat", "unknown chat")
    elif ask is None:
        result = _answered(turn, pressed, person, "tg.press.unclear", "unclear")
    else:
        result = await _DEEDS[type(ask)](turn, pressed, person, ask)
    act = Act("press", pressed.data, result.outcome)
    await telegram_people.note(turn.conn, pressed.person, pressed.room, act, person)
    return result


async def _is_known(turn: Turn, pressed: Press, person: Person) -> bool:
    room = pressed.room
    if room is None:
        return False
    if room.private:
        return room.chat_id == person.user_id
    chat = await telegram_chats.chat(turn.conn, room.chat_id)
    if chat is None or chat.disabled_reason is not None:
        return False
    return chat.merchant_id in (None, person.merchant_id)


async def _touch(turn: Turn, pressed: Press, person: Person, ask: Ask) -> Result:
    assert isinstance(ask, Touch)  # by the table
    found = await telegram_reports.touched(turn.conn, ask.incident_id)
    if found is not None and not person.sees(found.merchant_id, found.store_id):
        return _answered(turn, pressed, person, "tg.press.not_yours", "not theirs")
    came = await _act(turn, person, ask)
    found = await telegram_reports.touched(turn.conn, ask.incident_id)
    text = say(
        language_of(turn, pressed.person, person),
        _TEXT[came].format(verb=ask.verb),
        name=(found and found.acknowledged_by) or "?",
        time=_time(found, came, ask.verb, turn.now),
    )
    unkey = await _refresh(turn, pressed, ask) if came in _OUTDATED else None
    return Result(str(came), pressed.query_id, fitting(text), unkey)


async def _act(turn: Turn, person: Person, ask: Touch) -> Pressed:
    if ask.verb == "mute":
        reason = say(turn.hub.language, "tg.mute_reason")
        muting = Muting(ask.minutes, reason)
        return await incidents.mute(turn.hub, ask.incident_id, muting, person.name, ask.seq)
    if ask.verb == "acknowledge":
        return await incidents.acknowledge(turn.hub, ask.incident_id, person.name, ask.seq)
    return await incidents.unacknowledge(turn.hub, ask.incident_id, person.name, ask.seq)


def _time(found: Touched | None, came: Pressed, verb: str, now: datetime) -> str:
    if found is None:
        return "?"
    moments = {"mute": found.muted_until, "acknowledge": found.acknowledged_at}
    moment = found.resolved_at if came is Pressed.OVER else moments.get(verb)
    return "?" if moment is None else day_and_clock(moment, found.timezone, now)


async def _refresh(turn: Turn, pressed: Press, ask: Touch) -> tuple[int, int] | None:
    """Have the pressed message show how things stand; one that is no incident's post any more
    loses its buttons: where they are is returned."""
    room, message_id = pressed.room, pressed.message_id
    if room is None or message_id is None:
        return None
    again = await telegram_posts.outdate(turn.conn, ask.incident_id, room.chat_id, message_id)
    if not again:
        return room.chat_id, message_id
    await telegram_posts.show(turn.conn, ask.incident_id, new_id().hex)
    return None


async def _end_mute(turn: Turn, pressed: Press, person: Person, ask: Ask) -> Result:
    assert isinstance(ask, EndMute)  # by the table
    ended = await unmute(turn, person, ask)
    text = "tg.press.unmuted" if ended else "tg.press.not_muted"
    return _answered(turn, pressed, person, text, "unmuted" if ended else "not muted")


async def unmute(turn: Turn, person: Person, ask: EndMute) -> bool:
    """End a mute that is the person's business; False when there is none."""
    scope = await telegram_reports.mute_scope(turn.conn, ask.mute_id)
    if scope is None or not person.sees(*scope):
        return False
    return await incidents.unmute(turn.hub, ask.mute_id, person.name)


async def _speak(turn: Turn, pressed: Press, person: Person, ask: Ask) -> Result:
    assert isinstance(ask, Speak)  # by the table
    await telegram_people.speak(turn.conn, person.user_id, ask.language)
    return _answered(turn, pressed, person, f"tg.speaks.{ask.language}", "speaks")


def _answered(turn: Turn, pressed: Press, person: Person | None, text: str, outcome: str) -> Result:
    language = language_of(turn, pressed.person, person)
    return Result(outcome, pressed.query_id, fitting(say(language, text)))


_Deed = Callable[[Turn, Press, Person, Ask], Awaitable[Result]]
_DEEDS: Final[Mapping[type, _Deed]] = {Touch: _touch, EndMute: _end_mute, Speak: _speak}
