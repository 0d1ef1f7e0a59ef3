"""Ways to incidents about single orders."""

from datetime import UTC, datetime, timedelta

from app.errors import RemoteUnavailable
from tests.factories import BANANAS, BREAD, Handheld, iso, news, settle
from tests.stories import hook, make_ready, place

#: What is not accepted in time is not accepted because the marketplace does not hear of it.
ALONG = {"acceptance_late": {"outbound_lag"}}
#: A message that is not sent in a minute is late itself.
ALONG = {"acceptance_late": {"outbound_lag"}}
TEA = "100301"
#: Everything a picker holds stays in its hands, however far the clock of monitoring is moved.
HELD = "UPDATE pick_job SET lease_until = '2099-01-01'"


def ahead(**some):
    """When an order is to be ready."""
    return iso(datetime.now(UTC) + timedelta(**some))


async def taken(scene, order_id="H1", *positions, start=True, **fields):
    """An order in a picker's hands."""
    await place(scene.api, scene.hub, order_id, *positions, **fields)
    handheld = await Handheld(scene.api).sign_in()
    await handheld.next()
    if start:
        await handheld.do("start")
        await settle(scene.hub)
    return handheld


async def order_not_taken(scene):
    await place(scene.api, scene.hub, "H1")
    scene.later(minutes=11)
    yield
    await (await Handheld(scene.api).sign_in()).next()
    await scene.sql(HELD)


async def order_late(scene):
    handheld = await taken(scene, "H1", BREAD, completeBefore=ahead(minutes=30))
    await handheld.do("pick", line="300901", quantity=3)
    scene.later(minutes=31)
    await scene.sql(HELD)
    await scene.sql("UPDATE orders SET changed_at = $1", scene.now)
    yield
    await handheld.do("complete")
    await handheld.do("ready", bags=1)


async def help_wanted(scene):
    await (await Handheld(scene.api).sign_in()).post(
        "/picker/v1/problems", {"text": "Сканер не видит"}
    )
    yield
    boss = await Handheld(scene.api).sign_in("1009", "583026")
    (call,) = (await boss.get("/picker/v1/problems")).json()["problems"]
    await boss.post(f"/picker/v1/problems/{call['id']}/close")


async def acceptance_late(scene):
    await scene.sql(
        """UPDATE account SET rules = '{"accept_minutes": 3}',
           settings = settings || '{"notify": ["accepted"]}'"""
    )
    scene.hub.marketplaces["kuper"].fails = [RemoteUnavailable("no connection")]
    await place(scene.api, scene.hub, "H1")
    scene.later(seconds=140)
    yield
    await scene.sql("UPDATE outbox SET due_at = now()")
    await settle(scene.hub)


async def order_at_risk(scene):
    goods = [{**BREAD, "id": str(300000 + n)} for n in range(40)]
    handheld = await taken(scene, "H1", *goods, completeBefore=ahead(minutes=18))
    yield
    for line in handheld.order["lines"][:30]:
        await handheld.do("pick", line=line["sku"], quantity=3)


async def order_stuck(scene):
    handheld = await taken(scene)
    await handheld.do("release", reason="break")
    scene.later(minutes=16)
    yield
    await handheld.next()
    await scene.sql(HELD)


async def order_astray(scene):
    await place(scene.api, scene.hub, "H1", BREAD, BANANAS)
    await make_ready(scene.api, scene.hub)
    await hook(scene.api, news("order.received", "H1"))
    await settle(scene.hub)
    scene.later(hours=3, minutes=1)
    yield
    await hook(scene.api, news("order.delivered", "H1"))
    await settle(scene.hub)


async def approval_waiting(scene):
    handheld = await taken(scene, "H1", BREAD, BANANAS, replacementPolicy="replace")
    asked = {"items": [{"sku": TEA, "quantity": 3}], "reason": "not_found"}
    await handheld.do("replace", line="300901", **asked)
    scene.later(minutes=4, seconds=10)
    yield
    await handheld.do("decide", line="300901", approved=True)


async def device_silent(scene):
    handheld = await taken(scene)
    scene.later(minutes=11)
    yield
    await handheld.do("weigh", line="200101", grams=1000)
    await scene.sql(HELD)


async def store_paused(scene):
    await place(scene.api, scene.hub, "H1", completeBefore=ahead(minutes=55))
    await scene.sql("UPDATE store SET paused = true")
    yield
    await scene.sql("UPDATE store SET paused = false")
