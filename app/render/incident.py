"""What the duty manager reads of an incident: from severity and place to how it stands."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from html import escape
from typing import Any, Final

from app.domain.incident import Incident, IncidentState
from app.domain.rule import Rule
from app.render.language import say
from app.render.moment import clock, day_and_clock, lasted, zone_of

#: Telegram takes 4096 characters; long ones are hard to read and hit its limits sooner.
MOST: Final = 3500
#: Of one fact, and of what stands in the first line.
_FACT_MOST: Final = 300
_WORD_MOST: Final = 120
#: Places of a group that are listed.
LISTED: Final = 12
_LEVEL: Final = {"critical": "🔴", "warning": "🟠"}
_OVER, _TAKEN, _MUTED = "🟢", "🟡", "🔕"
_PHONE: Final = re.compile(r"\+7[\d ()-]{10,}")
_FACT: Final = re.compile(r"\{(\w+)\}")
_PART: Final = " · "


@dataclass(frozen=True, slots=True)
class View:
    """What a text depends on besides its incident. `zone`: the readers' clock, None: the store's;
    `link`: where the whole of it is to be seen."""

    language: str
    now: datetime
    zone: str | None = None
    link: str | None = None

    def speak(self, text: str, **values: object) -> str:
        """A text in the readers' language."""
        return say(self.language, text, **values)


def incident_text(incident: Incident, rule: Rule | None, language: str, now: datetime) -> str:
    """HTML for one incident as it stands, by the store's clock; see `whole_text`."""
    return whole_text(incident, rule, View(language, now))


def whole_text(incident: Incident, rule: Rule | None, view: View) -> str:
    """HTML for one incident as it stands; every value is cut and escaped by itself, and of too many
    lines the middle ones are left out, so that it is never cut as a whole."""
    title, *details = rule.texts[view.language] if rule else (incident.rule,)
    ends = [f"{sign} <i>{escape(line, quote=False)}</i>" for sign, line in _state(incident, view)]
    middle: list[str] = []
    if incident.state is not IncidentState.RESOLVED:
        filled = (
            _group(incident, rule, view) if incident.is_group else _filled(details, incident, view)
        )
        middle += filled
    first = _first(incident, title, view)
    return "\n".join([first, *_fitting(middle, [first, *ends]), *ends])


def _first(incident: Incident, title: str, view: View) -> str:
    facts = incident.facts
    named = [_cut(facts[key], _WORD_MOST) for key in ("store", "account") if facts.get(key)]
    which = ""
    if incident.is_group:
        which = view.speak("common incident") + ": "
        if facts.get("group") == "merchant":
            named.append(view.speak("stores: %(count)s", count=facts.get("stores_count", "?")))
        which_count = "most" if incident.state is IncidentState.RESOLVED else "count"
        count = facts.get(which_count, facts.get("count", "?"))
        named.append(view.speak("incidents: %(count)s", count=count))
    elif "number" in facts:
        which = view.speak("order %(number)s", number=_cut(facts["number"], _WORD_MOST)) + ": "
    where = f"<b>{escape(_PART.join(named), quote=False)}</b> — " if named else ""
    return f"{_sign(incident)} {where}{escape(which + title, quote=False)}"


def _sign(incident: Incident) -> str:
    if incident.state is IncidentState.RESOLVED:
        return _OVER
    if incident.state is IncidentState.ACKNOWLEDGED:
        return _TAKEN
    return _MUTED if incident.muted_until else _LEVEL[incident.level]


def _filled(details: Iterable[str], incident: Incident, view: View) -> Iterable[str]:
    """The rule's lines with facts put in; a part whose facts are not known is left out."""
    facts = {**incident.facts, "value": incident.value}
    for detail in details:
        parts = [
            _FACT.sub(lambda name: _cut(_told(name[1], facts, view), _FACT_MOST), part)
            for part in detail.split(_PART)
            if all(facts.get(name) not in (None, "") for name in _FACT.findall(part))
        ]
        if parts:
            yield escape(_PART.join(parts), quote=False)


def _told(name: str, facts: Mapping[str, Any], view: View) -> str:
    value = facts[name]
    if name == "state":
        return view.speak(f"state.{value}")
    if name == "why":  # a picker's own words stand for themselves
        return view.speak(f"reason.{value}").removeprefix("reason.")
    if name == "said":  # another machine's words may quote a customer
        return _PHONE.sub("+7…", str(value))
    if name.endswith("_at"):
        moment = datetime.fromisoformat(value)
        told = _clock(moment, facts, view)
        return f"{told} ({_distance(moment, view)})" if name == "due_at" else told
    return number(value, view.language) if isinstance(value, float) else str(value)


