"""What every answer in a chat is made of: lines in the reader's language and by the reader's clock,
each value escaped by itself, never more of them than one message holds."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from html import escape
from typing import Final

from app.domain.chat_report import Trouble
from app.domain.rule import Rule
from app.render.language import say
from app.render.moment import day_and_clock

#: Characters of one message; Telegram takes 4096, and what is shorter is read.
MOST: Final = 3400
#: Characters of one name or fact.
_LONGEST: Final = 120
_SIGN: Final = {"critical": "🔴", "warning": "🟠"}
_FACT: Final = re.compile(r"\s*\{\w+\}")


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads: language, clock, now, and the rules' own words."""

    language: str
    zone: str
    now: datetime
    rules: Mapping[str, Rule] = field(default_factory=dict)

    def say(self, text: str, **values: object) -> str:
        """A text in the reader's language; every value is escaped and of bearable length."""
        return say(self.language, text, **{name: safe(value) for name, value in values.items()})

    def clock(self, moment: datetime) -> str:
        """The time of day, with the date if it is another."""
        return day_and_clock(moment, self.zone, self.now)

    def span(self, span: timedelta) -> str:
        """A span of time in its two largest units."""
        seconds = max(0, round(span.total_seconds()))
        for unit, size in (("days", 86_400), ("hours", 3600), ("minutes", 60)):
            if seconds >= 2 * size or (unit != "days" and seconds >= size):
                return self.say(f"tg.span.{unit}", n=seconds // size, rest=_rest(seconds, size))
        return self.say("tg.span.seconds", n=seconds)

    def ago(self, moment: datetime) -> str:
        """How long ago something was."""
        return self.say("tg.ago", span=self.span(self.now - moment))


def safe(value: object) -> str:
    """A value as a message may show it."""
    text = " ".join(str(value).split())
    return escape(text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…", quote=False)


def bold(text: str) -> str:
    """A text that is escaped already, bold."""
    return f"<b>{text}</b>"


def trouble(one: Trouble, reader: Reader, *, placed: bool = True) -> str:
    """An incident in one line. `placed`: with where it is."""
    rule = reader.rules.get(one.rule)
    title = _FACT.sub("", rule.texts[reader.language][0]) if rule else one.rule
    facts = one.facts
    place = " · ".join(safe(facts[key]) for key in ("store", "account") if facts.get(key))
    number = reader.say("order %(number)s", number=facts["number"]) if "number" in facts else ""
    head = ": ".join(part for part in (number, safe(title)) if part)
    where = f"{bold(place)} — " if place and placed else ""
    return f"{_sign(one)} {where}{head}{_state(one, reader)}"


def _sign(one: Trouble) -> str:
    if one.state == "resolved":
        return "🟢"
    if one.state == "acknowledged":
        return "🟡"
    return "🔕" if one.muted_until or one.explained else _SIGN[one.level]


def _state(one: Trouble, reader: Reader) -> str:
    if one.state == "resolved":
        return ""
    parts = [reader.say("since %(time)s", time=reader.clock(one.fired_at))]
    if one.acknowledged_by:
        parts.append(reader.say("tg.taken_by", name=one.acknowledged_by))
    if one.muted_until:
        parts.append(reader.say("tg.muted_until", time=reader.clock(one.muted_until)))
    return " · " + " · ".join(parts)


def page(head: Sequence[str], long: Iterable[str], foot: Sequence[str], reader: Reader) -> str:
    """One message: what comes first, a list that may be too long, what comes last. What does not
    fit is counted."""
    listed = list(long)
    room = MOST - sum(len(line) + 1 for line in (*head, *foot))
    kept: list[str] = []
    for line in listed:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    left = len(listed) - len(kept)
    more = [reader.say("tg.more", count=left)] if left else []
    return "\n".join([*head, *kept, *more, *foot])


def _rest(seconds: int, size: int) -> int:
    smaller = {86_400: 3600, 3600: 60, 60: 1}[size]
    return seconds % size // smaller
