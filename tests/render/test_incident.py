"""An alarm reads as a person would want, in both languages, whatever is in its facts."""

from datetime import datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from app.db.rules import read_rules
from app.domain.incident import Incident, IncidentState
from app.domain.rule import Level
from app.identifiers import new_id
from app.render.incident import View, incident_text, whole_text
from app.render.incident_keyboard import incident_keyboard
from app.sandbox.telegram.markup import parse

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
        "🔴 <i>firing since 16:20</i>",
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


LATER = NOW + timedelta(minutes=9)


def stands(incident, language="en", **view):
    """The first line and how it stands."""
    rule = RULES[incident.rule]
    lines = whole_text(incident, rule, View(language, LATER, **view)).splitlines()
    return lines[0][0], [line for line in lines if "<i>" in line]


def test_who_takes_care_is_seen_at_once_and_how_bad_it_is_stays():
    taken = an_incident(
        state=IncidentState.ACKNOWLEDGED, acknowledged_by="Anna <x>", acknowledged_at=LATER
    )
    assert stands(taken) == (
        "🟡",
        ["🔴 <i>firing since 16:20</i>", "🟡 <i>taken care of by Anna &lt;x&gt; since 16:29</i>"],
    )


def test_a_mute_says_until_when_whose_and_why():
    silent = an_incident(muted_until=LATER, muted_by="Anna", muted_why="the shop knows")
    assert stands(silent)[1][1] == "🔕 <i>muted until 16:29, Anna: the shop knows</i>"
    assert stands(silent)[0] == "🔕"


def test_an_end_says_when_and_how_long_it_was_and_how_often_it_came_back():
    over = an_incident(state=IncidentState.RESOLVED, resolved_at=LATER, returns=3)
    assert stands(over) == ("🟢", ["🟢 <i>resolved 16:29, lasted 9 min · came back 3 times</i>"])
    long = an_incident(
        state=IncidentState.RESOLVED, resolved_at=NOW + timedelta(hours=25, minutes=5), returns=1
    )
    assert stands(long, "ru")[1] == [
        "🟢 <i>решено в 03.03 17:25, длилось 25 ч 5 мин · повторилось</i>"
    ]


def test_what_is_part_of_another_says_so_and_has_no_buttons_of_its_own():
    part = an_incident(parent_id=new_id())
    assert stands(part)[1][-1] == "↪ <i>part of the common incident: see there</i>"
    assert incident_keyboard(part, None, "en", None) == ()
    assert incident_keyboard(part, None, "en", "https://x") == ((("Open", "https://x"),),)


def test_readers_with_another_clock_are_told_whose_clock_it_is():
    text = whole_text(an_incident(), RULES["order_not_taken"], View("en", NOW, "Europe/Moscow"))
    assert "due 17:00 by the store's clock (in 40 min)" in text
    assert "firing since 14:20" in text


def buttons(incident, rule="order_late", **changes):
    keyboard = incident_keyboard(incident, RULES[rule], "en", changes.get("link"))
    return [[data.split(":")[0] for _, data in row] for row in keyboard]


def test_buttons_are_what_may_be_done_now():
    assert buttons(an_incident()) == [["a"], ["m30", "m120"]]
    assert buttons(an_incident(), link="https://x") == [["a", "https"], ["m30", "m120"]]
    assert buttons(an_incident(), "order_not_taken") == [["a"], ["m30"]]
    assert buttons(an_incident(state=IncidentState.ACKNOWLEDGED)) == [["u"], ["m30", "m120"]]
    assert buttons(an_incident(muted_until=LATER, muted_by="A", muted_why="x")) == [["a"]]
    assert buttons(an_incident(state=IncidentState.RESOLVED)) == []


def test_a_button_says_of_which_incident_as_it_stands_it_is_in_64_bytes():
    incident = an_incident(seq=2_000_000_000)
    ((_, data),) = incident_keyboard(incident, None, "ru", None)[0]
    assert data == f"a:{incident.id.hex}:2000000000"
    assert all(
        len(data.encode()) <= 64
        for row in incident_keyboard(incident, None, "ru", None)
        for _, data in row
    )


