"""Rules of the connection at their edges: not yet, just, nobody else's, never without reason."""

import pytest

from app.actions.pulse import beat
from app.errors import RemoteBusy, RemoteRefused, RemoteUnavailable
from tests.conftest import quick
from tests.factories import placed, settle
from tests.monitoring.processes import alive, monitored, process
from tests.monitoring.ways.connection import PING, again, begin, fail, heard, usual
from tests.stories import hook, place

W, C = "warning", "critical"


async def level(scene, rule):
    """How bad it is by this rule alone, None when it says nothing."""
    found = {one["rule"]: one for one in await scene.look()}
    return found[rule]["level"] if rule in found else None


async def sent(scene, failed, tried, *, attempt=1, outcome="remote_unavailable", before="1 minute"):
    """First tries of a quarter of an hour; the last three went through."""
    await scene.sql(
        "INSERT INTO outbox_attempt (message_id, attempt, account_id, at, ms, outcome, request,"
        " response) SELECT gen_random_uuid(), $1, account.id,"
        f" $2::timestamptz - interval '{before}' - n * interval '1 second', 5,"
        " CASE WHEN n BETWEEN 4 AND 3 + $3 THEN $4 ELSE 'delivered' END, '', 'no'"
        " FROM account, generate_series(1, $5) AS n",
        attempt, scene.now, failed, outcome, tried,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("failed", "tried", "expected"),
    [(0, 12, None), (1, 21, None), (1, 20, W), (2, 12, W), (3, 12, C), (4, 9, None)],
)  # fmt: skip
async def test_notifications_fail_by_the_share_of_first_tries(scene, failed, tried, expected):
    await sent(scene, failed, tried)
    assert await level(scene, "notifications_failing") == expected


@pytest.mark.parametrize(
    "which",
    [{"attempt": 2}, {"outcome": "remote_busy"}, {"outcome": "remote_refused"},
     {"before": "16 minutes"}],
)  # fmt: skip
async def test_repeats_patience_refusals_and_old_failures_do_not_count(scene, which):
    await sent(scene, 0, 12)
    await sent(scene, 6, 9, **which)
    assert await level(scene, "notifications_failing") is None


async def test_when_the_last_ten_went_through_the_outage_is_over(scene):
    await sent(scene, 20, 29)
    assert await level(scene, "notifications_failing") == C
    await sent(scene, 0, 6, before="1 second")
    assert await level(scene, "notifications_failing") == C
    await sent(scene, 0, 1, before="0 seconds")
    assert await level(scene, "notifications_failing") is None


async def test_three_in_a_row_are_an_outage_only_while_something_waits(scene):
    fail(scene, RemoteUnavailable("no connection"), 3)
    await begin(scene)
    await again(scene)
    assert await level(scene, "notifications_failing") is None
    await again(scene)
    assert await level(scene, "notifications_failing") == C
    scene.later(minutes=50)  # the next try is an hour away, and the outage goes on
    assert await level(scene, "notifications_failing") == C
    await scene.sql(
        "UPDATE outbox SET state = 'superseded', finished_at = now() WHERE state = 'waiting'"
    )
    assert await level(scene, "notifications_failing") is None


async def test_an_outage_of_yesterday_says_nothing_of_what_waits_for_its_first_try(scene):
    fail(scene, RemoteUnavailable("no connection"), 3)
    await begin(scene)
    await again(scene)
    await again(scene)
    scene.later(hours=14)
    await scene.sql(
        "UPDATE outbox SET reason = NULL, attempts = 0, due_at = $1, created_at = $1"
        " WHERE state = 'waiting'",
        scene.now,
    )
    assert await level(scene, "notifications_failing") is None


async def test_patience_a_marketplace_asks_for_is_late_and_not_failing(scene):
    fail(scene, RemoteBusy(after=600.0), 1)
    await begin(scene)
    scene.later(minutes=2)
    await scene.look()
    scene.later(minutes=1)
    assert [one["rule"] for one in await scene.look()] == ["outbound_lag"]


async def test_a_message_is_late_after_a_minute_and_a_paused_accounts_never(scene):
    fail(scene, RemoteUnavailable("no connection"))
    await begin(scene)
    await scene.sql("UPDATE outbox SET created_at = $1 WHERE state = 'waiting'", scene.now)
    scene.later(seconds=50)
    await scene.look()
    scene.later(seconds=8)
    await scene.look()
    scene.later(seconds=40)
    assert await level(scene, "outbound_lag") is None  # it must hold for half a minute
    scene.later(seconds=40)
    assert await level(scene, "outbound_lag") == W
    scene.later(minutes=5)
    assert await level(scene, "outbound_lag") == C
    await scene.sql("UPDATE account SET active = false")
    assert await level(scene, "outbound_lag") is None


