"""What arrives from an account is counted by hours, once each, whatever becomes of it."""

from __future__ import annotations

import pytest

from app.actions.count import count
from app.actions.recount import recount
from app.actions.replay import replay
from app.db.queue import Queue
from tests.factories import BREAD, news, placed, settle
from tests.stories import hook


async def hours(hub) -> list[tuple]:
    await count(hub)
    async with hub.pools.drains.acquire() as conn:
        rows = await conn.fetch("SELECT * FROM account_hour ORDER BY account_id, hour")
    return [(row["deliveries"], row["events"], row["refused"]) for row in rows]


async def in_one_hour(hub) -> None:
    """All that arrived, as if the first delivery's hour had not ended before the last one's."""
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(
            "UPDATE queue_item SET created_at = (SELECT min(created_at) FROM queue_item)"
        )


async def aged(hub, by: str) -> None:
    """Everything that arrived, and the mark, as they would be some time later."""
    async with hub.pools.drains.acquire() as conn:
        await conn.execute(f"UPDATE fact_mark SET until = until - interval '{by}'")


async def test_a_delivery_counts_once_and_its_repeat_does_not(api, hub):
    first = placed("H1", BREAD)
    for content in (first, first, placed("H2", BREAD), news("order.paid", "H1")):
        await hook(api, content)
    await in_one_hour(hub)
    assert await hours(hub) == [(3, 2, 0)]
    assert await hours(hub) == [(3, 2, 0)]


async def test_what_we_do_again_ourselves_did_not_arrive_again(api, hub):
    await hook(api, placed("H1", BREAD))
    await settle(hub)
    async with hub.pools.drains.acquire() as conn:
        id_ = await conn.fetchval("SELECT id FROM queue_item WHERE queue = 'inbox'")
        assert await replay(conn, Queue.INBOX, id_, "duty")
    assert await hours(hub) == [(1, 1, 0)]


async def test_who_knocks_without_a_key_counts_as_refused(api, hub):
    await api.post("/hooks/sm-demo", content=news("order.paid"), headers={"Client-Token": "no"})
    await api.post("/hooks/nobody", content=news("order.paid"))
    assert await hours(hub) == [(0, 0, 1)]


@pytest.mark.parametrize("away", ["20 minutes", "5 hours", "30 days", "-5 hours", "-40 days"])
async def test_an_absence_or_a_clock_that_jumps_loses_nothing(api, hub, away):
    await hours(hub)
    await aged(hub, away)
    await hook(api, placed("H1", BREAD))
    assert await hours(hub) == [(1, 1, 0)]
    await hook(api, placed("H2", BREAD))
    await in_one_hour(hub)
    assert await hours(hub) == [(2, 1, 0)]


async def test_counting_anew_forgets_no_refusals_that_retention_has_forgotten(api, hub):
    await api.post("/hooks/sm-demo", content=news("order.paid"), headers={"Client-Token": "no"})
    assert await hours(hub) == [(0, 0, 1)]
    async with hub.pools.drains.acquire() as conn:
        await conn.execute("DELETE FROM inbox_refused")
        hour = await conn.fetchval("SELECT hour FROM account_hour")
        until = await conn.fetchval("SELECT $1::timestamptz + interval '1 hour'", hour)
        assert (await recount(conn, (hour, until))).account_hours == 0
    assert await hours(hub) == [(0, 0, 1)]
