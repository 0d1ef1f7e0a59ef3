"""How long events are kept, and what of them is trouble."""

import pytest

from app.db import integrators, rules
from app.db.prune import prune
from app.domain.rule import level_of, limits_of
from tests.factories import news
from tests.marketplaces.far import far, says

KEPT = "SELECT count(*) FROM "
TABLES = ("event_outbox", "integrator_event", "integrator_delivery", "integrator_attempt")
RULES = ("integrator_failing", "integrator_missed", "integrator_paused", "queue_old")


async def levels(ears, **later):
    """How bad it is by each rule, so much later."""
    found = {}
    at = await ears.value("SELECT now() + make_interval(mins => $1)", later.get("minutes", 0))
    for name in RULES:
        rule = ears.hub.rules[name]
        for one in await ears.act(rules.look, rule, at, ()):
            found[name] = level_of(rule, limits_of(rule, one, ()), one)
    return {name: str(level) for name, level in found.items() if level is not None}


async def test_events_are_forgotten_after_a_month_with_all_that_was_noted_of_them(ears):
    async with far(says(200)) as side:
        await ears.subscribe(side.url)
        await ears.place("H1")
        await ears.place("H2")
        await ears.carry()
        await ears.act(prune)
        assert [await ears.value(KEPT + table) for table in TABLES] == [4, 4, 4, 4]
        await ears.sql(
            "UPDATE integrator_event SET occurred_at = now() - interval '31 days'"
            " WHERE order_id = (SELECT id FROM orders WHERE number = 'H1')"
        )
        assert (await ears.act(prune))["events"] == 2
        assert [await ears.value(KEPT + table) for table in TABLES] == [2, 2, 2, 2]
        assert (await ears.act(prune))["events"] == 0


@pytest.mark.parametrize(
    ("minutes", "level"), [(59, None), (61, "warning"), (1439, "warning"), (1441, "critical")]
)
async def test_an_event_is_late_after_an_hour(ears, minutes, level):
    async with far(says(500)) as side:
        await ears.subscribe(side.url)
        await ears.place()
        await ears.carry()
        found = await levels(ears, minutes=minutes)
    assert found == ({"integrator_failing": level} if level else {})


async def test_one_that_a_person_paused_is_paused_on_purpose(ears):
    await ears.subscribe("http://127.0.0.1:1")
    await ears.place()
    await ears.act(integrators.pause, "shop")
    assert await levels(ears, minutes=3000) == {}


async def test_one_that_wants_no_more_is_trouble_at_once_until_somebody_says_otherwise(ears):
    async with far(says(410)) as side:
        await ears.subscribe(side.url)
        await ears.place()
        await ears.carry()
        assert await levels(ears) == {"integrator_paused": "warning"}
        assert await levels(ears, minutes=1441) == {"integrator_paused": "critical"}
        assert await ears.act(integrators.pause, "shop"), "a person knows: it stays as it was"
        assert (await ears.subscription())["pause_reason"] == "gone"
        await ears.act(integrators.remove, "shop")
    assert await levels(ears, minutes=3000) == {}


async def test_events_that_nobody_carries_are_a_queue_that_stands(ears):
    await ears.subscribe("http://127.0.0.1:1")
    await ears.place()
    await ears.hook(news("order.canceled"))
    await ears.work()
    assert (await levels(ears, minutes=3))["queue_old"] == "warning"
