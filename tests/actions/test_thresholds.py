"""A chain's own thresholds are part of its set-up: whole, in order, in force at the next look."""

import json

import pytest

from app.actions import setup
from app.db import rules
from app.errors import SettingsInvalid
from app.sandbox import demo
from tests.actions.test_setup import ADAPTERS
from tests.conftest import CREDENTIALS, SEAL

NIGHT = {"rule": "order_not_taken", "store": "MSK-07", "account": "sm-demo", "hours": [22, 6],
         "warn": 15, "critical": 30, "clear": 10, "least": 2, "for": 60}  # fmt: skip


async def say(hub, *thresholds, unsaid=False):
    whole = demo.description(CREDENTIALS) | ({} if unsaid else {"thresholds": thresholds})
    what = setup.read(json.dumps(whole).encode())
    async with hub.pools.picking.acquire() as conn:
        await setup.set_up(conn, SEAL, ADAPTERS, what)


async def known(hub):
    async with hub.pools.picking.acquire() as conn:
        return await rules.thresholds(conn)


async def refused(hub, *thresholds):
    with pytest.raises(SettingsInvalid) as error:
        await say(hub, *thresholds)
    return str(error.value)


async def test_a_threshold_is_as_it_was_said_however_often(hub):
    for _ in range(2):
        await say(hub, NIGHT, {"rule": "help_wanted", "off": True})
        night, quiet = await known(hub)
        async with hub.pools.picking.acquire() as conn:
            store = await conn.fetchval("SELECT id FROM store WHERE code = 'MSK-07'")
        assert (night.rule, night.store_id, night.hours) == ("order_not_taken", store, (22, 6))
        assert night.account_id is not None
        assert night.limits == {"warn": 15, "critical": 30, "clear": 10, "least": 2, "hold": 60}
        assert (quiet.rule, quiet.store_id, quiet.limits) == ("help_wanted", None, {"off": True})


async def test_the_list_is_whole_and_unsaid_it_stays(hub):
    await say(hub, NIGHT)
    await say(hub, unsaid=True)
    assert len(await known(hub)) == 1
    await say(hub)
    assert await known(hub) == []


async def test_one_merchants_list_leaves_anothers_alone(hub):
    async with hub.pools.picking.acquire() as conn:
        await conn.execute(
            "WITH other AS (INSERT INTO merchant (id, name)"
            " VALUES (gen_random_uuid(), 'Вторая') RETURNING id)"
            " INSERT INTO rule_threshold (id, rule, merchant_id, warn)"
            " SELECT gen_random_uuid(), 'order_late', id, 5 FROM other"
        )
    await say(hub, NIGHT)
    await say(hub)
    (left,) = await known(hub)
    assert left.rule == "order_late"


async def test_every_mistake_is_named_and_nothing_is_written(hub):
    await say(hub, NIGHT)
    said = await refused(
        hub,
        NIGHT | {"rule": "order_lost"},
        NIGHT | {"store": "XXX-1", "account": "nobody"},
        {"rule": "notifications_failing", "store": "MSK-07", "warn": 10},
    )
    assert said.splitlines() == [
        "threshold order_lost MSK-07 sm-demo 22-6: no such rule",
        "threshold order_not_taken XXX-1 nobody 22-6: no store 'XXX-1'",
        "threshold order_not_taken XXX-1 nobody 22-6: no account 'nobody'",
        "threshold notifications_failing MSK-07: the rule is about accounts, of all stores",
    ]
    assert len(await known(hub)) == 1


async def test_limits_that_make_no_sense_are_named_with_their_place(hub):
    assert await refused(hub, {"rule": "order_not_taken", "warn": 15}) == (
        "threshold order_not_taken: warn 15 is worse than critical 10"
    )
    assert await refused(hub, NIGHT | {"clear": 20}) in {
        f"threshold order_not_taken MSK-07 sm-demo at {hour}:00: clear 20 is on the bad side of 15"
        for hour in (6, 22)
    }
    assert await refused(hub, {"rule": "store_paused", "critical": 90}) == (
        "threshold store_paused: warn 60 is worse than critical 90"
    )


async def test_the_same_twice_and_hours_over_others_are_named(hub):
    assert "in the same hours as order_not_taken MSK-07 sm-demo 22-6" in await refused(
        hub, NIGHT, NIGHT | {"hours": [5, 9]}
    )
    twice = {"rule": "help_wanted", "critical": 30}
    assert "help_wanted: in the same hours as help_wanted" in await refused(hub, twice, twice)
    await say(hub, NIGHT, NIGHT | {"hours": [6, 22]}, {"rule": "order_not_taken", "warn": 6})


@pytest.mark.parametrize(
    "changed",
    [{"hours": [24, 3]}, {"hours": [3, 3]}, {"hours": [3]}, {"warn": -1}, {"warn": "5"},
     {"warn": True}, {"critical": 1e12}, {"least": 1.5}, {"for": -1}, {"colour": 1}, {"rule": ""}],
)  # fmt: skip
def test_what_is_no_threshold_is_refused_with_its_place(changed):
    whole = demo.description(CREDENTIALS) | {"thresholds": [NIGHT | changed]}
    with pytest.raises(SettingsInvalid, match=r"\$.thresholds\[0\]"):
        setup.read(json.dumps(whole).encode())


def test_a_threshold_that_says_nothing_is_refused():
    whole = demo.description(CREDENTIALS) | {"thresholds": [{"rule": "help_wanted"}]}
    with pytest.raises(SettingsInvalid, match="says nothing"):
        setup.read(json.dumps(whole).encode())
