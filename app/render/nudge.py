"""What calls people by name to an incident that nobody takes care of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Final

from app.domain.incident import Event, Incident
from app.domain.rule import Rule
from app.render.language import say

#: Characters of a name or a place; what is longer says no more.
_MOST: Final = 60


def nudge_text(
    incident: Incident,
    rule: Rule | None,
    event: Event,
    people: Sequence[Mapping[str, Any]],
    language: str,
) -> str:
    """HTML of one call: where, what, for how long nobody has acted, and who is meant."""
    title = rule.texts[language][0] if rule else incident.rule
    named = [str(incident.facts[key]) for key in ("store", "account") if incident.facts.get(key)]
    if number := incident.facts.get("number"):
        named.append(say(language, "order %(number)s", number=number))
    where = f"<b>{_safe(' · '.join(named))}</b> — " if named else ""
    return "\n".join(
        line
        for line in (
            f"‼️ {where}{_safe(title, 200)}",
            escape(_why(event, language), quote=False),
            ", ".join(map(mention, people)),
        )
        if line
    )


def _why(event: Event, language: str) -> str:
    minutes = event.detail.get("minutes")
    if not minutes:
        return say(language, "has become worse")
    return say(language, "nobody has taken it for %(minutes)s min", minutes=minutes)


def mention(person: Mapping[str, Any]) -> str:
    """A person as Telegram calls people: by user name, or by a link behind the name."""
    if username := person.get("username"):
        return f"@{_safe(str(username))}"
    return f'<a href="tg://user?id={int(person["user_id"])}">{_safe(str(person["name"]))}</a>'


def _safe(text: str, most: int = _MOST) -> str:
    words = " ".join(text.split())
    return escape(words if len(words) <= most else words[: most - 1] + "…")