async def test_one_refusal_is_a_warning_and_one_that_is_left_alone_is_critical(scene):
    fail(scene, RemoteRefused("HTTP 405: no"))
    await begin(scene)
    assert await level(scene, "notification_buried") == W
    scene.later(minutes=29)
    assert await level(scene, "notification_buried") == W
    scene.later(minutes=2)
    assert await level(scene, "notification_buried") == C


async def test_five_deliveries_we_cannot_use_are_critical_at_once(scene):
    for n in range(5):
        await hook(scene.api, b"not json %d" % n)
    await settle(scene.hub)
    assert await level(scene, "delivery_buried") == C


async def test_what_the_databases_absence_held_up_is_not_stuck_when_it_is_back(scene):
    await hook(scene.api, placed("H1"))
    await scene.sql(
        "UPDATE inbox SET created_at = now() - interval '20 minutes', reason = 'storage',"
        " due_at = now() + interval '1 minute'"
    )
    await beat(process(scene))  # heard again since now
    assert await scene.look() == []
    await scene.sql("UPDATE heartbeat SET reached_since = now() - interval '3 minutes'")
    assert await level(scene, "delivery_stuck") == W


async def test_an_event_that_waits_for_its_order_is_neither_stuck_nor_forgotten(scene):
    await hook(scene.api, PING.replace(b'"ping"', b'"courier.assigned"').replace(
        b"{}", b'{"originalOrderId": "H9"}'))  # fmt: skip
    await settle(scene.hub)
    assert [row["state"] for row in await scene.sql("SELECT state FROM inbox")] == ["parked"]
    for _ in range(3):
        scene.later(hours=2)
        assert await scene.look() == []


async def answers(scene, seconds, many):
    for _ in range(many):
        scene.hub.hooks.count("sm-demo", 200, seconds)
    await beat(process(scene))
    scene.catch_up()  # they are counted in a minute that may have begun just now
    await monitored(scene)
    await alive(scene, "web-1")


@pytest.mark.parametrize(
    ("seconds", "many", "expected"),
    [(1.9, 40, None), (3.0, 19, None), (3.0, 20, W), (4.7, 20, C), (60.0, 20, C)],
)
async def test_answers_are_slow_by_the_marketplaces_patience(scene, seconds, many, expected):
    await answers(scene, seconds, many)
    assert await level(scene, "ack_slow") == expected


async def test_one_slow_answer_in_thirty_is_not_slow(scene):
    await answers(scene, 0.01, 29)
    await answers(scene, 5.0, 1)
    assert await level(scene, "ack_slow") is None


async def test_slow_answers_are_over_five_minutes_later(scene):
    await answers(scene, 4.9, 30)
    assert await level(scene, "ack_slow") == C
    scene.later(minutes=6)
    assert await level(scene, "ack_slow") is None


@pytest.mark.parametrize(
    ("good", "refused", "failed", "expected"),
    [
        (18, 1, 0, None),
        (99, 1, 0, None),
        (48, 1, 0, W),
        (47, 1, 1, W),
        (37, 1, 1, C),
        (0, 20, 0, C),
    ],
)
async def test_refusals_are_told_by_their_share_of_enough(scene, good, refused, failed, expected):
    for status, many in ((200, good), (403, refused), (503, failed)):
        for _ in range(many):
            scene.hub.hooks.count("sm-demo", status, 0.005)
    await answers(scene, 0, 0)
    assert await level(scene, "refused_share") == expected


async def test_strangers_at_a_door_that_is_not_there_alarm_nobody(scene):
    for n in range(60):
        await scene.api.post(f"/hooks/guess-{n}", content=PING)
    await answers(scene, 0, 0)
    assert await scene.look() == []


@pytest.mark.parametrize(
    ("an_hour", "minutes", "expected"),
    [(60, 13, None), (60, 16, W), (60, 30, C), (600, 3, W), (600, 6, C), (12, 40, None),
     (12, 50, C), (1, 300, None), (1, 560, C), (0, 700, None)],
)  # fmt: skip
async def test_silence_is_told_by_what_is_usual(scene, an_hour, minutes, expected):
    await monitored(scene)
    await usual(scene, an_hour)
    await heard(scene)
    scene.later(minutes=minutes + 1)  # it was heard within this minute
    assert await level(scene, "account_silent") == expected


async def test_a_new_account_says_nothing_of_itself(scene):
    await monitored(scene)
    await usual(scene, weeks=1)
    await heard(scene)
    scene.later(hours=2)
    assert await scene.look() == []


