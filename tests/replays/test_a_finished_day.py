"""Replaying a whole finished day changes nothing, and tells nobody anything new."""

from __future__ import annotations

from collections import Counter

import msgspec
import pytest

from app.actions.count import count
from app.actions.issue import issue
from app.actions.replays import work
from app.actions.watch import watch
from app.db import health
from app.db.rules import read_rules
from tests.actions.test_after_sale_told import Talkative
from tests.conftest import quick
from tests.factories import settle
from tests.http.ways.monitoring import DUTY
from tests.monitoring.scene import LEISURE
from tests.replays.day import Shop, snapshot

REPLAYS = "/monitoring/v1/replays"
ROUNDS = 3


@pytest.fixture
def hub(hub):
    return quick(hub, marketplaces={"kuper": Talkative()}, rule_patience=LEISURE)


async def look(hub, now=None):
    """All that looks at orders by itself; the moment of it, or `now`."""
    while await issue(hub):
        pass
    await count(hub)
    async with hub.pools.drains.acquire() as conn:
        moment = now or await health.clock(conn)
    said = await watch(hub, read_rules(), moment)
    assert "failed" not in said
    return moment


async def everything_again(api, hub, queue, span):
    """What an operator does: count, begin, wait."""
    wish = {"queue": queue, "rate": 1000, "why": "does it change anything?", **span}
    counted = (await api.post(REPLAYS, json=wish, auth=DUTY)).json()
    assert counted["replay"] is None
    answer = await api.post(REPLAYS, json=wish | {"dry_run": False}, auth=DUTY)
    run = answer.json()["replay"]
    assert run["matched"] == counted["matched"]
    while run["state"] == "running":
        await work(hub, 0.05)
        await settle(hub)
        run = (await api.get(f"{REPLAYS}/{run['id']}", auth=DUTY)).json()
    await settle(hub)
    return (await api.get(f"{REPLAYS}/{run['id']}", auth=DUTY)).json()


async def test_replaying_a_whole_finished_day_both_ways_changes_nothing(api, hub):
    shop = Shop(api, hub)
    for _ in range(ROUNDS):
        await shop.live()
    seen_at = await look(hub)
    kuper = hub.marketplaces["kuper"]
    before, told = await snapshot(hub), list(kuper.sent)
    assert {row[0] for row in before["incidents"]} >= {"state_mismatch", "delivery_buried"}
    span = {"since": "2020-01-01T00:00:00Z", "until": "2100-01-01T00:00:00Z"}
    for queue in ("inbox", "outbox"):
        finished = sum(row[0] == queue for row in before["first rows"])
        for over in (0, ROUNDS if queue == "outbox" else 0):  # once more: but what is over is over
            run = await everything_again(api, hub, queue, span)
            assert (run["matched"], run["skipped"]) == (finished - over, {})
            assert run["replayed"] == sum(run["became"].values()) == finished - over
    await look(hub, seen_at)  # what is reckoned by the day, or by an age, is as it was
    after = await snapshot(hub)
    (account,) = {row[3] for row in before["first rows"]}
    mended = ("notification_buried", f"{account}:remote_refused")
    assert (*mended, "firing") in before["incidents"]  # what comes after it was taken: it is over
    before["incidents"].remove((*mended, "firing"))
    after["incidents"].remove((*mended, "resolved"))
    for name, rows in before.items():
        assert after[name] == rows, name
    _nothing_new_was_said(told, kuper.sent[len(told) :])


def _nothing_new_was_said(told, again):
    """Only a last word is said again, as what it is: the same message, which may be known."""
    said = {(message.id, message.kind, message.body) for message in told}
    assert again
    assert {(message.id, message.kind, message.body) for message in again} <= said
    assert all(message.unsure for message in again)
    last = {_order(message): message.id for message in told}
    assert {message.id for message in again} <= set(last.values())
    assert set(Counter(message.id for message in again).values()) == {2}


def _order(message):
    payload = msgspec.json.decode(message.body)["event"]["payload"]
    return payload.get("order_id") or payload["order"]["originalOrderId"]


async def test_no_order_is_described_by_what_it_was_before(api, hub):
    """Also one that is picked right now: the first of two changes does not come back."""
    shop = Shop(api, hub)
    await shop.changed_twice()
    before = await snapshot(hub)
    async with hub.pools.drains.acquire() as conn:
        first = await conn.fetchval(
            "SELECT id FROM inbox_delivery WHERE event = 'order.changed' ORDER BY id LIMIT 1"
        )
    wish = {"queue": "inbox", "ids": [str(first)], "dry_run": False}
    assert (await api.post(REPLAYS, json=wish, auth=DUTY)).json()["replay"]["replayed"] == 1
    await settle(hub)
    assert await snapshot(hub) == before
