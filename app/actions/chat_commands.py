"""Commands of linked people: each answers about their own merchant or store only."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from typing import Final

from app.actions import incidents
from app.actions.chat_press import unmute
from app.actions.chat_turn import Answer, Asked, Turn, reader_of
from app.db import telegram_people, telegram_reports
from app.domain.chat import EndMute
from app.domain.chat_report import Linked
from app.render import telegram_talk
from app.render.language import LANGUAGES
from app.render.telegram_report import order_text, status_text, store_text, stores_text, who_text
from app.render.telegram_talk import Silence


async def status(turn: Turn, asked: Asked) -> Answer:
    """All well, or what is wrong."""
    person = asked.person
    found = await telegram_reports.status(turn.conn, person.merchant_id, person.store_id, turn.now)
    return Answer(status_text(found, reader_of(turn, asked), person.store_code or ""))


async def store(turn: Turn, asked: Asked) -> Answer:
    """One store; without a code the person's own, or all of them."""
    person, reader = asked.person, reader_of(turn, asked)
    code = asked.argument or person.store_code
    if not code:
        lines, count = await telegram_reports.stores(turn.conn, person.merchant_id)
        return Answer(stores_text(lines, count, reader))
    found = await telegram_reports.store(turn.conn, person.merchant_id, person.store_id, code)
    if found is None:
        return Answer(reader.say("tg.no_store", code=code), "no store")
    return Answer(store_text(found, replace(reader, zone=found.timezone)))


async def order(turn: Turn, asked: Asked) -> Answer:
    """One order by a number of it."""
    person, reader = asked.person, reader_of(turn, asked)
    number = asked.argument.lstrip("#№ ")
    if not number:
        return Answer(reader.say("tg.usage.order"), "usage")
    found = await telegram_reports.order(turn.conn, person.merchant_id, person.store_id, number)
    if found is None:
        return Answer(reader.say("tg.no_order", number=number), "no order")
    return Answer(order_text(found, replace(reader, zone=found.timezone)))


async def mutes(turn: Turn, asked: Asked) -> Answer:
    """What is silent, with a button each."""
    reader = reader_of(turn, asked)
    found = await _silences(turn, asked)
    keyboard = telegram_talk.mutes_keyboard(found, reader)
    return Answer(telegram_talk.mutes_text(found, reader), keyboard=keyboard)


async def end_mute(turn: Turn, asked: Asked) -> Answer:
    """End one of them, by its place in the list."""
    reader = reader_of(turn, asked)
    if not asked.argument.isdecimal():
        return Answer(reader.say("tg.usage.unmute"), "usage")
    found = await _silences(turn, asked)
    place = int(asked.argument)
    if not 1 <= place <= len(found):
        return Answer(reader.say("tg.no_mute"), "no mute")
    one = found[place - 1]
    if not await unmute(turn, asked.person, EndMute(one.mute.id)):
        return Answer(reader.say("tg.no_mute"), "no mute")
    what = telegram_talk.silence_name(one, reader)
    return Answer(reader.say("tg.unmuted") + what, "unmuted")


async def _silences(turn: Turn, asked: Asked) -> list[Silence]:
    """Mutes that are the person's business, the oldest first: a new one renumbers none."""
    person = asked.person
    live = await incidents.mutes(turn.conn, person.merchant_id)
    seen = [one for one in live if person.sees(one.merchant_id, one.store_id)]
    seen.sort(key=lambda one: (one.created_at, one.id))
    about = await telegram_reports.mutes_about(turn.conn, [one.id for one in seen])
    return [Silence(one, *about.get(one.id, ("", None))) for one in seen]


async def who(turn: Turn, asked: Asked) -> Answer:
    """Who may ask and press, and who is on shift."""
    person = asked.person
    rows = await telegram_people.linked(turn.conn, person.merchant_id, person.store_id)
    team = await telegram_reports.on_shift(turn.conn, person.merchant_id, person.store_id)
    linked = [Linked(**row) for row in rows]
    return Answer(who_text(linked, team, reader_of(turn, asked)))


async def help_(turn: Turn, asked: Asked) -> Answer:
    """What one can ask here."""
    return Answer(telegram_talk.help_text(reader_of(turn, asked)))


async def language(turn: Turn, asked: Asked) -> Answer:
    """Choose the language of one's own answers."""
    wanted = asked.argument.lower()
    if wanted not in LANGUAGES:
        text = reader_of(turn, asked).say("tg.which_language")
        return Answer(text, "asked", telegram_talk.language_keyboard())
    await telegram_people.speak(turn.conn, asked.person.user_id, wanted)
    return Answer(reader_of(turn, asked).say(f"tg.speaks.{wanted}"), "speaks")


async def start(turn: Turn, asked: Asked) -> Answer:
    """Who is linked already is told so; a code of a linked person is handled before."""
    reader = reader_of(turn, asked)
    role = reader.say(f"tg.role.{asked.person.role}")
    return Answer(reader.say("tg.already_linked", name=asked.person.name, role=role))


COMMANDS: Final[Mapping[str, Callable[[Turn, Asked], Awaitable[Answer]]]] = {
    "status": status,
    "store": store,
    "order": order,
    "mutes": mutes,
    "unmute": end_mute,
    "who": who,
    "help": help_,
    "language": language,
    "start": start,
}