def of_stores(count, more=0):
    stores = [
        {"store": f"S<{n}>", "store_name": "", "count": 1 + n % 2, "critical": n == 0, "value": 9.5}
        for n in range(count)
    ]
    facts = {"group": "merchant", "stores": stores, "stores_count": count + more, "more": more}
    return an_incident("order_late", {**facts, "count": 99}, subject="group:merchant:x")


def test_a_group_of_a_merchant_lists_its_stores_and_how_many_more():
    text = whole_text(
        of_stores(20, more=30), RULES["order_late"], View("en", NOW, link="https://x")
    )
    lines = text.splitlines()
    assert lines[0] == "🔴 <b>stores: 50 · incidents: 99</b> — common incident: is late"
    assert lines[1:3] == ["🔴 S&lt;0&gt; — 9.5 min", "🟠 S&lt;1&gt; — incidents: 2, worst: 9.5 min"]
    assert lines[13] == '… <a href="https://x">and 38 more</a>'


def test_a_group_of_a_store_lists_its_orders():
    members = [{"label": "A-1", "level": "critical", "value": 12.0}]
    facts = {"group": "store", "store": "MSK-07", "members": members, "more": 2, "count": 3}
    lines = told(an_incident("order_late", facts, subject="group:store:x"), "ru")
    assert lines[:3] == [
        "🔴 <b>MSK-07 · случаев: 3</b> — общий инцидент: опаздывает",
        "🔴 A-1 — 12 мин",
        "… и ещё 2",
    ]


@given(
    st.dictionaries(
        st.sampled_from(["number", "store", "account", "line", "text", "badge", "said", "reason"]),
        st.text(max_size=5000),
    ),
    st.sampled_from(sorted(RULES)),
    st.sampled_from(["ru", "en"]),
    st.text(max_size=3000),
)
def test_whatever_is_in_it_a_message_fits_and_its_html_is_whole(facts, rule, language, word):
    incident = an_incident(
        rule, facts, state=IncidentState.ACKNOWLEDGED, acknowledged_by=word, acknowledged_at=NOW,
        muted_until=NOW, muted_by=word, muted_why=word,
    )  # fmt: skip
    text = whole_text(incident, RULES[rule], View(language, NOW))
    shown = parse(text, "HTML").text  # raises when Telegram would
    assert len(shown.encode("utf-16-le")) <= 2 * 4096
    assert len(text.encode()) < 32_768
    assert "firing since" in shown or "длится с" in shown


def test_a_number_has_the_mark_of_its_language():
    facts = {"store": "S", "cases": 60, "found": 55}
    low = an_incident("found_low", facts, value=91.7)
    assert "91,7 %" in told(low, "ru")[1]
    assert "91.7 %" in told(low, "en")[1]


def test_a_name_cannot_turn_the_text_around_it():
    facts = {**FACTS, "store": "MSK\u202e-07\n\nx", "account": None}
    assert told(an_incident(facts=facts))[0].startswith("🔴 <b>MSK -07 x</b> — order H1")


def test_a_group_that_is_over_says_how_many_there_were_and_not_how_many_were_left():
    facts = {"group": "store", "store": "MSK-07", "members": [], "more": 0, "count": 1, "most": 6}
    over = {"state": IncidentState.RESOLVED, "resolved_at": NOW, "subject": "group:store:x"}
    assert "incidents: 6" in told(an_incident("order_late", facts, **over))[0]


def test_what_another_machine_said_tells_no_phone():
    facts = {
        **FACTS,
        "failed": 1,
        "tried": 1,
        "oldest": 1,
        "said": "no order for +7 (900) 000-00-00!",
    }
    text = " ".join(told(an_incident("notifications_failing", facts)))
    assert "+7…!" in text
    assert "000" not in text
