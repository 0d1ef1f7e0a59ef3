"""What is wrong with the hub itself, said where Telegram is not needed."""

from datetime import UTC, datetime, timedelta

import pytest

from app.actions.banner import banner
from app.actions.examine import examine
from app.db.queries import load
from tests.http.ways.monitoring import DUTY

LONG_AGO = timedelta(minutes=20)


@pytest.fixture
async def conn(hub):
    async with hub.pools.picking.acquire() as one:
        await one.execute("INSERT INTO rule_run (rule, at, ms, seen) VALUES ('x', now(), 1, 0)")
        yield one


async def codes(conn, now=None, language="en"):
    return [line.code for line in await banner(conn, language, now)]


async def test_when_all_is_well_nothing_is_said(conn):
    assert await codes(conn) == []


async def test_a_monitor_that_does_not_run_is_told_after_three_minutes(conn):
    now = datetime.now(UTC)
    assert await codes(conn, now + timedelta(minutes=2)) == []
    (line,) = await banner(conn, "en", now + timedelta(minutes=12, seconds=5))
    assert line.text == "Monitoring has not run for 12 min: nobody hears of new trouble"
    assert line.level == "critical"


async def test_a_monitor_that_never_ran_is_told_after_three_minutes(conn):
    await conn.execute("DELETE FROM rule_run")
    await conn.execute("UPDATE schema_migration SET applied_at = now()")  # a hub just set up
    assert await codes(conn) == []
    assert await codes(conn, datetime.now(UTC) + timedelta(minutes=4)) == ["monitor_late"]


async def unsent(conn, kind):
    await conn.execute(
        "WITH one AS (INSERT INTO telegram_message (id, chat_id, kind, text, silent, created_at)"
        " VALUES (gen_random_uuid(), 1, $2, 'x', false, now() - $1::interval) RETURNING id)"
        " INSERT INTO queue_item (queue, id, fifo_key)"
        " SELECT 'telegram_outbox', id, 'chat:1:' || $2 FROM one",
        LONG_AGO, kind,
    )  # fmt: skip


async def test_messages_that_telegram_does_not_take_are_told(conn):
    await unsent(conn, "notice")
    (line,) = await banner(conn, "ru")
    assert line.text == "Telegram не принимает сообщения: ждут 1, самое старое — 20 мин"


async def test_a_digest_may_wait_for_better_times(conn):
    await unsent(conn, "digest")
    assert await codes(conn) == []


async def queued(conn, queue, fifo_key, due=LONG_AGO, state="waiting"):
    await conn.execute(
        "INSERT INTO queue_item (queue, id, fifo_key, due_at, state)"
        " VALUES ($1, gen_random_uuid(), $2, now() - $3::interval, $4)",
        queue, fifo_key, due, state,
    )  # fmt: skip


@pytest.mark.parametrize("queue", ["inbox", "outbox"])
async def test_a_queue_nobody_works_on_is_told(conn, queue):
    await queued(conn, queue, "order:1")
    assert await codes(conn) == [f"{queue}_late"]


@pytest.mark.parametrize("queue", ["inbox", "outbox"])
async def test_what_waits_behind_a_row_that_is_tried_later_is_nobodys_fault(conn, queue):
    await queued(conn, queue, "order:1", due=-LONG_AGO)
    await queued(conn, queue, "order:1")
    await queued(conn, queue, "order:2", state="parked")
    assert await codes(conn) == []


async def test_a_chat_the_bot_was_sent_away_from_is_told_while_somebody_counts_on_it(conn):
    await conn.execute(
        "UPDATE telegram_chat SET disabled_at = now(), disabled_reason = 'x', title = '<b>Duty'"
    )
    (line,) = await banner(conn, "en")
    assert line.text == "The bot cannot write in these chats: <b>Duty"
    await conn.execute("UPDATE merchant SET telegram_chat = NULL")
    await conn.execute("UPDATE store SET telegram_chat = NULL")
    await conn.execute("DELETE FROM telegram_route")
    assert await codes(conn) == []


async def test_critical_incidents_that_no_chat_shows_are_counted(conn):
    await conn.execute(
        "INSERT INTO incident (id, merchant_id, rule, subject, level, state, facts, seen_at,"
        " last_seen_at, fired_at) SELECT gen_random_uuid(), id, 'order_late', n::text, 'critical',"
        " 'firing', '{}', now(), now(), now() - $1::interval"
        " FROM merchant, generate_series(1, 3) AS n",
        LONG_AGO,
    )
    (line,) = await banner(conn, "en")
    assert line.text == "Critical incidents that no chat shows: 3, the oldest for 20 min"


async def test_a_second_way_that_fails_is_told_with_its_error(conn):
    await conn.execute(
        "INSERT INTO alarm_way (way, failures, failing_since, error, due_at)"
        " VALUES ('email', 4, now() - $1::interval, 'no connection', now())",
        LONG_AGO,
    )
    (line,) = await banner(conn, "en")
    assert line.text == "The second way out (email) has failed for 20 min: no connection"
    assert line.level == "warning"
    await conn.execute("UPDATE alarm_way SET due_at = now() - interval '25 hours'")
    assert await codes(conn) == []


async def test_a_look_reads_no_finished_work(conn):
    await conn.execute(
        "INSERT INTO queue_item (queue, id, fifo_key, state, finished_at)"
        " SELECT 'inbox', gen_random_uuid(), n::text, 'done', now()"
        " FROM generate_series(1, 20000) AS n"
    )
    await conn.execute("ANALYZE inbox")
    sql = load("banner")["look"].replace("$1", "now()").replace("$2", "180")
    async with conn.transaction():
        await conn.execute("SET LOCAL enable_seqscan = off")
        plan = "\n".join(row[0] for row in await conn.fetch(f"EXPLAIN {sql}"))
    for index in ("inbox_due_at_seq_idx", "incident_alive_idx"):
        assert index in plan


async def test_operators_programs_are_told_in_their_language(api, conn):
    await queued(conn, "inbox", "order:1")
    headers = {"accept-language": "ru"}
    answer = await api.get("/monitoring/v1/banner", auth=DUTY, headers=headers)
    (line,) = answer.json()["lines"]
    assert (line["code"], line["level"]) == ("inbox_late", "critical")
    assert line["text"] == "Сообщения маркетплейсов не обрабатываются уже 20 мин"
    assert (await api.get("/monitoring/v1/banner")).status_code == 401


async def test_the_doctor_says_it_too(conn):
    await queued(conn, "inbox", "order:1")
    said = [finding.text for finding in await examine(conn, None, ["email"]) if not finding.good]
    assert "Nobody has worked on marketplaces’ deliveries for 20 min" in said
    ways = [finding.text for finding in await examine(conn, None, ["email"])]
    assert "beside Telegram, alarms go by email" in ways
