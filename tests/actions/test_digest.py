"""A day that is over is told to the store's chat once, with a picture."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from io import BytesIO
from zoneinfo import ZoneInfo

import pytest
from PIL import Image

from app.actions.digest import digest
from app.actions.drain import drain
from app.actions.tell import tell
from app.db.queue import Queue
from app.identifiers import new_id
from tests.conftest import quick
from tests.stories import RecordingChat

ZONE = ZoneInfo("Europe/Moscow")
EVENING = datetime(2026, 3, 2, 22, 0, tzinfo=ZONE)
CHAT = -100_500


@pytest.fixture
async def conn(hub):
    async with hub.pools.picking.acquire() as one:
        await one.execute(
            "INSERT INTO telegram_chat (chat_id, title, language) VALUES ($1, 'Duty', 'en')", CHAT
        )
        await one.execute("UPDATE merchant SET telegram_chat = NULL")
        await one.execute("UPDATE store SET telegram_chat = NULL, timezone = 'Europe/Moscow'")
        await one.execute(
            "UPDATE store SET telegram_chat = $1"
            " WHERE id = (SELECT min(id::text)::uuid FROM store)",
            CHAT,
        )
        yield one


async def store(conn):
    return await conn.fetchval("SELECT id FROM store WHERE telegram_chat = $1", CHAT)


async def worked(conn, until=EVENING, hours=8):
    """One shift that is over (or not) in the store."""
    await conn.execute(
        "INSERT INTO shift (id, picker_id, store_id, started_at, ended_at)"
        " SELECT $1, picker.id, store.id, $2, $3 FROM picker, store"
        "  WHERE store.telegram_chat = $4 LIMIT 1",
        new_id(), (until or EVENING) - timedelta(hours=hours), until, CHAT,
    )  # fmt: skip


async def hour(conn, at, store_id=None, **numbers):
    """What one hour came to."""
    values = {"orders": 12, "ready": 12, "ready_on_time": 11, "picked": 12, "lines": 100,
              "found": 90, "replaced": 6, "delivered": 10, "cancelled": 1,
              "pick_times": [600] * 12} | numbers  # fmt: skip
    names = ", ".join(values)
    places = ", ".join(f"${n}" for n in range(3, 3 + len(values)))
    await conn.execute(
        f"INSERT INTO store_hour (store_id, hour, account_id, {names})"
        f" SELECT $1, $2, id, {places} FROM account LIMIT 1",
        store_id or await store(conn), at, *values.values(),
    )  # fmt: skip


async def queued(conn):
    return await conn.fetch("SELECT * FROM telegram_message WHERE kind = 'digest' ORDER BY id")


async def test_when_the_last_shift_ends_the_day_is_told_with_its_picture_once(hub, conn):
    await worked(conn)
    await hour(conn, EVENING - timedelta(hours=3))
    await hour(conn, EVENING - timedelta(hours=2))
    ticks = [14, 15, 16, 60]
    assert [await digest(hub, EVENING + timedelta(minutes=n)) for n in ticks] == [0, 1, 0, 0]
    (message,) = await queued(conn)
    assert message["chat_id"] == CHAT
    assert message["silent"]
    assert "Monday, 2 March" in message["text"]
    assert "Orders: <b>24</b>" in message["text"]
    assert "Ready on time: <b>92%</b>" in message["text"]
    assert Image.open(BytesIO(message["photo"])).format == "PNG"


async def test_five_schedulers_at_once_tell_it_once(hub, conn):
    await worked(conn)
    await hour(conn, EVENING - timedelta(hours=3))
    later = EVENING + timedelta(minutes=20)
    assert sum(await asyncio.gather(*(digest(hub, later) for _ in range(5)))) == 1
    assert len(await queued(conn)) == 1


async def test_a_day_at_work_without_orders_is_told_in_a_line(hub, conn):
    await worked(conn)
    assert await digest(hub, EVENING + timedelta(minutes=20)) == 1
    (message,) = await queued(conn)
    assert message["photo"] is None
    assert message["text"].splitlines()[1:] == ["No orders came.", "No incidents."]


async def test_nobody_at_work_and_nothing_happened_is_not_told(hub, conn):
    await conn.execute("UPDATE telegram_chat SET digest_at = '21:00' WHERE chat_id = $1", CHAT)
    assert await digest(hub, EVENING) == 0
    assert await queued(conn) == []


async def test_without_shifts_the_chat_s_time_counts_and_its_quiet_hours(hub, conn):
    await conn.execute(
        "UPDATE telegram_chat SET digest_at = '21:00', quiet_from = '20:00', quiet_until = '07:00'"
        " WHERE chat_id = $1",
        CHAT,
    )
    await hour(conn, EVENING - timedelta(hours=3))
    morning = EVENING + timedelta(hours=9)
    assert [await digest(hub, now) for now in (EVENING, morning)] == [0, 1]
    assert "Monday, 2 March" in (await queued(conn))[0]["text"]


async def test_a_merchant_hears_of_all_its_stores_by_itself(hub, conn):
    await conn.execute("UPDATE merchant SET telegram_chat = $1", CHAT)
    await conn.execute("UPDATE store SET telegram_chat = NULL")
    await conn.execute(
        "INSERT INTO store (id, merchant_id, code, name) SELECT $1, id, 'S-2', 'Two' FROM merchant",
        new_id(),
    )
    await conn.execute("UPDATE telegram_chat SET digest_at = '21:00' WHERE chat_id = $1", CHAT)
    for row in await conn.fetch("SELECT id FROM store"):
        await hour(conn, EVENING - timedelta(hours=3), row["id"])
    count = await conn.fetchval("SELECT count(*) FROM store")
    assert await digest(hub, EVENING) == 1
    (message,) = await queued(conn)
    assert f"Orders: <b>{12 * count}</b>" in message["text"]


async def test_a_topic_for_digests_gets_them(hub, conn):
    await conn.execute(
        "INSERT INTO telegram_route (id, merchant_id, store_id, class, chat_id, thread_id)"
        " SELECT $1, merchant_id, id, 'digest', $2, 77 FROM store WHERE telegram_chat = $2",
        new_id(), CHAT,
    )  # fmt: skip
    await worked(conn)
    await hour(conn, EVENING - timedelta(hours=3))
    assert await digest(hub, EVENING + timedelta(minutes=20)) == 1
    assert (await queued(conn))[0]["thread_id"] == 77


async def test_a_chat_for_digests_takes_the_place_of_the_store_s(hub, conn):
    await conn.execute("INSERT INTO telegram_chat (chat_id) VALUES ($1)", CHAT - 1)
    for topic, chat_id in ((None, CHAT), ("connection", CHAT), ("digest", CHAT - 1)):
        await conn.execute(
            "INSERT INTO telegram_route (id, merchant_id, store_id, class, chat_id)"
            " SELECT $1, merchant_id, id, $2, $3 FROM store WHERE telegram_chat = $4",
            new_id(), topic, chat_id, CHAT,
        )  # fmt: skip
    await worked(conn)
    await hour(conn, EVENING - timedelta(hours=3))
    await digest(hub, EVENING + timedelta(minutes=20))
    assert [message["chat_id"] for message in await queued(conn)] == [CHAT - 1]


async def test_a_chat_the_bot_may_not_write_in_is_left_alone(hub, conn):
    await conn.execute("UPDATE telegram_chat SET disabled_at = now(), disabled_reason = 'x'")
    await worked(conn)
    assert await digest(hub, EVENING + timedelta(minutes=20)) == 0


async def test_the_same_weekday_of_four_weeks_is_what_is_usual(hub, conn):
    await worked(conn)
    await hour(conn, EVENING - timedelta(hours=3), orders=40)
    for weeks in (1, 2, 5):
        await hour(conn, EVENING - timedelta(hours=3, weeks=weeks), orders=20 * weeks)
    await digest(hub, EVENING + timedelta(minutes=20))
    assert "Orders: <b>40</b>, more than usual (30)" in (await queued(conn))[0]["text"]


async def test_incidents_of_the_day_are_told_with_who_took_care(hub, conn):
    await worked(conn)
    store_id = await store(conn)
    for n, (state, minutes) in enumerate((("resolved", 42), ("firing", 300), ("resolved", 2000))):
        fired = EVENING - timedelta(minutes=minutes)
        await conn.execute(
            "INSERT INTO incident (id, merchant_id, store_id, rule, subject, level, state, facts,"
            " seen_at, last_seen_at, fired_at, resolved_at)"
            " SELECT $1, merchant_id, id, 'order_late', $2, 'critical', $3, '{}', $4, $4, $4,"
            " CASE WHEN $3 = 'resolved' THEN $5::timestamptz END FROM store WHERE id = $6",
            id_ := new_id(), str(n), state, fired, EVENING, store_id,
        )  # fmt: skip
        await conn.execute(
            "INSERT INTO incident_event (id, incident_id, at, kind, actor)"
            " VALUES ($1, $2, $3, 'acknowledged', 'Anna')",
            new_id(), id_, fired,
        )  # fmt: skip
    await digest(hub, EVENING + timedelta(minutes=20))
    lines = (await queued(conn))[0]["text"].splitlines()
    assert "Incidents: 2, critical 2, still on 1" in lines
    assert "Taken care of by: Anna" in lines


async def test_what_another_store_did_is_not_mixed_in(hub, conn):
    await worked(conn)
    other = new_id()
    await conn.execute(
        "INSERT INTO store (id, merchant_id, code, name) SELECT $1, id, 'S-2', 'Two' FROM merchant",
        other,
    )
    await hour(conn, EVENING - timedelta(hours=3))
    await hour(conn, EVENING - timedelta(hours=3), other, orders=500)
    await digest(hub, EVENING + timedelta(minutes=20))
    assert "Orders: <b>12</b>" in (await queued(conn))[0]["text"]


async def test_a_store_that_cannot_be_drawn_keeps_no_other_from_being_told(hub, conn):
    """The first chat's store fails in a way nobody foresaw: its title is no text."""
    await worked(conn)
    await hour(conn, EVENING - timedelta(hours=3))
    calls = []

    class Drawer(ThreadPoolExecutor):
        def submit(self, *args, **kwargs):
            calls.append(args)
            if len(calls) == 1:
                raise ZeroDivisionError
            return super().submit(*args, **kwargs)

    await conn.execute(
        "INSERT INTO telegram_chat (chat_id, title, language) VALUES ($1, 'Two', 'en')", CHAT - 1
    )
    await conn.execute(
        "INSERT INTO telegram_route (id, merchant_id, store_id, chat_id)"
        " SELECT gen_random_uuid(), merchant_id, id, each"
        "  FROM store, unnest($1::bigint[]) AS each WHERE telegram_chat = $2",
        [CHAT, CHAT - 1], CHAT,
    )  # fmt: skip
    later = EVENING + timedelta(minutes=20)
    with pytest.raises(ZeroDivisionError):
        await digest(quick(hub, drawer=Drawer(1)), later)
    assert len(await queued(conn)) == 1
    assert await digest(hub, later) == 1
    assert {message["chat_id"] for message in await queued(conn)} == {CHAT, CHAT - 1}


async def test_a_digest_reaches_its_chat_with_the_picture(hub, conn):
    await worked(conn)
    await hour(conn, EVENING - timedelta(hours=3))
    chat = RecordingChat()
    spoken = quick(hub, chat=chat)
    await digest(spoken, EVENING + timedelta(minutes=20))
    await drain(spoken, Queue.TELEGRAM, tell, asyncio.Event())
    (saying,) = chat.sayings
    assert saying.chat_id == CHAT
    assert saying.silent
    assert saying.photo.startswith(b"\x89PNG")