def _distance(due: datetime, view: View) -> str:
    minutes = int(abs((due - view.now).total_seconds()) // 60)
    return view.speak("%(minutes)s min late" if due < view.now else "in %(minutes)s min",
                      minutes=minutes)  # fmt: skip


def _clock(moment: datetime, facts: Mapping[str, Any], view: View) -> str:
    """The time of day where the store is; it is said when the readers' clock is another one."""
    here = clock(moment, zone_of(facts))
    if view.zone is None or here == clock(moment, view.zone):
        return here
    return view.speak("%(time)s by the store's clock", time=here)


def _state(incident: Incident, view: View) -> Iterable[tuple[str, str]]:
    """How it stands: since when, who takes care, what is silent, how it ended."""
    if incident.fired_at is None:
        return
    zone = view.zone or zone_of(incident.facts)

    def told(moment: datetime) -> str:
        return day_and_clock(moment, zone, view.now)

    returned = _PART + _returned(incident.returns, view) if incident.returns else ""
    if incident.resolved_at is not None:
        text, span = "resolved %(time)s, lasted %(span)s", incident.resolved_at - incident.fired_at
        said = view.speak(text, time=told(incident.resolved_at), span=lasted(span, view.speak))
        yield _OVER, said + returned
        return
    since = view.speak("firing since %(time)s", time=told(incident.fired_at))
    yield _LEVEL[incident.level], since + returned
    if incident.acknowledged_at is not None:
        who = _cut(incident.acknowledged_by or "—", _WORD_MOST)
        text = "acknowledged by %(who)s %(time)s"
        yield _TAKEN, view.speak(text, who=who, time=told(incident.acknowledged_at))
    if incident.muted_until is not None:
        who, why = (
            _cut(word or "—", _WORD_MOST) for word in (incident.muted_by, incident.muted_why)
        )
        text = "muted until %(time)s by %(who)s: %(why)s"
        yield _MUTED, view.speak(text, time=told(incident.muted_until), who=who, why=why)
    if incident.parent_id is not None:
        yield "↪", view.speak("part of the common incident")


def _returned(times: int, view: View) -> str:
    return view.speak("came back once" if times == 1 else "came back %(times)s times", times=times)


def _group(incident: Incident, rule: Rule | None, view: View) -> Iterable[str]:
    """Whom a group stands for, the worst first, and how many more there are; its facts are those of
    app/domain/grouping.py."""
    facts = incident.facts
    stores, members = facts.get("stores", ()), facts.get("members", ())
    lines = [_line(row["store"], _worst(row), row, rule, view) for row in stores]
    lines += [_line(row["label"], row["level"], row, rule, view) for row in members]
    yield from lines[:LISTED]
    if more := len(lines[LISTED:]) + facts.get("more", 0):
        yield _more(more, view)


def _worst(row: Mapping[str, Any]) -> str:
    return "critical" if row["critical"] else "warning"


def _line(name: object, level: str, row: Mapping[str, Any], rule: Rule | None, view: View) -> str:
    many, said = row.get("count", 1) > 1, []
    if many:
        said.append(view.speak("incidents: %(count)s", count=row["count"]))
    if rule is not None:
        value = row["value"] / 100 if rule.unit == "kopecks" else row["value"]
        worst = view.speak(f"unit.{rule.unit}", value=number(value, view.language))
        said.append(view.speak("worst: %(worst)s", worst=worst) if many else worst)
    shown = escape(_cut(name or "—", _WORD_MOST), quote=False)
    return f"{_LEVEL[level]} {shown}" + f" — {', '.join(said)}" * bool(said)


def _more(count: int, view: View) -> str:
    text = escape(view.speak("and %(count)s more", count=count), quote=False)
    return f'… <a href="{escape(view.link)}">{text}</a>' if view.link else f"… {text}"


def number(value: float, language: str) -> str:
    """A number as people write it: 12, 12.5, and in Russian 12,5."""
    said = f"{value:.1f}".removesuffix(".0")
    return said.replace(".", ",") if language == "ru" else said


def _cut(value: object, most: int) -> str:
    """One line of what can be seen: nothing in it turns the text around it."""
    text = " ".join("".join(one if one.isprintable() else " " for one in str(value)).split())
    return text if len(text) <= most else text[: most - 1] + "…"


def _fitting(lines: Iterable[str], others: Iterable[str]) -> Iterable[str]:
    """The first of these lines that fit into one message with the others."""
    left = MOST - sum(len(line) + 1 for line in others)
    for line in lines:
        left -= len(line) + 1
        if left < 2:
            yield "…"
            return
        yield line
