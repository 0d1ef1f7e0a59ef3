"""What the bot says of itself, of mutes and of links; how long the answer to a press may be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from app.domain.chat import speak_data, unmute_data
from app.domain.mute import Mute
from app.ports import Keyboard
from app.render.telegram_lines import Reader, bold, page, safe

#: The commands in the order of the menu: the most needed first.
COMMANDS: Final = ("status", "store", "order", "who", "mutes", "unmute", "language", "help")
LANGUAGES: Final = {"ru": "Русский", "en": "English"}
#: Mutes that get a button each.
_BUTTONS: Final = 8
#: Telegram shows this much to who pressed.
LONGEST_ANSWER: Final = 200


@dataclass(frozen=True, slots=True)
class Silence:
    """A mute, where it holds (a store, an account), and the number of the order it is about."""

    mute: Mute
    place: str = ""
    number: str | None = None


def menu(reader: Reader) -> Mapping[str, str]:
    """Commands and what they do, as Telegram lists them."""
    return {name: reader.say(f"tg.menu.{name}") for name in COMMANDS}


def help_text(reader: Reader) -> str:
    """What one can ask here."""
    lines = [
        f"/{name}{_argument(name, reader)} — {reader.say(f'tg.menu.{name}')}" for name in COMMANDS
    ]
    return page(
        [bold(reader.say("tg.help")), ""], lines, ["", reader.say("tg.help_buttons")], reader
    )


def _argument(name: str, reader: Reader) -> str:
    shown = reader.say(f"tg.argument.{name}")
    return "" if shown == f"tg.argument.{name}" else f" {shown}"


def mutes_text(mutes: Sequence[Silence], reader: Reader) -> str:
    """Everything that is silent, with its end, its owner and why."""
    if not mutes:
        return "🔔 " + reader.say("tg.no_mutes")
    lines = [f"{place}. {_silence(one, reader)}" for place, one in enumerate(mutes, 1)]
    return page(
        [f"🔕 {bold(reader.say('tg.mutes', count=len(mutes)))}"],
        lines,
        ["", reader.say("tg.mutes_end")],
        reader,
    )


def mutes_keyboard(mutes: Sequence[Silence], reader: Reader) -> Keyboard:
    """A button for each of the first few."""
    return tuple(
        ((reader.say("tg.unmute_button", place=place, what=_button(one, reader)),
          unmute_data(one.mute.id)),)
        for place, one in enumerate(mutes[:_BUTTONS], 1)
    )  # fmt: skip


def language_keyboard() -> Keyboard:
    """A button for each language."""
    return (tuple((name, speak_data(code)) for code, name in LANGUAGES.items()),)


def title(rule: str, reader: Reader) -> str:
    """What a rule is called, escaped."""
    known = reader.rules.get(rule)
    return safe(known.texts[reader.language][0] if known else rule)


def silence_name(one: Silence, reader: Reader) -> str:
    """What is silent, in a few words."""
    which = f"{reader.say('order %(number)s', number=one.number)}: " if one.number else ""
    what = which + title(one.mute.rule, reader)
    return f"{bold(safe(one.place))} — {what}" if one.place else what


def _silence(one: Silence, reader: Reader) -> str:
    until = reader.say("tg.until", time=reader.clock(one.mute.until))
    reason = f" · {safe(one.mute.reason)}" if one.mute.reason else ""
    return f"{silence_name(one, reader)} — {until} · {safe(one.mute.owner)}{reason}"


def _button(one: Silence, reader: Reader) -> str:
    """Buttons are plain text: nothing is escaped in them."""
    known = reader.rules.get(one.mute.rule)
    words = known.texts[reader.language][0] if known else one.mute.rule
    return " · ".join(part for part in (one.place, one.number, words) if part)[:40]


def fitting(answer: str) -> str:
    """An answer to a press: plain text of bearable length."""
    return answer if len(answer) <= LONGEST_ANSWER else answer[: LONGEST_ANSWER - 1] + "…"
