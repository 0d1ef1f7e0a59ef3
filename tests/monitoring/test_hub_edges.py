"""Rules of the hub itself: silent at every start, loud when something is wrong, over when it is."""

import asyncio
import re
from datetime import UTC, datetime, timedelta

import pytest

from app.actions.pulse import beat
from app.actions.tick import Duty, tick
from app.actions.watcher import ask, look_after
from app.db import telegram
from app.db.telegram import ChatMessage
from app.domain.rule import Level
from tests.conftest import quick
from tests.factories import placed, settle
from tests.monitoring.processes import alive, beat_promptly, monitored, process
from tests.stories import hook, place

W, C = "warning", "critical"


async def level(scene, rule):
    """How bad it is by this rule alone, None when it says nothing."""
    found = {one["rule"]: one for one in await scene.look()}
    return found[rule]["level"] if rule in found else None


async def test_an_empty_fresh_hub_is_silent_through_its_first_hour(scene):
    for _ in range(6):
        assert await scene.look() == []
        scene.later(minutes=10)


async def test_the_first_minutes_after_a_start_are_silent(scene):
    for role in ("web-1", "web-2", "scheduler"):
        await beat(process(scene, role))
    for _ in range(3):
        assert await scene.look() == []
        scene.later(seconds=15)


async def test_a_restart_after_a_night_away_is_silent(scene):
    await place(scene.api, scene.hub, "H1")
    for role in ("web-1", "scheduler"):
        await beat(process(scene, role))
    await monitored(scene)
    await scene.sql("UPDATE tick SET finished_at = now() - interval '9 hours'")
    await scene.sql("UPDATE heartbeat SET pulsed_at = now() - interval '9 hours',"
                    " started_at = now() - interval '1 day',"
                    " reached_since = now() - interval '1 day'")  # fmt: skip
    for role in ("web-1", "scheduler"):
        await beat(process(scene, role, pid=2))
    scene.later(seconds=20)
    assert await scene.look() == []


async def test_a_database_that_was_away_is_nobodys_silence(scene):
    await monitored(scene)
    for role in ("web-1", "web-2", "scheduler"):
        await beat(process(scene, role))
    await scene.sql("UPDATE tick SET finished_at = now() - interval '7 minutes'")
    await scene.sql("UPDATE heartbeat SET pulsed_at = now() - interval '7 minutes'")
    scene.later(seconds=1)
    assert await scene.look() == []
    await beat(process(scene, "scheduler"))  # the first that reaches it again
    scene.later(seconds=10)
    assert await scene.look() == []


async def test_a_clock_that_jumps_ahead_alarms_nobody(scene):
    await monitored(scene)
    await alive(scene, "web-1", "scheduler")
    await scene.sql("UPDATE tick SET finished_at = now()")
    await scene.sql("UPDATE heartbeat SET pulsed_at = now()")
    scene.later(hours=3)
    assert await scene.look() == []


@pytest.mark.parametrize(
    ("minutes", "expected"), [(1.9, None), (2.1, W), (4.9, W), (5.1, C), (600, C)]
)
async def test_the_monitor_is_late_after_two_minutes(scene, minutes, expected):
    await monitored(scene)
    await alive(scene, "web-1")
    await scene.sql("UPDATE tick SET finished_at = $1::timestamptz - $2 * interval '1 minute'",
                    scene.now, minutes)  # fmt: skip
    assert await level(scene, "monitor_late") == expected


async def test_ticks_that_fail_or_never_end_are_no_monitoring(scene):
    await monitored(scene)
    await alive(scene, "web-1")
    await scene.sql("UPDATE tick SET state = 'failed'")
    assert await level(scene, "monitor_late") == C


async def test_a_look_that_lies_ahead_was_by_a_clock_that_has_been_put_back(scene):
    await monitored(scene)
    await alive(scene, "web-1")
    await scene.sql("UPDATE tick SET due_at = due_at + '2 hours', finished_at = now() + '2 hours'")
    assert await level(scene, "monitor_late") == C


def everything(scene):
    """The scheduler's own look, as a tick of the calendar."""

    async def run(hub):
        return "done"

    return Duty("monitoring", 60, 55, run)


async def test_a_worker_says_that_the_monitor_is_late_and_the_monitor_itself_that_it_is_back(scene):
    await alive(scene, "web-1")
    said = await ask(scene.hub)
    assert "1 rules" in said
    late = "SELECT level, state FROM incident WHERE rule = 'monitor_late'"
    assert [tuple(row) for row in await scene.sql(late)] == [(C, "firing")]
    await tick(scene.hub, everything(scene))
    assert await ask(scene.hub) == "the monitor is on time"
    await scene.look()
    assert [tuple(row) for row in await scene.sql(late)] == [(C, "resolved")]


