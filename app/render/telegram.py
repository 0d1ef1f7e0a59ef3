"""What the duty manager reads: one message per incident, from severity and place to what to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from html import escape
from typing import Any, Final
from zoneinfo import ZoneInfo

from app.domain.incident import Incident, IncidentState
from app.render.language import say

Say = Callable[..., str]
#: Telegram takes 4096 characters; long ones are hard to read and hit its limits sooner.
MOST: Final = 3500
_DEFAULT_ZONE: Final = "Europe/Moscow"
_SIGN: Final = {"critical": "🔴", "warning": "🟠"}


def incident_text(incident: Incident, language: str, now: datetime) -> str:
    """HTML for one incident as it stands; every value escaped, cut whole line by whole line."""
    speak: Say = partial(say, language)
    facts = incident.facts
    over = incident.state is IncidentState.RESOLVED
    lines = [_first(incident, speak, over=over)]
    lines += [f"{line}" for line in _DETAILS[incident.rule](facts, speak, now)] if not over else []
    lines.append(_times(incident, speak))
    return _fit(lines)


def _first(incident: Incident, speak: Say, *, over: bool) -> str:
    facts = incident.facts
    sign = "🟢" if over else _SIGN[incident.level]
    place = " · ".join(str(facts[key]) for key in ("store", "account") if facts.get(key))
    what = speak(f"incident.{incident.rule}")
    which = speak("order %(number)s", number=facts["number"]) + ": " if "number" in facts else ""
    return f"{sign} <b>{escape(place)}</b> — {escape(which + what)}"


def _order(facts: Mapping[str, Any], speak: Say, now: datetime) -> list[str]:
    due = datetime.fromisoformat(facts["due_at"])
    minutes = int(abs((due - now).total_seconds()) // 60)
    text = "%(minutes)s min late" if due < now else "in %(minutes)s min"
    when = speak(text, minutes=minutes)
    at = speak("due %(time)s", time=_clock(due, facts))
    parts = [f"{at} ({when})", speak("%(lines)s lines", lines=facts["lines"])]
    if facts.get("waits"):
        parts.insert(0, speak("waits %(minutes)s min", minutes=facts["waits"]))
    return [escape(" · ".join(parts)), escape(speak(f"state.{facts['state']}"))]


def _help(facts: Mapping[str, Any], speak: Say, _now: datetime) -> list[str]:
    asked = datetime.fromisoformat(facts["asked_at"])
    who = speak("picker %(badge)s, %(time)s", badge=facts["badge"], time=_clock(asked, facts))
    lines = [who, *([facts["line"]] if facts.get("line") else []), f"«{facts['text']}»"]
    return [escape(line) for line in lines]


def _account(facts: Mapping[str, Any], speak: Say, _now: datetime) -> list[str]:
    lines = [
        speak("failed %(failed)s of %(tried)s tries", failed=facts["failed"], tried=facts["tried"]),
        speak("oldest unsent: %(minutes)s min", minutes=facts["oldest"]),
    ]
    if facts["said"]:
        lines.append(speak("last answer: %(said)s", said=facts["said"]))
    lines.append(speak("to do: %(command)s", command="orderhub outbox"))
    return [escape(line) for line in lines]


def _rows(command: str, facts: Mapping[str, Any], speak: Say, _now: datetime) -> list[str]:
    text = "how many: %(count)s, reason: %(reason)s"
    lines = [speak(text, count=facts["count"], reason=facts["reason"])]
    if facts["said"]:
        lines.append(speak("for example: %(said)s", said=facts["said"]))
    lines.append(speak("to do: %(command)s", command=command))
    return [escape(line) for line in lines]


_DETAILS: Final[Mapping[str, Callable[[Mapping[str, Any], Say, datetime], list[str]]]] = {
    "order_not_taken": _order,
    "order_late": _order,
    "sale_waiting": _order,
    "help_wanted": _help,
    "notifications_failing": _account,
    "notification_buried": partial(_rows, "orderhub outbox --dead"),
    "delivery_buried": partial(_rows, "orderhub inbox --dead"),
    "delivery_stuck": partial(_rows, "orderhub inbox"),
}


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
