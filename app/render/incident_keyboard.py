"""The buttons under an incident: by its state, valid for its sequence number, gone at its end."""

from __future__ import annotations

from typing import Final

from app.domain.incident import Incident, IncidentState
from app.domain.rule import Rule
from app.ports import Keyboard
from app.render.language import say

#: What mutes are offered for, in minutes.
MUTES: Final = (30, 120)


def incident_keyboard(
    incident: Incident, rule: Rule | None, language: str, link: str | None
) -> Keyboard:
    """What may be done now: take care or give it back, be silent as long as the rule allows, open.
    What is told as part of another incident is acted on there."""
    if incident.state is IncidentState.RESOLVED:
        return ()
    opens = ((say(language, "button.open"), link),) if link else ()
    if incident.parent_id is not None:
        return (opens,) if opens else ()
    taken = incident.state is IncidentState.ACKNOWLEDGED
    care = _button(
        incident, language, "u" if taken else "a", "button.give_back" if taken else "button.take"
    )
    most = rule.most_mute if rule else max(MUTES)
    silent = tuple(
        _button(incident, language, f"m{minutes}", f"button.mute_{minutes}")
        for minutes in MUTES
        if minutes <= most and incident.muted_until is None
    )
    return tuple(row for row in ((care, *opens), silent) if row)


def _button(incident: Incident, language: str, verb: str, text: str) -> tuple[str, str]:
    return say(language, text), f"{verb}:{incident.id.hex}:{incident.seq}"
