"""Shares of the day so far: from midnight on the store's own clock, from so many cases on."""

import pytest

from app.actions.count import count
from tests.factories import BANANAS, BREAD, Handheld, settle
from tests.monitoring.mass import HOME, OTHER, finished, midday
from tests.monitoring.sight import ON, levels, seen
from tests.stories import place

W, C = "warning", "critical"
#: What a store's day came to, and how bad that is.
DAYS = [
    ("found_low", {"lines": 49, "found": 0}, None),
    ("found_low", {"lines": 100, "found": 84}, C),
    ("found_low", {"lines": 100, "found": 85}, W),
    ("found_low", {"lines": 1000, "found": 929}, W),
    ("found_low", {"lines": 100, "found": 93}, ON),
    ("found_low", {"lines": 100, "found": 94}, None),
    ("fill_low", {"lines": 49, "found": 0}, None),
    ("fill_low", {"lines": 100, "found": 80, "replaced": 7}, C),
    ("fill_low", {"lines": 100, "found": 80, "replaced": 8}, W),
    ("fill_low", {"lines": 100, "found": 90, "replaced": 4, "short": 6}, W),
    ("fill_low", {"lines": 100, "found": 90, "replaced": 5}, ON),
    ("fill_low", {"lines": 100, "found": 90, "replaced": 6}, None),
    ("replacements_high", {"lines": 49, "replaced": 49}, None),
    ("replacements_high", {"lines": 100, "replaced": 6}, None),
    ("replacements_high", {"lines": 1000, "replaced": 79}, ON),
    ("replacements_high", {"lines": 100, "replaced": 8}, W),
    ("replacements_high", {"lines": 100, "replaced": 15}, C),
    ("approvals_low", {"orders": 9, "proposed": 19, "approved": 0}, None),
    ("approvals_low", {"orders": 9, "proposed": 100, "approved": 49}, C),
    ("approvals_low", {"orders": 9, "proposed": 100, "approved": 69}, W),
    ("approvals_low", {"orders": 9, "proposed": 100, "approved": 70}, ON),
    ("approvals_low", {"orders": 9, "proposed": 100, "approved": 73}, None),
    ("drops_high", {"lines": 49, "dropped": 49}, None),
    ("drops_high", {"lines": 1000, "dropped": 39}, None),
    ("drops_high", {"lines": 1000, "dropped": 49}, ON),
    ("drops_high", {"lines": 100, "dropped": 5}, W),
    ("drops_high", {"lines": 100, "dropped": 10}, C),
    ("cancels_by_store", {"orders": 19, "cancelled_by_store": 19}, None),
    ("cancels_by_store", {"orders": 20, "cancelled_by_store": 1}, None),
    ("cancels_by_store", {"orders": 200, "cancelled_by_store": 2}, None),
    ("cancels_by_store", {"orders": 200, "cancelled_by_store": 3}, ON),
    ("cancels_by_store", {"orders": 100, "cancelled_by_store": 2}, W),
    ("cancels_by_store", {"orders": 100, "cancelled_by_store": 5}, C),
]
RULES = sorted({rule for rule, _, _ in DAYS})


async def hour(scene, store=HOME, hours_ago=0, **numbers):
    """One hour of a store: its only marketplace's."""
    columns = {"lines": 0, "orders": 0, **numbers}
    names, values = ", ".join(columns), ", ".join(str(value) for value in columns.values())
    await scene.sql(
        f"""INSERT INTO store_hour (store_id, account_id, hour, {names})
            SELECT store.id, account.id,
                   date_trunc('hour', $1::timestamptz - interval '1 hour' * $3::integer), {values}
              FROM store, account WHERE store.code = $2 AND account.code = 'sm-demo'""",
        scene.now, store, hours_ago,
    )  # fmt: skip


@pytest.mark.parametrize("rule", RULES)
async def test_a_share_of_the_day_speaks_from_its_limit_on(scene, rule):
    await midday(scene)
    for numbers, level in ((numbers, level) for name, numbers, level in DAYS if name == rule):
        await scene.sql("DELETE FROM store_hour")
        await hour(scene, **numbers)
        told = await levels(scene, rule)
        assert (numbers, told) == (numbers, {HOME: level} if level else {})


#: The worst day there can be, for every rule.
BAD = {"orders": 60, "lines": 60, "dropped": 20, "replaced": 20, "proposed": 30,
       "cancelled_by_store": 9}  # fmt: skip


async def test_the_day_of_one_store_says_nothing_of_another(scene):
    await midday(scene)
    await hour(scene, **BAD)
    await hour(scene, store=OTHER, orders=500, lines=500, found=500, proposed=50, approved=50)
    for rule in RULES:
        assert list(await levels(scene, rule)) == [HOME]


async def test_hours_and_marketplaces_of_one_store_add_up(scene):
    await midday(scene)
    for ago in range(5):
        await hour(scene, hours_ago=ago, lines=12, found=10, orders=1)
    told = (await seen(scene, "found_low"))[HOME]
    assert (told["cases"], told["found"], told["value"]) == (60, 50, 83.3)


async def test_a_day_begins_at_midnight_where_the_store_is(scene):
    """In Vladivostok it is a new day when Moscow has not had its evening."""
    await scene.sql("UPDATE store SET timezone = 'Asia/Vladivostok' WHERE code = $1", HOME)
    await scene.sql("UPDATE store SET timezone = 'Europe/Moscow' WHERE code = $1", OTHER)
    scene.now = scene.now.replace(hour=14, minute=30)  # 00:30 in Vladivostok, 17:30 in Moscow
    for store in (HOME, OTHER):
        await hour(scene, store, hours_ago=1, **BAD)
    for rule in RULES:
        assert list(await levels(scene, rule)) == [OTHER]
    scene.later(hours=7)  # 00:30 in Moscow
    for rule in RULES:
        assert await levels(scene, rule) == {}


async def test_hours_that_have_not_come_yet_are_not_counted(scene):
    await midday(scene)
    await hour(scene, hours_ago=-2, **BAD)
    for rule in RULES:
        assert await levels(scene, rule) == {}


async def test_what_was_not_found_most_and_why_is_said(scene):
    await midday(scene)
    good = ["picked"] * 10
    await finished(scene, 4, [*good, "dropped:expired", "dropped:removed_by_customer"])
    await finished(scene, 1, [*good, "dropped:out_of_stock"])
    await finished(scene, 20, ["dropped:damaged"], store=OTHER)
    await finished(scene, 5, ["dropped:damaged"], received_at=1600, picked_at=1500)  # yesterday
    await count(scene.hub)
    told = (await seen(scene, "drops_high"))[HOME]
    assert (told["why"], told["goods"], told["cases"], told["dropped"]) == (
        "expired", "Хлеб ×5", 55, 5
    )  # fmt: skip
    assert (told["value"], told["level"]) == (9.1, W)


async def test_lines_a_picker_really_did_not_find_are_counted(scene):
    await midday(scene)
    await finished(scene, 7, [*["picked"] * 6, "short"])
    await place(scene.api, scene.hub, "H1", BREAD, BANANAS)
    handheld = await Handheld(scene.api).sign_in()
    await handheld.next()
    await handheld.do("start")
    await handheld.do("drop", line="300901", reason="out_of_stock")
    await handheld.do("weigh", line="200101", grams=1000)
    await handheld.do("complete")
    await settle(scene.hub)
    scene.catch_up()
    scene.later(seconds=5)
    await count(scene.hub)
    (told,) = (await seen(scene, "fill_low")).values()
    assert (told["cases"], told["dropped"], told["value"]) == (51, 1, 84.3)