async def test_one_worker_of_all_asks_once_a_minute(scene):
    hubs = [quick(scene.hub, worker=f"web-{n}") for n in range(4)]
    turns = await asyncio.gather(*(look_after(hub) for hub in hubs))
    assert sum(turns) <= 2  # a minute may end just now
    rows = await scene.sql("SELECT state FROM tick WHERE job = 'watcher'")
    assert {row["state"] for row in rows} == {"done"}


async def test_a_hub_without_that_rule_asks_nothing(scene):
    rules = {name: rule for name, rule in scene.hub.rules.items() if name != "monitor_late"}
    assert (await ask(quick(scene.hub, rules=rules))).startswith("0 rules")


class Letters:
    """A second way out as a list."""

    name = "webhook"

    def __init__(self):
        self.sent = []

    async def send(self, alarm):
        self.sent.append(alarm)
        return "taken"


async def test_a_late_monitor_is_told_the_second_way_when_nobody_sends_to_telegram(scene):
    way = Letters()
    hub = quick(scene.hub, ways={"webhook": way})
    await alive(scene, "web-1")
    await ask(hub)
    await scene.sql("UPDATE incident_event SET at = at - interval '4 minutes'")
    await ask(hub)
    assert len(way.sent) == 1


@pytest.mark.parametrize(
    ("minutes", "expected"), [(0.9, None), (1.1, W), (3.1, C), (59, C), (61, None)]
)
async def test_a_process_is_silent_after_a_minute_and_forgotten_after_an_hour(
    scene, minutes, expected
):
    await monitored(scene)
    await alive(scene, "web-1", "web-2")
    await scene.sql("UPDATE heartbeat SET pulsed_at = $1::timestamptz - $2 * interval '1 minute'"
                    " WHERE role = 'web-2'", scene.now, minutes)  # fmt: skip
    assert await level(scene, "worker_silent") == expected


async def test_a_process_that_was_killed_and_started_again_is_not_silent(scene):
    await monitored(scene)
    await alive(scene, "web-1", "scheduler")
    await scene.sql("UPDATE heartbeat SET pulsed_at = now() - interval '5 minutes'"
                    " WHERE role = 'web-1'")  # fmt: skip
    scene.later(seconds=5)
    assert await level(scene, "worker_silent") == C
    await beat(process(scene, "web-1", pid=2))
    assert await level(scene, "worker_silent") is None


async def test_one_death_is_no_series_of_them(scene):
    await monitored(scene)
    await beat(process(scene, pid=2))
    await beat(process(scene, pid=3))
    scene.later(seconds=5)
    assert await level(scene, "worker_restarts") is None


@pytest.mark.parametrize(
    ("seconds", "expected"), [(0.4, None), (-0.9, None), (1.5, W), (-1.5, W), (6, C), (-90000, C)]
)
async def test_a_clock_is_wrong_by_more_than_a_second(scene, seconds, expected):
    wrong = process(scene, clock=lambda: datetime.now(UTC) + timedelta(seconds=seconds))
    await beat_promptly(scene, wrong)
    await scene.sql("UPDATE heartbeat SET reach_ms = 2")
    await scene.look()
    scene.later(seconds=31)
    assert await level(scene, "clock_skew") == expected


async def test_a_way_to_the_database_that_is_slow_makes_no_clock_wrong(scene):
    await beat(process(scene))
    await scene.sql("UPDATE heartbeat SET skew_ms = 3000, reach_ms = 5900")
    await scene.look()
    scene.later(seconds=31)
    assert await level(scene, "clock_skew") is None


@pytest.mark.parametrize(
    ("free", "expected"), [(40, None), (15, None), (14.9, W), (4.9, C), (0, C)]
)
async def test_a_disk_is_told_by_what_is_free(scene, free, expected):
    await beat(process(scene))
    await scene.sql("UPDATE heartbeat SET disk_free = $1", free)
    assert await level(scene, "disk_low") == expected


async def test_a_disk_that_nobody_looked_at_for_a_while_says_nothing(scene):
    await beat(process(scene))
    await scene.sql("UPDATE heartbeat SET disk_free = 1")
    scene.later(minutes=3)
    assert await level(scene, "disk_low") is None


@pytest.mark.parametrize(("days", "expected"), [(22, None), (20, W), (6, C), (-1, C)])
async def test_a_certificate_is_told_by_the_days_it_has_left(scene, days, expected):
    await scene.sql("INSERT INTO watched_expiry VALUES"
                    " ('shop-1', 'certificate', now() + $1 * interval '1 day')", days)  # fmt: skip
    assert await level(scene, "certificate_expiring") == expected


