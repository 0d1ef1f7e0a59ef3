"""Webhooks that come again: measured by the full hour, once both sides of it were counted."""

from datetime import timedelta

from app.actions.count import count
from tests.factories import placed
from tests.monitoring.sight import ON, levels, seen
from tests.monitoring.ways.repeats import an_hour
from tests.stories import hook

HOURS = [
    (60, 0, None),  # less than a hundred
    (1200, 1150, None),
    (1200, 1140, ON),
    (1200, 1081, ON),
    (1200, 1080, "warning"),
    (1200, 0, "warning"),
    (1200, 1300, None),  # a worker that died took some of what it had counted along
]


async def test_repeats_are_a_trouble_from_a_tenth_of_all_answers_on(scene):
    for answered, stored, level in HOURS:
        await an_hour(scene, answered, stored)
        told = await levels(scene, "news_repeated")
        assert (answered, stored, told) == (answered, stored, {"sm-demo": level} if level else {})


async def test_an_hour_whose_deliveries_were_not_counted_says_nothing(scene):
    await an_hour(scene, answered=1200, stored=100)
    hour = scene.now.replace(minute=0, second=0, microsecond=0)
    await scene.sql("UPDATE fact_mark SET until = $1", hour - timedelta(seconds=1))
    assert await seen(scene, "news_repeated") == {}
    await scene.sql("UPDATE fact_mark SET until = $1", hour)
    assert await levels(scene, "news_repeated") == {"sm-demo": "warning"}


async def test_a_webhook_that_came_twice_is_counted_once(scene):
    """The one half of the measure for real: what the other half counts is an answer each."""
    body = placed("H1")
    answers = [await hook(scene.api, body) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 200]
    await count(scene.hub)
    (row,) = await scene.sql("SELECT sum(deliveries) AS deliveries FROM account_hour")
    assert row["deliveries"] == 1
