"""Ways to incidents about single orders."""

from tests.factories import Handheld
from tests.stories import place


async def order_not_taken(scene):
    await place(scene.api, scene.hub, "H1")
    scene.later(minutes=11)
    yield
    await (await Handheld(scene.api).sign_in()).next()
    await scene.sql("UPDATE pick_job SET lease_until = $1", scene.now.replace(year=2099))
