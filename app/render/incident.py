"""What the duty manager reads of an incident: from severity and place to what to do."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import partial
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.domain.incident import Incident, IncidentState
from app.domain.rule import Rule
from app.render.language import say

Say = Callable[..., str]
#: Telegram takes 4096 characters; long ones are hard to read and hit its limits sooner.
MOST: Final = 3500
_DEFAULT_ZONE: Final = "Europe/Moscow"
_SIGN: Final = {"critical": "🔴", "warning": "🟠"}
_FACT: Final = re.compile(r"\{(\w+)\}")
_PART: Final = " · "


def incident_text(incident: Incident, rule: Rule | None, language: str, now: datetime) -> str:
    """HTML for one incident as it stands; every value escaped, cut whole line by whole line."""
    speak: Say = partial(say, language)
    facts = {**incident.facts, "value": incident.value}
    over = incident.state is IncidentState.RESOLVED
    title, *details = rule.texts[language] if rule else (incident.rule,)
    lines = [_first(incident, title, speak, over=over)]
    lines += [] if over else _filled(details, facts, speak, now)
    lines.append(_times(incident, speak))
    return _fit(lines)


def _first(incident: Incident, title: str, speak: Say, *, over: bool) -> str:
    facts = incident.facts
    sign = "🟢" if over else _SIGN[incident.level]
    place = _PART.join(str(facts[key]) for key in ("store", "account") if facts.get(key))
    which = speak("order %(number)s", number=facts["number"]) + ": " if "number" in facts else ""
    where = f"<b>{escape(place)}</b> — " if place else ""
    return f"{sign} {where}{escape(which + title)}"


def _filled(
    details: Iterable[str], facts: Mapping[str, Any], speak: Say, now: datetime
) -> Iterable[str]:
    """The rule's lines with facts put in; a part whose facts are not known is left out."""
    for detail in details:
        parts = [
            _FACT.sub(lambda name: _told(name[1], facts, speak, now), part)
            for part in detail.split(_PART)
            if all(facts.get(name) not in (None, "") for name in _FACT.findall(part))
        ]
        if parts:
            yield escape(_PART.join(parts), quote=False)


def _told(name: str, facts: Mapping[str, Any], speak: Say, now: datetime) -> str:
    value = facts[name]
    if name == "state":
        return speak(f"state.{value}")
    if name == "due_at":
        return _due(datetime.fromisoformat(value), facts, speak, now)
    if name.endswith("_at"):
        return _clock(datetime.fromisoformat(value), facts)
    return f"{value:g}" if isinstance(value, float) else str(value)


def _due(due: datetime, facts: Mapping[str, Any], speak: Say, now: datetime) -> str:
    minutes = int(abs((due - now).total_seconds()) // 60)
    text = "%(minutes)s min late" if due < now else "in %(minutes)s min"
    return f"{_clock(due, facts)} ({speak(text, minutes=minutes)})"


def _times(incident: Incident, speak: Say) -> str:
    began = incident.fired_at
    if began is None:
        return ""
    if incident.resolved_at is None:
        return f"<i>{escape(speak('since %(time)s', time=_clock(began, incident.facts)))}</i>"
    lasted = max(1, round((incident.resolved_at - began).total_seconds() / 60))
    text = "resolved %(time)s, lasted %(minutes)s min"
    ended = _clock(incident.resolved_at, incident.facts)
    return f"<i>{escape(speak(text, time=ended, minutes=lasted))}</i>"


def _clock(moment: datetime, facts: Mapping[str, Any]) -> str:
    """The time of day where the store is."""
    return moment.astimezone(ZoneInfo(facts.get("timezone") or _DEFAULT_ZONE)).strftime("%H:%M")


def _fit(lines: list[str]) -> str:
    kept: list[str] = []
    for line in lines:
        if sum(map(len, kept)) + len(kept) + len(line) > MOST:
            break
        kept.append(line)
    return "\n".join(kept)
