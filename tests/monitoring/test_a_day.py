"""A whole day of many stores: no trouble is missed, and none is made up."""

import os

import pytest

from tests.monitoring.day.expected import Seen
from tests.monitoring.day.hub_troubles import HUB_TROUBLES
from tests.monitoring.day.orders import BEGIN, stores
from tests.monitoring.day.shop_troubles import SHOP_TROUBLES
from tests.monitoring.day.simulation import Day
from tests.monitoring.day.trouble import Shops, by_minute
from tests.monitoring.day.world import build

#: As many as a test run takes in its stride, and as troubles need; a whole chain has 200.
COUNT = int(os.environ.get("HUB_TEST_STORES", "60"))
TROUBLES = (*SHOP_TROUBLES, *HUB_TROUBLES)
#: Letters of the second way: what was critical while nobody could be told otherwise, and its end.
LETTERS = [
    ("07:07", "🔴 мониторинг не работает"), ("07:11", "🟢 мониторинг не работает"),
    ("20:08", "🔴 сообщения в Telegram не уходят"), ("20:23", "🔴 KGD-100 — сборщик просит помощи"),
    ("20:31", "🟢 сообщения в Telegram не уходят"), ("20:50", "🟢 KGD-100 — сборщик просит помощи"),
]  # fmt: skip


async def simulated(hub, count, troubles=()):
    shops = Shops(stores(count), seed=0)
    for trouble in troubles:
        trouble.plan(shops)
    async with hub.pools.drains.acquire() as conn, conn.transaction():
        await build(conn, list(shops.stores.values()), shops.orders)
    takes = {key: value for trouble in troubles for key, value in trouble.takes.items()}
    return Day(hub, by_minute(troubles), takes)


async def seen(day):
    incidents = await day.sql("SELECT * FROM incident WHERE fired_at IS NOT NULL ORDER BY fired_at")
    return Seen(incidents, await day.sql("SELECT * FROM incident_post"), day.chat)


async def history(day, label, rule="order_not_taken"):
    """What happened to one incident, without what was only counted."""
    rows = await day.sql(
        "SELECT kind FROM incident_event AS event JOIN incident ON incident.id = incident_id"
        " WHERE rule = $1 AND coalesce(facts->>'number', facts->>'group') = $2"
        "   AND kind <> 'members' ORDER BY event.at, event.id",
        rule, label,
    )  # fmt: skip
    return [row["kind"] for row in rows]


async def nothing_is_left(day):
    (left,) = await day.sql(
        "SELECT (SELECT count(*) FROM incident WHERE state <> 'resolved') AS on,"
        " (SELECT count(*) FROM queue_item WHERE state IN ('waiting', 'leased', 'parked'))"
        "   AS queued,"
        " (SELECT count(*) FROM telegram_message) AS unsaid,"
        " (SELECT count(*) FROM incident WHERE fired_at IS NOT NULL AND NOT EXISTS ("
        "    SELECT FROM incident_event WHERE incident_id = incident.id AND kind = 'resolved'))"
        "      AS unfinished"
    )
    return dict(left) == {"on": 0, "queued": 0, "unsaid": 0, "unfinished": 0}


async def test_on_a_day_on_which_all_goes_well_nobody_hears_anything(hub):
    day = await simulated(hub, COUNT * 2 // 5)
    await day.run()
    found = await seen(day)
    assert [dict(one) for one in found.incidents] == []
    assert day.chat.sayings == []
    assert await nothing_is_left(day)


@pytest.fixture
async def troubled(hub):
    """The day after all its troubles."""
    day = await simulated(hub, COUNT, TROUBLES)
    await day.run()
    return day


async def test_a_day_of_troubles_ends_with_none_missed_and_none_made_up(troubled):
    found = await seen(troubled)
    expected = [one for trouble in TROUBLES for one in trouble.expected]
    assert list(found.differences(expected)) == []
    assert found.strays() == []
    assert await nothing_is_left(troubled)
    letters = [(f"{x.at.astimezone(BEGIN.tzinfo):%H:%M}", x.subject) for x in troubled.letters.sent]
    assert letters == [(clock, f"Хаб заказов: {said}") for clock, said in LETTERS]
    assert await history(troubled, "AWAY-1") == [
        "fired", "told", "worsened", "nudged", "nudged", "escalated", "called", "resolved"
    ]  # fmt: skip
    assert await history(troubled, "merchant") == [
        "fired", "told", "worsened", "nudged", "acknowledged", "resolved"
    ]  # fmt: skip
    assert await history(troubled, "MUTED") == ["fired", "muted", "worsened", "resolved"]
