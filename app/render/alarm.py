"""The letters of the second way out: for people as plain text, for programs as facts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from html import unescape
from typing import Any, Final

from app.domain.incident import Incident
from app.domain.rule import Rule
from app.render.incident import View, whole_text
from app.render.language import say
from app.render.moment import DESK_ZONE

Say = Callable[..., str]
#: Incidents told in full; the rest is a number.
MOST: Final = 30
_TAG: Final = re.compile(r"<[^>]+>")


@dataclass(frozen=True, slots=True)
class Told:
    """What one letter tells: what is on, what was on unheard, what an earlier letter told of."""

    began: Sequence[Incident]
    passed: Sequence[Incident]
    ended: Sequence[Incident]


@dataclass(frozen=True, slots=True)
class Words:
    """A letter as it is read."""

    subject: str
    text: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Voice:
    """In whose words: the rules' texts, the language, when, and where the portal is if anywhere."""

    rules: Mapping[str, Rule]
    language: str
    now: datetime
    portal: str | None = None

    def plain(self, incident: Incident) -> list[str]:
        """What chats are told of an incident, as lines without marks."""
        seen = View(self.language, self.now, DESK_ZONE)
        html = whole_text(incident, self.rules.get(incident.rule), seen)
        return [unescape(_TAG.sub("", line)) for line in html.splitlines()]

    def whole(self, incident: Incident) -> str:
        """The same in one text, with where to act."""
        link = [f"{self.portal}/portal/incidents/{incident.id}"] if self.portal else []
        return "\n".join([*self.plain(incident), *link])

    @property
    def say(self) -> Say:
        """Our own words."""
        return partial(say, self.language)


def letter(told: Told, voice: Voice) -> Words:
    """One letter for everything at once."""
    parts = [
        (voice.say("Critical, and no chat shows it:"), told.began),
        (voice.say("Is over, and no chat ever showed it:"), told.passed),
        (voice.say("Is over:"), told.ended),
    ]
    blocks = [block for title, some in parts if some for block in _block(title, some, voice)]
    closing = voice.say("The hub writes here when Telegram does not show what is critical.")
    text = "\n\n".join([*blocks, closing]) + "\n"
    return Words(_subject(told, voice), text, _facts(told, voice))


def trial(language: str) -> Words:
    """A letter that only shows that letters arrive."""
    speak: Say = partial(say, language)
    subject = speak("Order hub: %(what)s", what=speak("a test of the second way out"))
    text = speak("You read this: critical troubles would reach you if Telegram failed.") + "\n"
    return Words(subject, text, {"type": "alarm.test"})


def _subject(told: Told, voice: Voice) -> str:
    first, *more = [*told.began, *told.passed, *told.ended]
    what = voice.plain(first)[0]
    if more:
        what = voice.say("%(what)s, and %(count)d more", what=what, count=len(more))
    return voice.say("Order hub: %(what)s", what=what)


def _block(title: str, some: Sequence[Incident], voice: Voice) -> Iterable[str]:
    yield title
    for incident in some[:MOST]:
        yield voice.whole(incident)
    if len(some) > MOST:
        yield voice.say("… and %(count)d more", count=len(some) - MOST)


def _facts(told: Told, voice: Voice) -> Mapping[str, Any]:
    return {
        "type": "alarm.incidents",
        "began": [_fact(one, voice) for one in told.began[:MOST]],
        "passed": [_fact(one, voice) for one in told.passed[:MOST]],
        "ended": [_fact(one, voice) for one in told.ended[:MOST]],
        "counts": {
            "began": len(told.began),
            "passed": len(told.passed),
            "ended": len(told.ended),
        },
    }


def _fact(incident: Incident, voice: Voice) -> Mapping[str, Any]:
    """The same keys always; what an incident is not about is null."""
    ended = incident.resolved_at
    return {
        "id": str(incident.id),
        "rule": incident.rule,
        "level": str(incident.level),
        "state": str(incident.state),
        "value": incident.value,
        "fired_at": None if incident.fired_at is None else incident.fired_at.isoformat(),
        "resolved_at": None if ended is None else ended.isoformat(),
        "order": incident.facts.get("number"),
        "store": incident.facts.get("store"),
        "account": incident.facts.get("account"),
        "text": voice.whole(incident),
    }