async def quiet(scene, **hours):
    """A day in the past of the account, and silence for half an hour."""
    await monitored(scene)
    await usual(scene)
    await heard(scene)
    scene.later(minutes=31)


async def test_hours_in_which_nothing_comes_are_no_silence(scene):
    await quiet(scene)
    await scene.sql(
        "DELETE FROM account_hour WHERE (extract(hour FROM hour AT TIME ZONE 'UTC')::integer"
        " - extract(hour FROM now() AT TIME ZONE 'UTC')::integer + 24) % 24 < 6"
        " AND hour > $1::timestamptz - interval '27 days'",
        scene.now,
    )
    assert await level(scene, "account_silent") is None
    scene.later(hours=4)
    assert await level(scene, "account_silent") is None


async def test_one_unusual_week_changes_nothing(scene):
    await quiet(scene)
    await scene.sql(
        "DELETE FROM account_hour WHERE hour > $1::timestamptz - interval '8 days'", scene.now
    )
    assert await level(scene, "account_silent") == C


async def test_silence_that_began_when_it_was_open_stays_on_through_the_night(scene):
    await quiet(scene)
    assert await level(scene, "account_silent") == C
    await scene.sql(
        "DELETE FROM account_hour WHERE (extract(hour FROM hour AT TIME ZONE 'UTC')::integer"
        " - extract(hour FROM now() AT TIME ZONE 'UTC')::integer + 24) % 24 BETWEEN 2 AND 12"
        " AND hour > $1::timestamptz - interval '27 days'",
        scene.now,
    )
    scene.later(hours=6)
    assert await level(scene, "account_silent") == C


@pytest.mark.parametrize(
    "statement",
    ["UPDATE account SET active = false", "UPDATE store SET paused = true",
     "UPDATE heartbeat SET reached_since = now() + interval '30 minutes'",
     "DELETE FROM heartbeat WHERE role LIKE 'web%'"],
)  # fmt: skip
async def test_who_is_paused_or_cannot_be_heard_is_not_silent(scene, statement):
    await quiet(scene)
    await scene.sql(statement)
    assert await level(scene, "account_silent") is None


async def test_after_an_upgrade_the_hours_say_when_something_came_last(scene):
    await quiet(scene)
    await scene.sql("DELETE FROM hook_minute")
    await scene.sql(
        "INSERT INTO account_hour (account_id, hour, deliveries)"
        " SELECT id, date_trunc('hour', $1::timestamptz), 1 FROM account", scene.now,
    )  # fmt: skip
    assert await level(scene, "account_silent") is None
    await scene.sql("UPDATE account_hour SET hour = hour - interval '2 hours' WHERE deliveries = 1")
    assert await level(scene, "account_silent") == C


@pytest.mark.parametrize(
    ("until", "expected"),
    [("infinity", None), ("15 days", None), ("13 days", W), ("2 days", C), ("-2 days", C)],
)
async def test_a_key_is_told_by_the_days_it_has_left(scene, until, expected):
    value = "'infinity'" if until == "infinity" else f"now() + interval '{until}'"
    await scene.sql(
        f"UPDATE account_credential SET valid_until = {value} WHERE kind = 'outbound_token'"
    )
    assert await level(scene, "credential_expiring") == expected


async def test_another_accounts_trouble_is_its_own(scene):
    await scene.sql(
        "INSERT INTO account (id, merchant_id, code, adapter, settings, active)"
        " SELECT gen_random_uuid(), merchant_id, 'other', adapter, settings, true FROM account"
    )
    for _ in range(20):
        scene.hub.hooks.count("other", 403, 4.9)
        scene.hub.hooks.count("sm-demo", 200, 0.01)
    await answers(scene, 0, 0)
    codes = {one["facts"]["account"] for one in await scene.look()}
    assert codes == {"other"}
    assert quick(scene.hub).hooks.take() == {}


async def test_an_order_alone_wakes_none_of_them(scene):
    await place(scene.api, scene.hub, "H1")
    await answers(scene, 0, 0)
    assert await scene.look() == []


async def test_rows_that_an_account_may_not_be_called_for_are_no_queue_that_stands_still(scene):
    await begin(scene)
    await scene.sql(
        "UPDATE outbox SET state = 'waiting', reason = NULL, finished_at = NULL,"
        " due_at = now() - interval '4 minutes', created_at = now() - interval '4 minutes'"
    )
    await scene.sql(
        "UPDATE account_gate SET state = 'open', reason = 'failing',"
        " open_until = now() + interval '9 minutes'"
    )
    assert await level(scene, "queue_old") is None
    await scene.sql("UPDATE account_gate SET state = 'closed', reason = NULL")
    assert await level(scene, "queue_old") is None
    scene.later(seconds=31)
    assert await level(scene, "queue_old") == W