async def test_a_queue_with_a_paused_account_or_behind_a_failing_row_does_not_stand_still(scene):
    await hook(scene.api, placed("H1"))
    await hook(scene.api, placed("H1", event="order.changed"))
    await scene.sql("UPDATE account SET active = false")
    scene.later(minutes=6)
    await scene.look()
    scene.later(minutes=1)
    assert await scene.look() == []
    await scene.sql("UPDATE account SET active = true")
    await scene.sql("UPDATE inbox SET reason = 'bug', due_at = now() + interval '1 day'"
                    " WHERE seq = (SELECT min(seq) FROM inbox)")  # fmt: skip
    assert [one["rule"] for one in await scene.look()] == ["delivery_stuck"]
    scene.later(minutes=1)
    assert [one["rule"] for one in await scene.look()] == ["delivery_stuck"]


async def test_a_queue_stands_still_only_while_it_lasts(scene):
    await hook(scene.api, placed("H1"))
    scene.later(minutes=4)
    assert await scene.look() == []  # the database may be back for a second only
    await settle(scene.hub)
    scene.later(seconds=40)
    assert await scene.look() == []


async def test_a_flood_that_waits_for_its_turn_in_telegrams_limits_is_not_failing(scene):
    (chat,) = await scene.sql("SELECT chat_id FROM telegram_chat LIMIT 1")
    async with scene.hub.pools.drains.acquire() as conn:
        for n in range(60):
            await telegram.add(conn, ChatMessage(chat["chat_id"], "digest", f"{n}"), "t")
    for _ in range(4):
        assert [one["rule"] for one in await scene.look()] == []
        scene.later(minutes=1)


async def test_a_chat_nobody_writes_to_may_be_lost(scene):
    await scene.sql("INSERT INTO telegram_chat (chat_id, title, disabled_at, disabled_reason)"
                    " VALUES (-7003, 'old', now(), 'kicked')")  # fmt: skip
    scene.later(seconds=5)
    assert await scene.look() == []


async def test_a_slow_rule_is_named_with_its_time(scene):
    await scene.sql("INSERT INTO rule_run (rule, at, ms, seen, failures, error)"
                    " VALUES ('slow_one', now(), 2003, 0, 2, 'QueryCanceledError'),"
                    " ('broken_one', now(), 5, 0, 5, 'UndefinedColumnError'),"
                    " ('fine_one', now(), 5, 0, 1, 'DeadlockDetectedError'),"
                    " ('gone_one', now() - interval '9 minutes', 5, 0, 9, 'KeyError')")  # fmt: skip
    found = {one["subject"]: one for one in await scene.look()}
    assert {name: one["level"] for name, one in found.items()} == {"slow_one": W, "broken_one": C}
    slow = next(one.text for one in scene.chat.sayings if "slow_one" in one.text)
    broken = next(one.text for one in scene.chat.sayings if "broken_one" in one.text)
    assert "не уложилось в отведённое время, шло 2003 мс" in slow
    assert "ошибка" not in slow
    assert "ошибка: UndefinedColumnError" in broken
    assert "уложилось" not in broken


async def test_the_gauges_say_how_old_the_monitors_look_is_and_what_is_on(scene):
    before = (await scene.api.get("/metrics")).text
    assert "\nhub_monitor_age_seconds " not in before
    assert 'hub_incidents{level="critical",state="firing"} 0.0' in before
    await tick(scene.hub, everything(scene))
    await scene.sql("UPDATE tick SET finished_at = now() - interval '100 hours'")
    await place(scene.api, scene.hub, "H1")
    scene.later(minutes=11)
    await scene.look()
    after = (await scene.api.get("/metrics")).text
    (age,) = re.findall(r"(?m)^hub_monitor_age_seconds (\S+)$", after)
    assert float(age) // 3600 == 100
    assert f'hub_incidents{{level="{Level.CRITICAL}",state="firing"}} 1.0' in after


@pytest.mark.parametrize(
    ("states", "minutes", "expected"),
    [("failed", 14, None), ("failed", 15, W), ("failed running", 15, W), ("running", 15, W),
     ("failed done", 15, None), ("done failed", 15, None), ("failed", 200, None)],
)  # fmt: skip
async def test_a_duty_fails_when_it_is_begun_and_not_done(scene, states, minutes, expected):
    """Ticks of a duty, a minute apart, the first one that long ago."""
    for number, state in enumerate(states.split()):
        await scene.sql(
            "INSERT INTO tick (job, due_at, owner, lease_until, state, started_at, finished_at)"
            " SELECT 'facts', at, 'scheduler', at, $3, at, CASE WHEN $3 <> 'running' THEN at END"
            "   FROM (SELECT $1::timestamptz - make_interval(mins => $2) AS at) AS it",
            scene.now, minutes - number, state,
        )  # fmt: skip
    assert await level(scene, "duty_failing") == expected
