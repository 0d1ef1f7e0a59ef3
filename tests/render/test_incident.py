"""An alarm reads as a person would want, in both languages, whatever is in its facts."""

from datetime import datetime

from app.db.rules import read_rules
from app.domain.incident import Incident, IncidentState
from app.domain.rule import Level
from app.identifiers import new_id
from app.render.incident import incident_text

RULES = {rule.name: rule for rule in read_rules()}
NOW = datetime.fromisoformat("2026-03-02T11:20:00+00:00")
FACTS = {
    "number": "H1",
    "store": "MSK-07",
    "account": "sm-demo",
    "timezone": "Asia/Yekaterinburg",
    "due_at": "2026-03-02T12:00:00+00:00",
    "lines": 3,
    "waited": 12,
}


def an_incident(rule="order_not_taken", facts=FACTS, **changes):
    values = {
        "id": new_id(),
        "rule": rule,
        "subject": "x",
        "level": Level.CRITICAL,
        "state": IncidentState.FIRING,
        "value": 12.0,
        "facts": facts,
        "seen_at": NOW,
        "last_seen_at": NOW,
        "fired_at": NOW,
    }
    return Incident(**(values | changes))


def told(incident, language="en"):
    return incident_text(incident, RULES.get(incident.rule), language, NOW).splitlines()


def test_an_alarm_reads_as_a_person_would_want_in_both_languages():
    assert told(an_incident()) == [
        "🔴 <b>MSK-07 · sm-demo</b> — order H1: nobody has taken it",
        "waiting for 12 min · due 17:00 (in 40 min) · 3 lines",
        "<i>since 16:20</i>",
    ]
    assert told(an_incident(), "ru")[0].endswith("заказ H1: никто не взял")


def test_what_is_not_known_is_left_out():
    facts = {**FACTS, "due_at": None}
    assert told(an_incident(facts=facts))[1] == "waiting for 12 min · 3 lines"


def test_an_incident_whose_rule_is_gone_is_still_told():
    assert "order H1: a_rule_of_ours" in told(an_incident("a_rule_of_ours"))[0]


def test_a_message_never_grows_past_what_telegram_takes():
    facts = {"account": "a", "failed": 1, "tried": 1, "oldest": 1, "said": "<" * 3000}
    text = "\n".join(told(an_incident("notifications_failing", facts), "ru"))
    assert len(text) < 4096
    assert "&lt;<" not in text
